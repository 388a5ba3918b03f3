"""What plausibility rules found, told to each reader in words that name only what he may see."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _t

from sankul.core import formats
from sankul.core.models import Event
from sankul.core.queries import documents
from sankul.core.rules.roles import Actor
from sankul.programme.evidence.models import Answer, Capacity, Cited, PlausibilityFinding
from sankul.programme.evidence.rules import PENDING, SEE_PLAUSIBILITY
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import Kind
from sankul.programme.outcomes.rules.identifiers import SCHEMES
from sankul.programme.registry.models import Programme

PLACES = re.compile(r"{(\w+)}")
DAYS = frozenset({"on", "began_on", "since_on", "measured_on"})


class Told(NamedTuple):
    """A finding for one reader: in words, with its numbers and the other claims, as far as he may see them.

    ``hidden`` is how many others there are that he may not see; then nothing of theirs is in the words or numbers.
    """

    finding: PlausibilityFinding
    title: str
    text: str
    figure: Mapping[str, Any]
    others: Sequence[Claim]
    hidden: int


class Version(NamedTuple):
    """One claim of a finding: as of when the rule held, as of when it no longer did, whether they differ."""

    claim: Claim
    found: datetime | None
    gone: datetime | None
    changed: bool


class Counted(NamedTuple):
    """How many findings a cluster had in a period that is open to the public, by what became of them."""

    programme: str
    period: str
    cluster: str
    states: Mapping[str, int]


def visible(actor: Actor) -> QuerySet[PlausibilityFinding]:
    """Findings that the actor may see, with their claims at hand."""
    rows = PlausibilityFinding.objects.visible_to(actor)
    return rows.select_related("claim", "cluster", "programme", "period")


def detailed(actor: Actor) -> QuerySet[PlausibilityFinding]:
    """The same with answers and their documents."""
    answers = Answer.objects.select_related("answered_by").prefetch_related("documents")
    return visible(actor).select_related("ruled_by").prefetch_related(Prefetch("answers", answers))


def of_claim(actor: Actor, claim: Claim) -> list[Told]:
    """What rules find of a claim now, or found and somebody ruled on: as the actor may see it."""
    rows = visible(actor).filter(claim=claim).exclude(gone_at__isnull=False, ruled_at=None)
    return told(actor, list(rows))


def told(actor: Actor, findings: Sequence[PlausibilityFinding]) -> list[Told]:
    """Findings in words for one reader: two queries, whatever their number."""
    cited: dict[int, list[int]] = {}
    for finding, claim in Cited.objects.filter(finding__in=findings).values_list(
        "finding", "claim"
    ):
        cited.setdefault(finding, []).append(claim)
    wanted = {claim for claims in cited.values() for claim in claims}
    rows = Claim.objects.visible_to(actor).filter(pk__in=wanted).select_related("cluster")
    seen = {claim.pk: claim for claim in rows} if wanted else {}
    return [_told(one, cited.get(one.pk, []), seen) for one in findings]


def versions(actor: Actor, finding: PlausibilityFinding) -> list[Version]:
    """Which version of each claim it was found in, and in which it no longer was: for claims that the actor may see."""
    rows = list(Cited.objects.filter(finding=finding))
    seen = Claim.objects.visible_to(actor).in_bulk([row.claim_id for row in rows])
    named = [(finding.claim, finding.version, finding.gone_version)]
    named += [(seen[r.claim_id], r.version, r.gone_version) for r in rows if r.claim_id in seen]
    numbers = {number for _claim, *both in named for number in both if number is not None}
    history: Any = Claim._meta.get_field("events").related_model
    kept = dict(history.objects.filter(pgh_id__in=numbers).values_list("pgh_id", "pgh_created_at"))
    return [
        Version(claim, kept.get(low), kept.get(high), low != high) for claim, low, high in named
    ]


def pending(actor: Actor) -> QuerySet[PlausibilityFinding]:
    """Findings that wait for an answer or a ruling, as far as the actor may see them."""
    return visible(actor).filter(state__in=sorted(PENDING))


def may_see_any(actor: Actor) -> bool:
    """Whether the actor may see findings at all."""
    return bool(actor.scopes(SEE_PLAUSIBILITY))


def published() -> list[Counted]:
    """How many findings each cluster had, in periods that are open to the public. No claim and no text is told."""
    rows = PlausibilityFinding.objects.filter(period__opened_at__isnull=False).order_by(
        "programme__slug", "-period__starts_on", "cluster__name"
    )
    names = ("programme__slug", "period__label", "cluster__name", "state")
    counted: dict[tuple[str, str, str], dict[str, int]] = {}
    for programme, period, cluster, state, number in rows.values_list(*names).annotate(
        number=Count("pk")
    ):
        counted.setdefault((programme, period, cluster), {})[state] = number
    return [Counted(*place, states) for place, states in counted.items()]


def last_checked(programme: Programme) -> Event | None:
    """The last time that the rules were run and changed something, or were asked to."""
    rows = Event.objects.filter(subject=f"programme/{programme.pk}", verb="plausibility.checked")
    return rows.order_by("-seq").first()


def capacities(programme: Programme) -> QuerySet[Capacity]:
    """Declared capacities of a programme that are not taken back; they are public, as the rules are."""
    rows = Capacity.objects.filter(programme=programme, retracted_at=None)
    return rows.select_related("cluster").order_by("of", "name", "pk")


def _told(finding: PlausibilityFinding, cited: Sequence[int], seen: Mapping[int, Claim]) -> Told:
    others = [seen[pk] for pk in cited if pk in seen]
    hidden = len(cited) - len(others)
    rule = finding.rule_of
    if rule is None:
        return Told(
            finding, finding.rule, _t("The rule is not in force any more."), {}, others, hidden
        )
    template = rule.apart if hidden else rule.says
    places = set(PLACES.findall(template))
    figure = {name: value for name, value in finding.figure.items() if not hidden or name in places}
    words = {name: shown(name, value, finding.claim.kind_of) for name, value in figure.items()}
    words["others"] = ", ".join(
        f"“{it.title}” ({it.cluster.name}, {it.reference})" for it in others
    )
    text = PLACES.sub(lambda match: words.get(match[1], "–"), template)
    return Told(finding, rule.title, text, figure, others, hidden)


def shown(name: str, value: Any, kind: Kind) -> str:
    """One number of a finding for people: days, per cent and numbers in their forms, facts by their titles."""
    if name in DAYS:
        return formats.day(date.fromisoformat(value))
    if name == "month":
        return f"{formats.day(date.fromisoformat(f'{value}-01')).removeprefix('1 ')}"
    if name == "likeness":
        return formats.percent(float(value))
    if name == "scheme":
        return str(SCHEMES[value].title)
    if name == "what":
        return _fact(str(value), kind)
    if isinstance(value, int | float):
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    try:
        return formats.number(Decimal(str(value)))
    except InvalidOperation:
        return str(value)


def _fact(code: str, kind: Kind) -> str:
    if code == "on":
        return _t("Its date")
    titles = {fact.code: str(fact.title) for fact in kind.facts}
    return titles.get(code, code)


def _documents(actor: Actor) -> Q:
    findings = PlausibilityFinding.objects.visible_to(actor).order_by()
    cited = Answer.documents.through.objects.filter(
        document=OuterRef("pk"), answer__finding__in=findings
    )
    return Q(Exists(cited))


documents.declare("plausibility", _documents)
