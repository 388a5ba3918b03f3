"""What is made of a world's records: figures of every indicator by plain means and by Sankul's engines, and scores of both.

Nothing is computed here that an engine computes: this is the wiring between them, as the programme's areas have it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from sankul.engines import composite, feedback, sampling

from .worlds import GROUPS, Claims, Floats, Setting, World

THRESHOLD = 45.0
"""Points of the index, 0 to 100, below which a cluster's funding is in question."""
SHARE_VERIFIED = 0.2
LEAST_GROUP = 5
"""Answers behind a group's mean that may be shown: below it nothing of the group enters a score."""
CONFIDENCE = 0.9
DRAWS = 400
TINY = 1e-9


@dataclass(frozen=True)
class Figures:
    """Values of some indicators, [clusters × indicators], with limits where they are not known exactly."""

    value: Floats
    low: Floats | None = None
    high: Floats | None = None

    @property
    def ends(self) -> tuple[Floats, Floats]:
        """The limits, which hold the value; the value itself where there are none."""
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        return np.fmin(low, self.value), np.fmax(high, self.value)


class Records:
    """A world as its evaluators meet it; what several ways of evaluation need is computed once."""

    def __init__(self, world: World, number: str) -> None:
        self.world = world
        self._number = number

    @property
    def claims(self) -> Claims:
        """What clusters claim."""
        return self.world.claims

    @cached_property
    def population(self) -> sampling.Population:
        """All claims, in strata of a cluster and an indicator, sized by what they can move the index by."""
        claims = self.claims
        strata = [f"{c:03}/{k:03}" for c, k in zip(claims.cluster, claims.indicator, strict=True)]
        return sampling.Population.of(claims.ids, strata, np.maximum(claims.claimed, 0.01))

    @cached_property
    def sample(self) -> sampling.Sample:
        """The claims drawn for verification."""
        size = round(SHARE_VERIFIED * len(self.population))
        plan = sampling.plan(self.population, sample=size)
        return sampling.draw(self.population, plan, public_number=self._number, round_id="1")

    @cached_property
    def stands(self) -> dict[str, float]:
        """The share that stands of each verified claim: verifiers find the truth."""
        shares = self.claims.true / np.maximum(self.claims.claimed, TINY)
        return {name: min(1.0, float(shares[k])) for name, k in zip(self.sample.ids, self.sample.rows, strict=True)}  # fmt: skip

    def totals(self, amounts: Floats) -> Figures:
        """Amounts of claims added up by cluster and indicator."""
        setting, claims = self.world.setting, self.claims
        summed = np.zeros((setting.clusters, setting.counted))
        np.add.at(summed, (claims.cluster, claims.indicator), amounts)
        return Figures(summed)

    @cached_property
    def estimates(self) -> sampling.Estimates:
        """What stands of each cluster's indicator."""
        names = [self.population.strata[k] for k in self.population.stratum]
        amounts = sampling.Amounts.of(self.population, self.population.ids, names, self.claims.claimed)  # fmt: skip
        return sampling.estimate(
            self.population, self.sample, self.stands, amounts, confidence=CONFIDENCE
        )

    @cached_property
    def standing(self) -> sampling.Estimates:
        """What stands of all claims of each cluster, by size."""
        names = [self.population.strata[k].split("/")[0] for k in self.population.stratum]
        amounts = sampling.Amounts.of(self.population, self.population.ids, names, self.population.size)  # fmt: skip
        return sampling.estimate(
            self.population, self.sample, self.stands, amounts, confidence=CONFIDENCE
        )


def claimed(records: Records) -> Figures:
    """Totals as the clusters report them."""
    return records.totals(records.claims.claimed)


def corrected(records: Records) -> Figures:
    """Totals with what was found false in the sample taken out; the rest is believed."""
    amounts = records.claims.claimed.copy()
    amounts[records.sample.rows] = records.claims.true[records.sample.rows]
    return records.totals(amounts)


def bounded(records: Records) -> Figures:
    """Corrected totals, with limits by what stands of all the cluster's claims: what the evaluation of a year works with."""
    found = corrected(records)
    low, _middle, high = _by_cluster(records)
    return Figures(found.value, low, high)


def estimated(records: Records) -> Figures:
    """Each total by the ratio of what stands in its own sample, with limits as the evaluation has them."""
    setting, found = records.world.setting, records.estimates
    low, _middle, high = _by_cluster(records)
    return Figures(_grid(setting, found, found.value), low, high)


def pooled(records: Records) -> Figures:
    """What was looked at as found, and of the rest the share that stands of all the cluster's claims."""
    low, middle, high = _by_cluster(records)
    return Figures(middle, low, high)


def _grid(setting: Setting, found: sampling.Estimates, column: Floats) -> Floats:
    grid = np.zeros((setting.clusters, setting.counted))
    for name, value in zip(found.domains, column, strict=True):
        cluster, indicator = map(int, name.split("/"))
        grid[cluster, indicator] = value
    return grid


def _by_cluster(records: Records) -> tuple[Floats, Floats, Floats]:
    """Limits and middle of totals, where the cluster's share of what stands goes for all that nobody looked at."""
    setting, found, whole = records.world.setting, records.estimates, records.standing
    known = _grid(setting, found, found.known)
    checked = np.zeros(len(records.population))
    checked[records.sample.rows] = records.claims.claimed[records.sample.rows]
    unseen = np.maximum(claimed(records).value - records.totals(checked).value, 0)
    rest = records.population.size.copy()
    rest[records.sample.rows] = 0
    sizes = np.bincount(records.claims.cluster, rest, setting.clusters)
    shares = [
        np.clip((end - whole.known) / np.maximum(sizes, TINY), 0, 1)
        for end in (whole.low, whole.value, whole.high)
    ]
    low, middle, high = (known + share[:, None] * unseen for share in shares)
    return low, middle, high


def plain_scores(records: Records) -> Figures:
    """Means of the experts' levels."""
    world = records.world
    shape = (world.setting.clusters, world.setting.criteria)
    return Figures(_means(shape, world.scores.cluster, world.scores.criterion, world.scores.value))


def fair_scores(records: Records) -> Figures:
    """Levels adjusted for each expert's severity, with their limits; plain means where experts cannot be compared."""
    world = records.world
    scores = world.scores
    units = [f"{c:03}/{k:03}" for c, k in zip(scores.cluster, scores.criterion, strict=True)]
    raters = [f"{who:03}" for who in scores.rater]
    try:
        found = feedback.severity(feedback.Ratings.of(raters, units, scores.value.tolist()))
    except feedback.NotLinkedError:
        return plain_scores(records)
    level = np.zeros((world.setting.clusters, world.setting.criteria))
    error = np.zeros_like(level)
    for unit, one, by in zip(found.units, found.level, found.level_error, strict=True):
        cluster, criterion = map(int, unit.split("/"))
        level[cluster, criterion], error[cluster, criterion] = one, by
    return Figures(level, level - 1.645 * error, level + 1.645 * error)


def plain_answers(records: Records) -> Figures:
    """The mean of all answers about a cluster, whoever gave them."""
    world = records.world
    answers = world.answers
    return Figures(
        _means((world.setting.clusters, 1), answers.cluster, answers.criterion, answers.value)
    )


def fair_answers(records: Records) -> Figures:
    """Shrunk means of the groups that may be shown, each group counting the same, with their limits."""
    world = records.world
    answers, clusters = world.answers, world.setting.clusters
    cell = answers.cluster * len(GROUPS) + answers.rater
    count = np.bincount(cell, minlength=clusters * len(GROUPS))
    shown = count[cell] >= LEAST_GROUP
    responses = feedback.Responses.of(
        [f"{c:03}" for c in answers.cluster[shown]],
        [GROUPS[g] for g in answers.rater[shown]],
        answers.value[shown].tolist(),
    )
    rng = np.random.default_rng(int(records.sample.seed[:8], 16))
    found = feedback.score(
        responses, dict.fromkeys(GROUPS, 1.0), rng=rng, draws=DRAWS, confidence=CONFIDENCE
    )
    columns = np.full((3, clusters), np.nan)
    columns[:, [int(unit) for unit in found.units]] = found.score, found.low, found.high
    value, low, high = columns[:, :, None]
    return Figures(value, low, high)


def _means(shape: tuple[int, int], row: Any, column: Any, values: Floats) -> Floats:
    place = row * shape[1] + column
    number = np.bincount(place, minlength=shape[0] * shape[1])
    total = np.bincount(place, values, shape[0] * shape[1])
    means = np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
    return means.reshape(shape)


@dataclass(frozen=True)
class Arm:
    """One way from records to an index: of claims, of experts' scores, of stakeholders' answers, and to the common scale."""

    title: str
    claims: Callable[[Records], Figures] = claimed
    scores: Callable[[Records], Figures] = plain_scores
    answers: Callable[[Records], Figures] = plain_answers
    normalise: str = "goalposts"

    def figures(self, records: Records) -> Figures:
        """All indicators of all clusters."""
        parts = [self.claims(records), self.scores(records), self.answers(records)]
        low, high = (np.hstack(ends) for ends in zip(*(one.ends for one in parts), strict=True))
        return Figures(np.hstack([one.value for one in parts]), low, high)


NAIVE: Final = Arm("plain means")
NAIVE_VERIFIED: Final = Arm("plain means, sample corrected", corrected)
SANKUL: Final = Arm("Sankul", claimed, fair_scores, fair_answers)
SANKUL_VERIFIED: Final = Arm("Sankul, sample verified", estimated, fair_scores, fair_answers)
ARMS: Final = (NAIVE, NAIVE_VERIFIED, SANKUL, SANKUL_VERIFIED)


def framework(setting: Setting, normalise: str = "goalposts") -> dict[str, Any]:
    """The index: all indicators weigh the same; goalposts are the ends of quality, 0 and 100 or levels 1 and 5."""
    indicators = [
        {"id": name, "parent": "index", "goalposts": list(posts)}
        for name, posts in columns(setting).items()
    ]
    return {
        "framework": {"id": "rounds", "title": "Rounds", "version": "1", "threshold": THRESHOLD},
        "node": [{"id": "index", "title": "Index"}],
        "indicator": indicators,
        "step": [
            {"do": "normalise", "method": normalise, "low": 0, "high": 100},
            {"do": "aggregate", "method": "arithmetic"},
        ],
        "vary": [{"what": "data"}],
    }


def columns(setting: Setting) -> dict[str, tuple[int, int]]:
    """The indicators by name, with their goalposts."""
    counted = {f"counted-{k}": (0, 100) for k in range(setting.counted)}
    return counted | {f"criterion-{k}": (1, 5) for k in range(setting.criteria)} | {"survey": (1, 5)}  # fmt: skip


def package(setting: Setting, figures: Figures, normalise: str = "goalposts") -> composite.Package:
    """What the engine evaluates."""
    low, high = figures.ends
    units = [{"unit": f"{k:03}", "name": f"Cluster {k + 1}"} for k in range(setting.clusters)]
    return composite.Package.from_parts(
        framework(setting, normalise),
        units,
        _rows(setting, figures.value),
        values_low=_rows(setting, low),
        values_high=_rows(setting, high),
    )


def _rows(setting: Setting, values: Floats) -> list[Mapping[str, Any]]:
    names = list(columns(setting))
    return [
        {"unit": f"{k:03}"}
        | {n: None if np.isnan(v) else float(v) for n, v in zip(names, row, strict=True)}
        for k, row in enumerate(values)
    ]


def index(setting: Setting, figures: Figures, normalise: str = "goalposts") -> Floats:
    """Scores of the clusters, 0 to 100."""
    made = package(setting, figures, normalise)
    return np.asarray(composite.run(made.spec, made.frame).scores.column("index"), dtype=np.float64)


def certainty(setting: Setting, figures: Figures, seed: int) -> composite.Uncertainty:
    """How far scores move within the limits of the figures."""
    made = package(setting, figures)
    return composite.uncertainty(made.spec, made.frame, draws=DRAWS, seed=seed, outranking=False)
