"""The life of a claim: drafted, revised, given documents, submitted, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from sankul.core.actions import documents, events
from sankul.core.rules.roles import Actor, Scope, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.outcomes.models import Attachment, Claim, NilReturn
from sankul.programme.outcomes.rules import (
    ClaimStatus,
    permission_to_record,
    why_not_attach,
    why_not_kind,
    why_not_quantity,
    why_not_revise,
    why_not_submit,
    why_not_withdraw,
)
from sankul.programme.registry.models import Cluster

from . import credit
from .credit import Partner, Shared


@transaction.atomic
def draft(
    *,
    actor: Actor,
    cluster: Cluster,
    kind: str,
    reference: str,
    title: str,
    on: date,
    quantity: Decimal,
    partners: Sequence[Partner],
    detail: str = "",
    at: datetime,
) -> Claim:
    """Record a result as a draft of ``cluster``, crediting ``partners``.

    The cluster's own ``reference`` makes it safe to send twice: the same content gives the same claim, other content is
    refused. Raises Refused for an unknown kind, a quantity that its unit does not allow, or partners that cannot be credited.
    """
    require(actor, permission_to_record(kind), *cluster.scopes)
    claim = Claim(
        programme_id=cluster.programme_id,
        cluster=cluster,
        kind=kind,
        reference=reference.strip(),
        title=title.strip(),
        detail=detail.strip(),
        on=on,
        quantity=quantity,
        recorded_at=at,
        recorded_by=actor.user,
    )
    credited = _checked(claim, partners)
    earlier = _saved_or_earlier(claim)
    if earlier is not None:
        return _same(earlier, claim, credited)
    credit.write(claim, credited)
    _record(actor, "claim.drafted", claim, at, kind=kind, reference=claim.reference)
    return claim


@transaction.atomic
def revise(
    *,
    actor: Actor,
    claim: Claim,
    title: str,
    on: date,
    quantity: Decimal,
    partners: Sequence[Partner],
    detail: str = "",
    at: datetime,
) -> Claim:
    """Change a draft: everything but its cluster, kind and reference. Raises Refused as ``draft`` does."""
    claim = _locked(actor, claim)
    why_not_revise(claim.status).enforce()
    claim.title, claim.detail = title.strip(), detail.strip()
    claim.on, claim.quantity = on, quantity
    credited = _checked(claim, partners)
    claim.save(update_fields=["title", "detail", "on", "quantity"])
    credit.write(claim, credited)
    _record(actor, "claim.revised", claim, at, on=on, quantity=quantity)
    return claim


@transaction.atomic
def attach(
    *, actor: Actor, claim: Claim, file: IO[bytes], name: str, proves: str = "", at: datetime
) -> Attachment:
    """Keep a document and put it behind a claim, saying what it proves; the same document twice is one.

    Raises Refused for a withdrawn claim, and for a file that is not kept (``core.actions.documents.keep``).
    """
    claim = _locked(actor, claim)
    why_not_attach(claim.status).enforce()
    document = documents.keep(actor=actor, file=file, name=name, at=at)
    attachment, made = Attachment.objects.get_or_create(
        claim=claim, document=document, defaults={"proves": proves.strip()[:250]}
    )
    if made:
        _record(actor, "claim.document_attached", claim, at, document=document.sha256)
    return attachment


@transaction.atomic
def detach(*, actor: Actor, attachment: Attachment, at: datetime) -> None:
    """Take a document from a draft; the document itself is kept. Raises Refused once the claim is submitted."""
    claim = _locked(actor, attachment.claim)
    why_not_revise(claim.status).enforce()
    attachment.delete()
    _record(actor, "claim.document_detached", claim, at, document=attachment.document_id)


@transaction.atomic
def submit(*, actor: Actor, claim: Claim, at: datetime) -> Claim:
    """Let a draft stand. It counts as soon as a document supports it.

    Raises Refused for a date in the future or before the programme, for a claim that is no draft, and where one of the
    credited clusters has declared that it had nothing of this kind in the period.
    """
    claim = _locked(actor, claim)
    why_not_submit(
        status=claim.status,
        on=claim.on,
        programme_starts_on=claim.programme.starts_on,
        today=timezone.localdate(at),
    ).enforce()
    _check_nil(claim)
    claim.status, claim.submitted_at = ClaimStatus.SUBMITTED, at
    claim.save(update_fields=["status", "submitted_at"])
    _record(actor, "claim.submitted", claim, at)
    return claim


@transaction.atomic
def withdraw(*, actor: Actor, claim: Claim, at: datetime) -> Claim:
    """Take a claim back for good: it stays on record and counts no more. Raises Refused if it is withdrawn already."""
    claim = _locked(actor, claim)
    why_not_withdraw(claim.status).enforce()
    claim.status = ClaimStatus.WITHDRAWN
    claim.save(update_fields=["status"])
    _record(actor, "claim.withdrawn", claim, at)
    return claim


def _checked(claim: Claim, partners: Sequence[Partner]) -> list[Shared]:
    why_not_kind(claim.kind).enforce()
    if not 0 < len(claim.reference) <= 80:
        raise Refused(_t("Give your own reference, at most 80 characters."))
    if not 0 < len(claim.title) <= 250:
        raise Refused(_t("Give a title of at most 250 characters."))
    why_not_quantity(claim.kind_of, claim.quantity).enforce()
    return credit.shared(cluster=claim.cluster, on=claim.on, partners=partners)


def _saved_or_earlier(claim: Claim) -> Claim | None:
    """None once saved; else the claim that has the reference already."""
    try:
        with transaction.atomic():
            claim.save(force_insert=True)
    except IntegrityError:
        return Claim.objects.get(cluster=claim.cluster, reference=claim.reference)
    return None


def _same(earlier: Claim, claim: Claim, credited: Sequence[Shared]) -> Claim:
    facts = ("kind", "title", "detail", "on", "quantity")
    partners = set(earlier.credits.values_list("cluster", "organisation", "role", "share"))
    asked = {(one.cluster.pk, one.organisation.pk, str(one.role), one.share) for one in credited}
    if partners == asked and all(getattr(earlier, it) == getattr(claim, it) for it in facts):
        return earlier
    raise Refused(
        _t("The reference %(reference)s stands for another claim already: “%(title)s”.")
        % {"reference": earlier.reference, "title": earlier.title}
    )


def _locked(actor: Actor, claim: Claim) -> Claim:
    """The claim as it is now, held until the commit, once the actor may change it."""
    require(actor, permission_to_record(claim.kind), *claim.scopes)
    rows = Claim.objects.select_related("programme", "cluster")
    return rows.select_for_update(of=("self",)).get(pk=claim.pk)


def _check_nil(claim: Claim) -> None:
    credited = claim.credits.values("cluster")
    held = Cluster.objects.filter(pk__in=credited).order_by("pk")
    list(held.select_for_update(no_key=True))  # a nil return declared at this moment waits
    nil = NilReturn.objects.filter(
        cluster__in=credited,
        kind=claim.kind,
        period__starts_on__lte=claim.on,
        period__ends_on__gte=claim.on,
    )
    if found := nil.select_related("cluster", "period").first():
        raise Refused(
            _t(
                "%(cluster)s has declared that it had nothing of this kind in %(period)s. Retract that first."
            )
            % {"cluster": found.cluster, "period": found.period}
        )


def _record(actor: Actor, verb: str, claim: Claim, at: datetime, **data: Any) -> None:
    clusters: set[int] = set(claim.credits.values_list("cluster", flat=True))
    kind = claim.scopes[0].kind
    scopes = {*claim.scopes, *(Scope(kind, pk) for pk in clusters)}
    events.record(actor=actor, verb=verb, subject=claim, at=at, scopes=scopes, data=data)
