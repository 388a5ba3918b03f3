"""Declaring that there was nothing: then zero is a fact, and not a gap."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.outcomes.models import Credit, NilReturn
from sankul.programme.outcomes.rules import DECLARE_NIL, why_not_kind, why_not_nil
from sankul.programme.registry.models import Cluster, Period


@transaction.atomic
def declare(
    *, actor: Actor, cluster: Cluster, period: Period, kind: str, at: datetime
) -> NilReturn:
    """Declare that a cluster had nothing of a kind in a period.

    Raises Refused when the period is not over, when submitted claims credit the cluster with this kind, when others record the
    kind, and when it is declared already.
    """
    require(actor, DECLARE_NIL, *cluster.scopes)
    why_not_kind(kind).enforce()
    if period.programme_id != cluster.programme_id:
        raise Refused(_t("The period belongs to another programme."))
    Cluster.objects.select_for_update(no_key=True).get(pk=cluster.pk)  # no claim slips in meanwhile
    why_not_nil(
        kind=kind,
        ends_on=period.ends_on,
        today=timezone.localdate(at),
        claims=_claims(cluster, period, kind),
    ).enforce()
    nil = NilReturn(
        cluster=cluster, period=period, kind=kind, declared_at=at, declared_by=actor.user
    )
    try:
        with transaction.atomic():
            nil.save()
    except IntegrityError:
        raise Refused(_t("That is declared already.")) from None
    _record(actor, "nil_return.declared", nil, at)
    return nil


@transaction.atomic
def retract(*, actor: Actor, nil_return: NilReturn, at: datetime) -> None:
    """Take a declaration of nothing back, so that claims of the kind can be submitted."""
    require(actor, DECLARE_NIL, *nil_return.cluster.scopes)
    if not NilReturn.objects.filter(pk=nil_return.pk).exists():
        raise Refused(_t("That is retracted already."))
    _record(actor, "nil_return.retracted", nil_return, at)
    nil_return.delete()


def _claims(cluster: Cluster, period: Period, kind: str) -> int:
    standing = Credit.objects.filter(
        cluster=cluster, kind=kind, on__range=(period.starts_on, period.ends_on), stands=True
    )
    return standing.values("claim").distinct().count()


def _record(actor: Actor, verb: str, nil: NilReturn, at: datetime) -> None:
    events.record(
        actor=actor,
        verb=verb,
        subject=nil,
        at=at,
        scopes=nil.cluster.scopes,
        data={"cluster": nil.cluster_id, "period": nil.period_id, "kind": nil.kind},
    )
