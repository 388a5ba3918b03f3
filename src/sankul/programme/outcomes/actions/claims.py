"""The life of a claim: drafted, revised, submitted, withdrawn, amended; evidence and judgements have rooms of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.outcomes.models import Claim, NilReturn
from sankul.programme.outcomes.queries.holds import why_not_touched
from sankul.programme.outcomes.rules import (
    ClaimStatus,
    FactType,
    Kind,
    Problem,
    WrongFacts,
    checked,
    permission_to_record,
    wanting,
    why_not_amend,
    why_not_kind,
    why_not_project,
    why_not_quantity,
    why_not_rest,
    why_not_revise,
    why_not_submit,
    why_not_withdraw,
)
from sankul.programme.portfolio.models import Deployment, Project
from sankul.programme.registry.models import Cluster, Organisation

from . import credit
from .credit import Partner, Shared
from .desk import held, record
from .evidence import attach, attach_link, detach
from .judging import give_back, judge, lock

__all__ = [
    "amend", "attach", "attach_link", "detach", "draft", "give_back", "judge", "lock", "revise", "submit", "withdraw",
]  # fmt: skip
CONTENT = ("title", "detail", "on", "quantity", "facts", "rests_on", "project", "deployment")
LINKS = ("rests_on", "project", "deployment")
NOTHING: Mapping[str, Any] = {}


@transaction.atomic
def draft(
    *,
    actor: Actor,
    cluster: Cluster,
    kind: str,
    reference: str,
    title: str,
    on: date,
    quantity: Decimal | None = None,
    partners: Sequence[Partner] = (),
    detail: str = "",
    facts: Mapping[str, Any] = NOTHING,
    rests_on: Claim | None = None,
    project: Project | None = None,
    deployment: Deployment | None = None,
    at: datetime,
) -> Claim:
    """Record a result as a draft of ``cluster``, crediting ``partners``; quantity, partners and facts can wait.

    The cluster's own ``reference`` makes it safe to send twice: the same content gives the same claim, other content is
    refused. Raises Refused for an unknown kind, a quantity that its unit does not allow, partners that cannot be credited, and a
    claim that this one cannot rest on; WrongFacts with every fact that is not of its type.
    """
    require(actor, permission_to_record(kind), *cluster.scopes)
    why_not_kind(kind).enforce()
    claim = Claim(
        programme_id=cluster.programme_id,
        cluster=cluster,
        kind=kind,
        reference=reference.strip(),
        title=title.strip(),
        detail=detail.strip(),
        on=on,
        quantity=quantity,
        rests_on=rests_on,
        project=project,
        deployment=deployment,
        recorded_at=at,
        recorded_by=actor.user,
    )
    credited = _checked(claim, partners, facts)
    earlier = _saved_or_earlier(claim)
    if earlier is not None:
        return _same(earlier, claim, credited)
    credit.write(claim, credited)
    record(actor, "claim.drafted", claim, at, kind=kind, reference=claim.reference)
    return claim


@transaction.atomic
def revise(
    *,
    actor: Actor,
    claim: Claim,
    title: str,
    on: date,
    quantity: Decimal | None = None,
    partners: Sequence[Partner] = (),
    detail: str = "",
    facts: Mapping[str, Any] = NOTHING,
    rests_on: Claim | None = None,
    project: Project | None = None,
    deployment: Deployment | None = None,
    at: datetime,
) -> Claim:
    """Change a draft: everything but its cluster, kind and reference. Raises Refused as ``draft`` does."""
    claim = held(actor, claim)
    why_not_revise(claim.status).enforce()
    claim.title, claim.detail = title.strip(), detail.strip()
    claim.on, claim.quantity, claim.rests_on = on, quantity, rests_on
    claim.project, claim.deployment = project, deployment
    credited = _checked(claim, partners, facts)
    claim.save(update_fields=CONTENT)
    credit.write(claim, credited)
    record(actor, "claim.revised", claim, at, on=on, quantity=quantity)
    return claim


@transaction.atomic
def submit(*, actor: Actor, claim: Claim, at: datetime) -> Claim:
    """Let a draft stand. It counts as soon as evidence supports it.

    Raises Refused for a date in the future or before the programme, for a claim that is no draft or lacks what its kind asks for,
    where one of the credited clusters has declared that it had nothing of this kind in the period, and where the claims of the
    period are locked.
    """
    claim = held(actor, claim)
    still = wanting(
        claim.kind_of,
        quantity=claim.quantity,
        partners=claim.credits.count(),
        facts=claim.facts,
    )
    why_not_submit(
        status=claim.status,
        on=claim.on,
        programme_starts_on=claim.programme.starts_on,
        today=timezone.localdate(at),
        missing=[str(one.title) for one in still],
    ).enforce()
    why_not_touched(claim).enforce()
    _check_locked(claim)
    _check_nil(claim)
    claim.status, claim.submitted_at = ClaimStatus.SUBMITTED, at
    claim.save(update_fields=["status", "submitted_at"])
    record(actor, "claim.submitted", claim, at)
    return claim


@transaction.atomic
def withdraw(*, actor: Actor, claim: Claim, at: datetime) -> Claim:
    """Take a claim back for good: it stays on record and counts no more.

    Raises Refused if it is withdrawn already, and for one that was rejected: known to be nothing is not the same as not known.
    """
    claim = held(actor, claim)
    why_not_withdraw(claim.status).enforce()
    why_not_touched(claim).enforce()
    _clear_judgement(claim)
    claim.status = ClaimStatus.WITHDRAWN
    claim.save(update_fields=["status", *JUDGEMENT])
    record(actor, "claim.withdrawn", claim, at)
    return claim


@transaction.atomic
def amend(*, actor: Actor, claim: Claim, reason: str = "", at: datetime) -> Claim:
    """Take a claim that was returned or judged back to the desk: a draft again, its judgement cleared, the reason in the log.

    Raises Refused for any other claim, for one that was judged without a reason, and for a locked one.
    """
    claim = held(actor, claim)
    why_not_amend(claim.status, reason).enforce()
    why_not_touched(claim).enforce()
    before = claim.status
    _clear_judgement(claim)
    claim.status, claim.submitted_at = ClaimStatus.DRAFT, None
    claim.save(update_fields=["status", "submitted_at", *JUDGEMENT])
    record(actor, "claim.amended", claim, at, was=before, reason=reason.strip())
    return claim


JUDGEMENT = ("verified_quantity", "judged_at", "judged_by", "judgement")


def _clear_judgement(claim: Claim) -> None:
    claim.verified_quantity, claim.judged_at, claim.judged_by = None, None, None
    claim.judgement = ""


def _checked(claim: Claim, partners: Sequence[Partner], facts: Mapping[str, Any]) -> list[Shared]:
    """The partners with their shares, once all that the draft says is fit to be kept; its facts get their one spelling."""
    if not 0 < len(claim.reference) <= 80:
        raise Refused(_t("Give your own reference, at most 80 characters."))
    if not 0 < len(claim.title) <= 250:
        raise Refused(_t("Give a title of at most 250 characters."))
    kind = claim.kind_of
    if claim.quantity is not None:
        why_not_quantity(kind, claim.quantity).enforce()
    claim.facts = checked(kind.facts, facts, kind.rule)
    _check_organisations(kind, claim.facts)
    _check_rests_on(claim)
    _check_project(claim)
    if not partners:
        return []
    return credit.shared(cluster=claim.cluster, on=claim.on, partners=partners)


def _check_organisations(kind: Kind, facts: Mapping[str, Any]) -> None:
    named = {
        slug: fact
        for fact in kind.facts
        if fact.type == FactType.ORGANISATIONS
        for slug in facts.get(fact.code, ())
    }
    if not named:
        return
    known = set(Organisation.objects.filter(slug__in=named).values_list("slug", flat=True))
    problems = [
        Problem((fact.code,), str(fact.title), _t("there is no organisation “%s”") % slug)
        for slug, fact in named.items()
        if slug not in known
    ]
    if problems:
        raise WrongFacts(problems)


def _check_rests_on(claim: Claim) -> None:
    base = claim.rests_on
    if base is not None:
        why_not_rest(
            claim.kind_of,
            base.kind,
            status=base.status,
            is_own=base.cluster_id == claim.cluster_id,
            same_programme=base.programme_id == claim.programme_id,
        ).enforce()


def _check_project(claim: Claim) -> None:
    """A claim about a deployment is about its project."""
    deployment = claim.deployment
    if deployment is not None and claim.project is None:
        claim.project = deployment.project
    project = claim.project
    if project is not None:
        why_not_project(
            same_programme=project.programme_id == claim.programme_id,
            is_deployment_of_it=deployment is None or deployment.project_id == project.pk,
        ).enforce()


def _saved_or_earlier(claim: Claim) -> Claim | None:
    """None once saved; else the claim that has the reference already."""
    try:
        with transaction.atomic():
            claim.save(force_insert=True)
    except IntegrityError:
        return Claim.objects.get(cluster=claim.cluster, reference=claim.reference)
    return None


def _same(earlier: Claim, claim: Claim, credited: Sequence[Shared]) -> Claim:
    content = ("kind", *(f"{it}_id" if it in LINKS else it for it in CONTENT))
    partners = set(earlier.credits.values_list("cluster", "organisation", "role", "share"))
    asked = {(one.cluster.pk, one.organisation.pk, str(one.role), one.share) for one in credited}
    if partners == asked and all(getattr(earlier, it) == getattr(claim, it) for it in content):
        return earlier
    raise Refused(
        _t("The reference %(reference)s stands for another claim already: “%(title)s”.")
        % {"reference": earlier.reference, "title": earlier.title}
    )


def _check_locked(claim: Claim) -> None:
    period = claim.programme.periods.filter(starts_on__lte=claim.on, ends_on__gte=claim.on).first()
    if period is None:
        return
    within = (period.starts_on, period.ends_on)
    locked = Claim.objects.filter(programme=claim.programme_id, on__range=within)
    if locked.filter(locked_at__isnull=False).exists():
        raise Refused(_t("The claims of %s are locked: nothing more is counted there.") % period)


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
