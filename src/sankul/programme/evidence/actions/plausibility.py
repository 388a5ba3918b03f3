"""Running the plausibility rules; answering what they found; ruling on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.models import Document
from sankul.core.rules.roles import Actor, Permission, require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.evidence.models import (
    Answer,
    Cited,
    PlausibilityFinding,
    Sampled,
    Verification,
)
from sankul.programme.evidence.queries import conflicts, suspects
from sankul.programme.evidence.rules import (
    ANSWER_DAYS,
    ANSWER_PLAUSIBILITY,
    MOST_FOUND,
    PLAUSIBILITY,
    RULE_ON_PLAUSIBILITY,
    RULES_DIGEST,
    Consequence,
    Doubt,
    PlausibilityRule,
    State,
    ties,
    why_not_answer,
    why_not_dismiss,
    why_not_uphold,
    why_not_verify,
)
from sankul.programme.outcomes.actions import claims as claim_actions
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import STANDING, ClaimStatus
from sankul.programme.registry.models import Programme

log = structlog.get_logger("sankul.evidence")
RUNNING_LOCK = 0x504C4155
"""Any fixed number: with the programme's, the advisory lock that keeps two runs over the same claims apart."""
RULING = ["state", "ruled_at", "ruled_by", "reason", "consequence"]
VERSION = "(SELECT max(e.pgh_id) FROM outcomes_claimevent e WHERE e.pgh_obj_id = {0})"
SAME = "s.claim = f.claim_id AND s.key = f.key"


class Changed(NamedTuple):
    """What a run changed: findings made, closed because their rule no longer holds, opened again; rules too loose to use."""

    found: int = 0
    resolved: int = 0
    reopened: int = 0
    too_loose: tuple[str, ...] = ()

    def __add__(self, other: object) -> Changed:
        """Both together."""
        if not isinstance(other, Changed):
            return NotImplemented
        return Changed(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))  # type: ignore[operator]


def check_all(
    *,
    programme: Programme,
    at: datetime,
    actor: Actor | None = None,
    advance: Callable[[int], None] = lambda _more: None,
    rules: Collection[PlausibilityRule] | None = None,
) -> Changed:
    """Run the rules over every claim of a programme that is not locked; each rule is a transaction of its own.

    Running again changes nothing that did not change itself, so that a run that was stopped is simply run again.
    """
    changed = Changed()
    for rule in PLAUSIBILITY.values() if rules is None else rules:
        with transaction.atomic():
            _alone(programme)
            changed = changed + _run(rule, programme, None, at)
        advance(1)
    with transaction.atomic():
        _record_run(actor, programme, changed, at)
    return changed


@transaction.atomic
def check_claims(*, programme: Programme, claims: Iterable[int], at: datetime) -> Changed:
    """Run the rules for some claims, for those that are asked about them, and for those that they are compared with."""
    _alone(programme)
    asked = set(claims)
    pending = Cited.objects.filter(claim__in=asked, finding__gone_at=None)
    asked |= set(pending.values_list("finding__claim", flat=True))
    changed = _run_each(programme, asked, at)
    named = Cited.objects.filter(finding__claim__in=asked, finding__gone_at=None)
    beside = set(named.values_list("claim", flat=True)) - asked
    if beside:
        changed = changed + _run_each(programme, beside, at)
    if changed != Changed():
        _record_run(None, programme, changed, at)
    return changed


@transaction.atomic
def answer(
    *,
    actor: Actor,
    finding: PlausibilityFinding,
    text: str,
    documents: Sequence[Document] = (),
    at: datetime,
) -> Answer:
    """Say how it is, with documents that prove it; whatever was said before stays.

    Raises Refused without a word, and for a finding that is closed.
    """
    found = _held(actor, finding, ANSWER_PLAUSIBILITY)
    why_not_answer(found.state, text).enforce()
    made = Answer.objects.create(
        finding=found, text=text.strip(), answered_at=at, answered_by=_person(actor)
    )
    made.documents.set(documents)
    found.state = Doubt.ANSWERED
    found.save(update_fields=["state"])
    _record(actor, "plausibility.answered", found, at, documents=[it.pk for it in documents])
    return made


@transaction.atomic
def uphold(
    *,
    actor: Actor,
    finding: PlausibilityFinding,
    reason: str,
    consequence: str = Consequence.NOTED,
    at: datetime,
) -> PlausibilityFinding:
    """Rule that it is as the rule found; the claim is noted, given back or rejected, by the way of every judgement.

    Raises Refused with what stands against it: no reason, a cluster that can still answer, a claim that a verifier has; and
    Forbidden for whoever has a conflict of interest with the claim.
    """
    found = _held(actor, finding, RULE_ON_PLAUSIBILITY)
    _check_ties(actor, found, at)
    claim = Claim.objects.select_related("programme").get(pk=found.claim_id)
    why_not_uphold(
        state=found.state,
        reason=reason,
        consequence=consequence,
        answer_by=timezone.localdate(found.found_at + timedelta(days=ANSWER_DAYS)),
        today=timezone.localdate(at),
        is_standing=claim.status in STANDING and claim.locked_at is None,
        is_closed=_is_closed(claim),
        is_sampled=Sampled.objects.filter(claim=claim).exclude(state=State.SETTLED).exists(),
    ).enforce()
    _rule(actor, found, Doubt.UPHELD, reason, consequence, at)
    told: Any = {"actor": actor, "claim": claim, "reason": reason, "at": at}
    if consequence == Consequence.RETURNED:
        claim_actions.give_back(**told)
    if consequence == Consequence.REJECTED:
        claim_actions.judge(status=ClaimStatus.REJECTED, **told)
    _record(actor, "plausibility.upheld", found, at, consequence=consequence)
    return found


@transaction.atomic
def dismiss(
    *, actor: Actor, finding: PlausibilityFinding, reason: str, at: datetime
) -> PlausibilityFinding:
    """Rule that all is well. Raises Refused without a reason, Forbidden for whoever has a conflict of interest."""
    found = _held(actor, finding, RULE_ON_PLAUSIBILITY)
    _check_ties(actor, found, at)
    why_not_dismiss(found.state, reason).enforce()
    _rule(actor, found, Doubt.DISMISSED, reason, "", at)
    _record(actor, "plausibility.dismissed", found, at)
    return found


def _alone(programme: Programme) -> None:
    """Until the commit no other run looks at this programme, or one would close what the other has just found."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [RUNNING_LOCK, programme.pk])


def _run_each(programme: Programme, claims: set[int], at: datetime) -> Changed:
    changed = Changed()
    for rule in PLAUSIBILITY.values():
        changed = changed + _run(rule, programme, claims, at)
    return changed


def _run(
    rule: PlausibilityRule, programme: Programme, claims: set[int] | None, at: datetime
) -> Changed:
    """Bring the findings of one rule in step with what it finds now."""
    rows = suspects.gather(rule, programme, claims)
    if rows > MOST_FOUND:
        log.error("rule too loose", rule=rule.code, programme=programme.slug, most=MOST_FOUND)
        return Changed(too_loose=(rule.code,))
    given = {
        "programme": programme.pk, "rule": rule.code, "severity": str(rule.severity), "at": at,
        "claims": sorted(claims or ()),
    }  # fmt: skip
    reopened = _execute(REOPEN, given)
    _execute(STILL_DISMISSED, given)
    _execute(REFRESH, given)
    found = _execute(INSERT, given)
    _execute(CITE, given)
    only = "AND f.claim_id = ANY(%(claims)s)" if claims is not None else ""
    resolved = _execute(RESOLVE.replace("{only}", only), given)
    _execute(CITED_GONE, given)
    return Changed(found, resolved, reopened)


def _execute(text: str, given: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(text, given)
        return int(cursor.rowcount)


INSERT = f"""
    INSERT INTO evidence_plausibilityfinding (programme_id, cluster_id, period_id, claim_id, rule, key, severity, figure,
        state, version, found_at, reason, consequence)
    SELECT c.programme_id, c.cluster_id, p.id, c.id, %(rule)s, s.key, %(severity)s, s.figure,
           '{Doubt.OPEN}', {VERSION.format("c.id")}, %(at)s, '', ''
    FROM {suspects.TABLE} s JOIN outcomes_claim c ON c.id = s.claim
    LEFT JOIN registry_period p ON p.programme_id = c.programme_id AND c."on" BETWEEN p.starts_on AND p.ends_on
    ON CONFLICT (claim_id, rule, key) DO NOTHING
"""
CITE = f"""
    INSERT INTO evidence_cited (finding_id, claim_id, version)
    SELECT f.id, named.claim, {VERSION.format("named.claim")}
    FROM {suspects.TABLE} s
    JOIN evidence_plausibilityfinding f ON f.claim_id = s.claim AND f.rule = %(rule)s AND f.key = s.key
    CROSS JOIN LATERAL unnest(s.others) AS named (claim)
    ON CONFLICT (finding_id, claim_id) DO UPDATE SET gone_version = NULL WHERE evidence_cited.gone_version IS NOT NULL
"""
REFRESH = f"""
    UPDATE evidence_plausibilityfinding f SET figure = s.figure
    FROM {suspects.TABLE} s
    WHERE {SAME} AND f.rule = %(rule)s AND f.figure <> s.figure AND f.state IN ('{Doubt.OPEN}', '{Doubt.ANSWERED}')
"""
# What was resolved, and what was upheld of an earlier version, is asked anew; what was dismissed only if its figure differs.
REOPEN = f"""
    UPDATE evidence_plausibilityfinding f
    SET state = '{Doubt.OPEN}', found_at = %(at)s, version = {VERSION.format("f.claim_id")}, figure = s.figure,
        gone_at = NULL, gone_version = NULL, ruled_at = NULL, ruled_by_id = NULL, reason = '', consequence = ''
    FROM {suspects.TABLE} s
    WHERE {SAME} AND f.rule = %(rule)s AND f.gone_at IS NOT NULL
      AND (f.state <> '{Doubt.DISMISSED}' OR f.figure <> s.figure)
"""
STILL_DISMISSED = f"""
    UPDATE evidence_plausibilityfinding f SET gone_at = NULL, gone_version = NULL
    FROM {suspects.TABLE} s
    WHERE {SAME} AND f.rule = %(rule)s AND f.gone_at IS NOT NULL
"""
RESOLVE = f"""
    UPDATE evidence_plausibilityfinding f
    SET gone_at = %(at)s, gone_version = {VERSION.format("f.claim_id")},
        state = CASE WHEN f.state IN ('{Doubt.OPEN}', '{Doubt.ANSWERED}') THEN '{Doubt.RESOLVED}' ELSE f.state END
    FROM outcomes_claim c
    WHERE c.id = f.claim_id AND c.locked_at IS NULL AND f.programme_id = %(programme)s AND f.rule = %(rule)s
      AND f.gone_at IS NULL {{only}} AND NOT EXISTS (SELECT 1 FROM {suspects.TABLE} s WHERE {SAME})
"""
CITED_GONE = f"""
    UPDATE evidence_cited n SET gone_version = {VERSION.format("n.claim_id")}
    FROM evidence_plausibilityfinding f
    WHERE f.id = n.finding_id AND f.programme_id = %(programme)s AND f.rule = %(rule)s AND f.gone_at = %(at)s
      AND n.gone_version IS NULL
"""


def _record_run(actor: Actor | None, programme: Programme, changed: Changed, at: datetime) -> None:
    events.record(
        actor=actor,
        verb="plausibility.checked",
        subject=programme,
        at=at,
        scopes=programme.scopes,
        data={"rules": RULES_DIGEST, **changed._asdict()},
    )


def _held(
    actor: Actor, finding: PlausibilityFinding, permission: Permission
) -> PlausibilityFinding:
    require(actor, permission, *finding.scopes)
    return PlausibilityFinding.objects.select_for_update().get(pk=finding.pk)


def _check_ties(actor: Actor, found: PlausibilityFinding, at: datetime) -> None:
    """Nobody rules on claims that he is tied to, nor on those that a finding compares them with."""
    own = conflicts.interests(actor.user_id or 0, timezone.localdate(at))
    concerned = [found.claim_id, *found.cited.values_list("claim", flat=True)]
    for parties in conflicts.parties(concerned).values():
        why_not_verify(ties(own, parties)).enforce(Forbidden)


def _is_closed(claim: Claim) -> bool:
    rows = Verification.objects.filter(
        programme=claim.programme_id,
        period__starts_on__lte=claim.on,
        period__ends_on__gte=claim.on,
    )
    found = rows.first()
    return found is not None and found.is_closed


def _rule(
    actor: Actor,
    found: PlausibilityFinding,
    state: Doubt,
    reason: str,
    consequence: str,
    at: datetime,
) -> None:
    found.state, found.reason, found.consequence = state, reason.strip(), consequence
    found.ruled_at, found.ruled_by = at, _person(actor)
    found.save(update_fields=RULING)


def _person(actor: Actor) -> Any:
    if actor.user is None:
        raise Refused(_t("Sign in first."))
    return actor.user


def _record(actor: Actor, verb: str, found: PlausibilityFinding, at: datetime, **more: Any) -> None:
    told = {"rule": found.rule, "claim": found.claim_id}
    events.record(
        actor=actor, verb=verb, subject=found, at=at, scopes=found.scopes, data=told | more
    )
