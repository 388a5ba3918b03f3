"""From contents to chapters: what a report says in the reader's language, before it is a page or a PDF.

A chapter is a heading with parts below it; both renderings draw the same parts, so that they cannot say different things.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from sankul.core import charts, formats
from sankul.core.charts import Chart, Ranked, Strength
from sankul.programme.outcomes.rules import KINDS, Unit
from sankul.programme.portfolio.rules import GOING, Stage

Data = dict[str, Any]
ABSENT = "–"


@dataclass(frozen=True)
class Grid:
    """A table: its caption, heads and rows of text; ``figures`` are the numbers of right-aligned columns."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Sequence[int] = ()


@dataclass(frozen=True)
class Glance:
    """Numbers at a glance: each with what it counts."""

    figures: Sequence[tuple[str, str]]


Part = str | Grid | Glance | Chart
"""A paragraph, a table, numbers at a glance, or a picture."""


@dataclass(frozen=True)
class Chapter:
    """A heading of the given level (1: chapter, 2: section), the anchor that leads to it, and what stands below."""

    title: str
    anchor: str
    parts: Sequence[Part]
    level: int = 1


def chapters(told: Data) -> list[Chapter]:
    """The whole report, in the language that is active."""
    return [
        _glance(told),
        _ranking(told),
        *[chapter for cluster in told["clusters"] for chapter in _cluster(told, cluster)],
        _together(told),
        _finance(told),
        _method(told),
        _evidence(told),
    ]


def title(told: Data) -> str:
    """The title of the report."""
    named = {"programme": told["programme"], "period": told["period"]}
    return _("%(programme)s: annual report %(period)s") % named


def _glance(told: Data) -> Chapter:
    seen = told["glance"]
    checked = seen["verified"] + seen["partly"]
    figures = [
        (_("results recorded and submitted"), seen["submitted"]),
        (_("of them with a document"), seen["documented"]),
        (_("checked by the third party and confirmed, wholly or in part"), checked),
        (_("checked and rejected"), seen["rejected"]),
        (_("organisations credited"), seen["organisations"]),
        (_("confirmed results of more than one cluster"), seen["joint"]),
        (_("projects open to the public"), seen["projects"]),
        (_("deployments in use"), seen["deployments"]),
        (_("lessons shared from experiments that failed"), seen["lessons"]),
    ]
    words = _(
        "Every figure of this report is computed from records that can be opened down to their documents. "
        "What was only claimed is told apart from what a third party checked."
    )
    shown = [(label, formats.number(value)) for label, value in figures]
    return Chapter(_("The year at a glance"), "glance", [words, Glance(shown)])


def _ranking(told: Data) -> Chapter:
    ranked = [one for one in told["clusters"] if one["standing"]["rank"] is not None]
    ranked.sort(key=lambda one: (one["standing"]["rank"], one["name"]))
    parts: list[Part] = []
    if ranked:
        parts.append(_interval_words(ranked))
        parts.append(_intervals(told))
        parts.append(_ranks(told, ranked))
    else:
        parts.append(_("No cluster is ranked: evidence covers too few of the indicators."))
    unranked = [one for one in told["clusters"] if one["standing"]["rank"] is None]
    if unranked:
        named = ", ".join(one["name"] for one in unranked)
        parts.append(_("Not ranked, because evidence covers too few indicators: %s.") % named)
    return Chapter(_("Ranking"), "ranking", parts)


def _interval_words(ranked: Sequence[Data]) -> str:
    first = ranked[0]
    ties = [
        one["name"]
        for one in ranked[1:]
        if (one["standing"]["rank_low"] or 0) <= (first["standing"]["rank_high"] or 0)
    ]
    if not ties:
        name = {"first": first["name"]}
        return _("%(first)s stands first; its interval of ranks meets no other's.") % name
    return _(
        "%(first)s stands first; the intervals of ranks show that %(others)s cannot be told apart from it with certainty."
    ) % {"first": first["name"], "others": ", ".join(ties)}


def _intervals(told: Data) -> Chart:
    standings = [(one["name"], one["standing"]) for one in told["clusters"]]
    return charts.rank_intervals(
        [Ranked(name, it["rank"], it["rank_low"], it["rank_high"]) for name, it in standings],
        title=_("Ranks with their intervals (90 %)"),
        finding=_(
            "The bar is where the rank lies in nine of ten variations of weights and method."
        ),
        source=_source(told),
        demonstration=told["is_demonstration"],
    )


def _ranks(told: Data, ranked: Sequence[Data]) -> Grid:
    groups = [group["title"] for group in ranked[0]["groups"]]
    rows = []
    for one in ranked:
        it = one["standing"]
        rows.append(
            [
                one["name"],
                formats.number(it["rank"]),
                _between(it["rank_low"], it["rank_high"], 0),
                formats.number(it["score"], 1),
                _between(it["score_low"], it["score_high"], 1),
                *(_figure(group["score"], 1) for group in one["groups"]),
            ]
        )
    head = [
        _("Cluster"),
        _("Rank"),
        _("Interval (90 %)"),
        _("Score"),
        _("Interval (90 %)"),
        *groups,
    ]
    return Grid(_("Ranks and scores"), head, rows, range(1, len(head)))


def _cluster(told: Data, one: Data) -> list[Chapter]:
    anchor = one["slug"]
    return [
        Chapter(one["name"], anchor, [_who(one), _stands(one), _figures(told, one)]),
        Chapter(_("Highlights"), f"{anchor}-highlights", _highlights(one), level=2),
        Chapter(_("Work under way, and lessons"), f"{anchor}-work", _work(one), level=2),
    ]


def _who(one: Data) -> str:
    if one["entity"]:
        return _("%(place)s. Run by %(entity)s.") % {
            "place": one["place"],
            "entity": one["entity"],
        }
    return f"{one['place']}."


def _stands(one: Data) -> Part:
    it = one["standing"]
    if it["rank"] is None:
        share = formats.percent(it["coverage"]) if it["coverage"] is not None else ABSENT
        return _("Not ranked: evidence covers %s of the indicators.") % share
    figures = [
        (_("rank"), formats.number(it["rank"])),
        (_("Interval of the rank (90 %)"), _between(it["rank_low"], it["rank_high"], 0)),
        (_("score, 0 to 100"), formats.number(it["score"], 1)),
        *((group["title"], _figure(group["score"], 1)) for group in one["groups"]),
    ]
    return Glance(figures)


def _figures(told: Data, one: Data) -> Part:
    """Beside the others where the cluster is ranked; else its figures alone, which nobody is compared by."""
    if one["standing"]["rank"] is not None:
        return _profile(told, one)
    rows = [[row["title"], _figure(row["value"], 2), row["unit"]] for row in one["profile"]]
    head = [_("Indicator"), _("Value"), _("Unit")]
    return Grid(_("What evidence supports"), head, rows, [1])


def _profile(told: Data, one: Data) -> Chart:
    beside = [
        Strength(row["title"], row["score"], row["median"], row["low"], row["high"])
        for row in one["profile"]
    ]
    ahead = sorted(
        (row for row in one["profile"] if row["score"] is not None and row["median"] is not None),
        key=lambda row: row["score"] - row["median"],
    )
    return charts.strengths(
        beside,
        unit_name=one["name"],
        key=f"profile-{one['slug']}",
        title=_("%s beside the other clusters") % one["name"],
        finding=_lead_words(ahead),
        source=_source(told),
        demonstration=told["is_demonstration"],
    )


def _lead_words(ahead: Sequence[Data]) -> str:
    if not ahead:
        return _("No indicator has a figure.")
    return _("Furthest above the median in “%(best)s”, furthest below it in “%(least)s”.") % {
        "best": ahead[-1]["title"],
        "least": ahead[0]["title"],
    }


def _highlights(one: Data) -> list[Part]:
    if not one["highlights"]:
        return [_("No result of this year was drawn into the sample and confirmed.")]
    words = _("The largest confirmed result of each kind; what was not checked is not told here.")
    rows = [
        [
            row["title"],
            str(KINDS[row["kind"]].title),
            _day(row["on"]),
            _amount(row),
            ", ".join(proof["name"] for proof in row["evidence"]),
        ]
        for row in one["highlights"]
    ]
    head = [_("Result"), _("Kind"), _("Date"), _("Confirmed"), _("Evidence")]
    return [words, Grid(_("Confirmed results of %s") % one["name"], head, rows, [3])]


def _amount(row: Data) -> str:
    unit = KINDS[row["kind"]].unit
    shown = _quantity(row["quantity"], unit)
    if row["is_partly"]:
        return _("%(confirmed)s of %(claimed)s claimed") % {
            "confirmed": shown,
            "claimed": _quantity(row["claimed"], unit),
        }
    return shown


def _quantity(text: str, unit: Unit) -> str:
    value = Decimal(text)
    if unit == Unit.INR:
        return formats.inr(value)
    return f"{formats.number(value)} {unit.label}" if unit != Unit.COUNT else formats.number(value)


def _work(one: Data) -> list[Part]:
    parts: list[Part] = []
    stages = [(stage, one["projects"].get(stage.value, 0)) for stage in GOING]
    if any(number for _stage, number in stages):
        figures = [(str(Stage(stage).label), formats.number(number)) for stage, number in stages]
        parts += [_("Projects open to the public, by stage:"), Glance(figures)]
    for lesson in one["lessons"]:
        told = {"title": lesson["title"], "learned": lesson["learned"]}
        parts.append(
            _("An experiment failed and its lesson is shared: “%(title)s”. %(learned)s") % told
        )
    return parts or [_("Nothing of it is open to the public.")]


def _together(told: Data) -> Chapter:
    rows, seen = [], set()
    for one in told["clusters"]:
        for result in one["joint"]:
            if result["claim"] not in seen:
                seen.add(result["claim"])
                names = ", ".join(sorted([one["name"], *result["with"]]))
                rows.append([result["title"], names, _day(result["on"])])
    words = _(
        "Confirmed results that credit more than one cluster; each counts once, shared out between them."
    )
    parts: list[Part] = [words]
    if rows:
        head = [_("Result"), _("Clusters"), _("Date")]
        parts.append(Grid(_("Joint results"), head, rows))
    else:
        parts = [_("No confirmed result of this year credits more than one cluster.")]
    return Chapter(_("Work across clusters"), "together", parts)


def _finance(told: Data) -> Chapter:
    rows = []
    for one in told["clusters"]:
        income, cost = one["finance"].get("own_income"), one["finance"].get("operating_cost")
        rows.append([one["name"], _inr(income), _inr(cost), _sufficiency(income, cost)])
    words = _(
        "Income other than the government's grant, beside operating cost, as far as documents support them."
    )
    head = [_("Cluster"), _("Own income"), _("Operating cost"), _("Share covered")]
    return Chapter(
        _("The way to self-sufficiency"), "finance",
        [words, Grid(_("Own income and operating cost"), head, rows, [1, 2, 3])],
    )  # fmt: skip


def _sufficiency(income: str | None, cost: str | None) -> str:
    if income is None or cost is None or not Decimal(cost):
        return ABSENT
    return formats.percent(Decimal(income) / Decimal(cost))


def _method(told: Data) -> Chapter:
    how = told["method"]
    words = _(
        "The clusters are compared by the framework “%(framework)s”, version %(version)s. "
        "Ranks are published with the interval that follows from %(draws)s variations of weights, method and data."
    ) % {
        "framework": how["framework"],
        "version": how["version"],
        "draws": formats.number(how["draws"]),
    }
    approved = (
        _("The apex committee approved it: %s.") % how["approved_by"] if how["approved_by"] else ""
    )
    weights = [[one["title"], formats.percent(one["share"], 1)] for one in told["weights"]]
    proof = [
        [_("Package of the evaluation (SHA-256)"), how["package_sha256"]],
        [_("Frozen records (SHA-256)"), how["records_sha256"]],
        [_("Digest of the input"), how["input_sha256"]],
        [_("Engine"), how["engine"]],
        [_("Seed"), str(how["seed"])],
    ]
    if seal := how["seal"]:
        lines = [line for line in seal["checkpoint"].splitlines() if line]
        proof += [
            [_("Merkle root of the seal"), seal["root"]],
            [_("Checkpoint of the seal, line by line"), " · ".join(lines)],
        ]
    parts: list[Part] = [words]
    parts += [approved] if approved else []
    parts.append(Grid(_("Weights"), [_("Group"), _("Share of the index")], weights, [1]))
    parts.append(
        _("Anybody can recompute the ranking from the package with the command “sankul verify”.")
    )
    parts.append(Grid(_("What it was computed from"), [_("What"), _("Which")], proof))
    return Chapter(_("Method"), "method", parts)


def _evidence(told: Data) -> Chapter:
    rows: dict[str, list[str]] = {}
    for one in told["clusters"]:
        for highlight in one["highlights"]:
            for proof in highlight["evidence"]:
                key = proof["sha256"] or proof["name"]
                rows.setdefault(
                    key, [proof["name"], one["name"], proof["sha256"] or _("a web address")]
                )
    words = _("The documents behind the highlights, each known by the SHA-256 of its bytes.")
    parts: list[Part] = [words]
    if rows:
        head = [_("Document"), _("Cluster"), _("SHA-256")]
        parts.append(Grid(_("Documents"), head, list(rows.values())))
    return Chapter(_("Evidence"), "evidence", parts)


def _source(told: Data) -> str:
    return _("Source: evaluation of %(period)s, %(programme)s") % {
        "period": told["period"],
        "programme": told["programme"],
    }


def _figure(value: float | None, places: int) -> str:
    return ABSENT if value is None else formats.number(value, places)


def _between(low: float | None, high: float | None, places: int) -> str:
    if low is None or high is None:
        return ABSENT
    return _("%(low)s to %(high)s") % {
        "low": formats.number(low, places),
        "high": formats.number(high, places),
    }


def _inr(text: str | None) -> str:
    return ABSENT if text is None else formats.inr(Decimal(text))


def _day(text: str) -> str:
    return formats.day(date.fromisoformat(text))
