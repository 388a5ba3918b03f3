"""Crediting the partners of a result: by declared role, in shares that never exceed one together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import Refused
from sankul.programme.outcomes.models import Claim, Credit
from sankul.programme.outcomes.rules import CreditRole, default_shares, why_not_shares
from sankul.programme.registry.models import Cluster, Membership, Organisation


class Partner(NamedTuple):
    """One partner of a result: for which cluster, which organisation, in which role, with which share (None: by role)."""

    cluster: Cluster
    organisation: Organisation
    role: CreditRole
    share: Decimal | None = None


class Shared(NamedTuple):
    """A partner with the share that it gets."""

    cluster: Cluster
    organisation: Organisation
    role: CreditRole
    share: Decimal


def shared(*, cluster: Cluster, on: date, partners: Sequence[Partner]) -> list[Shared]:
    """The partners of a result of ``cluster`` with their shares. Raises Refused when they cannot be credited.

    Each partner once; the claiming cluster is one of the credited; all clusters belong to one programme; shares are given for
    all or for none. Whoever led must be a member of the credited cluster on that day; a partner from outside (a city body, a
    laboratory abroad, a visiting institution) may have contributed or enabled.
    """
    shares = _shares(partners)
    why_not_shares(shares).enforce()
    _check_clusters(cluster, partners)
    _check_leaders(on, partners)
    return [
        Shared(partner.cluster, partner.organisation, CreditRole(partner.role), share)
        for partner, share in zip(partners, shares, strict=True)
    ]


def write(claim: Claim, credited: Sequence[Shared]) -> None:
    """Credit these partners, and no others, with a claim. Raises Refused where the database finds more than one in all."""
    claim.credits.all().delete()
    try:
        with transaction.atomic():
            Credit.objects.bulk_create(Credit(claim=claim, **one._asdict()) for one in credited)
    except IntegrityError as error:
        if "shares of claim" in str(error):
            raise Refused(_t("The shares of one result add up to more than 1.")) from None
        raise


def _shares(partners: Sequence[Partner]) -> list[Decimal]:
    given = [partner.share for partner in partners if partner.share is not None]
    if not given and partners:
        return default_shares([CreditRole(partner.role) for partner in partners])
    if len(given) < len(partners):
        raise Refused(_t("Give the share of every partner, or leave all empty to share by role."))
    return given


def _check_clusters(cluster: Cluster, partners: Sequence[Partner]) -> None:
    if len({(one.cluster.pk, one.organisation.pk) for one in partners}) < len(partners):
        raise Refused(_t("A partner stands here twice. Credit each once for a cluster."))
    if cluster.pk not in {one.cluster.pk for one in partners}:
        raise Refused(_t("Credit at least one partner of %s, which makes the claim.") % cluster)
    for one in partners:
        if one.cluster.programme_id != cluster.programme_id:
            raise Refused(_t("%s belongs to another programme.") % one.cluster)


def _check_leaders(on: date, partners: Sequence[Partner]) -> None:
    leaders = [one for one in partners if one.role == CreditRole.LED]
    pairs = (Q(cluster=one.cluster, organisation=one.organisation) for one in leaders)
    wanted = Q(*pairs, _connector=Q.OR) if leaders else Q(pk__in=[])
    found = Membership.objects.on(on).filter(wanted)
    members = set(found.values_list("cluster_id", "organisation_id"))
    for one in leaders:
        if (one.cluster.pk, one.organisation.pk) not in members:
            raise Refused(
                _t(
                    "%(organisation)s was no member of %(cluster)s on that day, so it cannot have led for it."
                )
                % {"organisation": one.organisation, "cluster": one.cluster}
            )
