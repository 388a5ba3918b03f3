"""How often an evaluation finds the true order and the true clusters below the threshold.

    python -m benchmarks.rounds [--quick] [--json FILE] [--seed NUMBER]

200 rounds (12 with --quick) of eight clusters whose true quality is known are played in several settings. Clusters claim
more than is so, experts differ in severity, stakeholders stay away, and each year is evaluated four ways: by plain means and
by Sankul, each with and without verification of a fifth of the claims. All four see the same worlds and the same sample.
Differences are told with 95 % intervals of a paired bootstrap over rounds. What the parts of Sankul give, alone and together,
stands in a table of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from scipy.stats import kendalltau

from sankul.engines import agreement

from . import arms, figures
from .arms import Arm, Figures, Records
from .worlds import Floats, Setting, World, world

ROUNDS, QUICK, SEED = 200, 12, 20261123
RESAMPLES = 4000
SURE = 0.9
"""Share of draws on one side of the threshold from which a decision counts as clear."""
EXPECTED: Final = Setting()
SETTINGS: Final[Mapping[str, Setting]] = {
    "all troubles": EXPECTED,
    "nobody overclaims": replace(EXPECTED, overclaiming=0),
    "much overclaimed": replace(EXPECTED, overclaiming=0.4),
    "the weak overclaim most": replace(EXPECTED, boasting=0.8),
    "two panels apart": replace(EXPECTED, teams=2),
    "experts alike": replace(EXPECTED, severity=0),
    "few answer": replace(EXPECTED, answering=0.4),
    "experts decide most": replace(EXPECTED, counted=2, criteria=6),
}
PARTS: Final = (
    replace(arms.NAIVE, title="plain means, min–max", normalise="min_max"),
    arms.NAIVE,
    arms.NAIVE_VERIFIED,
    replace(arms.NAIVE_VERIFIED, title="… severity adjusted", scores=arms.fair_scores),
    replace(arms.NAIVE_VERIFIED, title="… groups weighed and shrunk", answers=arms.fair_answers),
    replace(arms.NAIVE_VERIFIED, title="… totals estimated", claims=arms.estimated),
    replace(arms.SANKUL_VERIFIED, title="all three, totals estimated"),
    replace(arms.SANKUL_VERIFIED, title="all three, one share a cluster", claims=arms.pooled),
    replace(arms.SANKUL_VERIFIED, title="all three, totals corrected only", claims=arms.bounded),
)
Row = dict[str, float]
"""What came of one round evaluated one way, by measure; shares and truths as numbers from 0 to 1."""
ORDER: Final = ("tau", "pairs", "top3")
DECISIONS: Final = ("below", "decided", "wrongly_below", "missed")


def truth(made: World) -> Floats:
    """The true index."""
    return arms.index(made.setting, Figures(made.truth))


def found_order(true: Floats, scores: Floats) -> Row:
    """Kendall's tau-b, the share of pairs in the right order, and whether the first three are the true ones in their order."""
    first, second = np.triu_indices(true.size, 1)
    right = np.sign(true[first] - true[second]) == np.sign(scores[first] - scores[second])
    same = np.array_equal(np.argsort(-true)[:3], np.argsort(-scores)[:3])
    return {
        "tau": float(kendalltau(true, scores).statistic),
        "pairs": float(right.mean()),
        "top3": float(same),
    }


def found_below(true: Floats, scores: Floats) -> Row:
    """Whether exactly the right clusters are below the threshold, and the clusters on the right and on the wrong side."""
    really, seen = true < arms.THRESHOLD, scores < arms.THRESHOLD
    return {
        "below": float(np.array_equal(really, seen)),
        "decided": float((really == seen).mean()),
        "wrongly_below": float((seen & ~really).sum()),
        "missed": float((really & ~seen).sum()),
    }


def found_certainty(true: Floats, setting: Setting, given: Figures, seed: int) -> Row:
    """How often 90 % intervals of scores and ranks hold the truth; for whom the side is clear, and how often that is wrong."""
    made = arms.certainty(setting, given, seed)
    low, _middle, high = made.score_interval.T
    rank = 1.0 + np.argsort(np.argsort(-true))
    first, _, last = made.rank_interval.T
    below = made.probability_below
    assert below is not None
    is_clear = np.maximum(below, 1 - below) >= SURE
    is_wrong = (below > 0.5) != (true < arms.THRESHOLD)
    return {
        "held": float(((low <= true) & (true <= high)).mean()),
        "rank_held": float(((first <= rank) & (rank <= last)).mean()),
        "width": float((high - low).mean()),
        "clear": float(is_clear.mean()),
        "clearly_wrong": float((is_clear & is_wrong).sum()),
        "clear_ones": float(is_clear.sum()),
    }


def evaluated(true: Floats, records: Records, arm: Arm, seed: int, *, sure: bool) -> Row:
    """One round, one way."""
    setting, given = records.world.setting, arm.figures(records)
    scores = arms.index(setting, given, arm.normalise)
    row = found_order(true, scores) | found_below(true, scores)
    return row | found_certainty(true, setting, given, seed) if sure else row


def played(
    setting: Setting, ways: Sequence[Arm], rounds: int, seed: int, *, sure: bool = True
) -> tuple[list[list[Row]], list[float]]:
    """Rows [ways][rounds] of a setting, and the experts' agreement (Krippendorff's alpha) in each round."""
    rows: list[list[Row]] = [[] for _way in ways]
    alphas = []
    for number in range(rounds):
        made = world(setting, [seed, number])
        true, records = truth(made), Records(made, f"{seed} {number}")
        for kept, arm in zip(rows, ways, strict=True):
            kept.append(evaluated(true, records, arm, number, sure=sure))
        alphas.append(_alpha(made))
    return rows, alphas


def _alpha(made: World) -> float:
    scores, setting = made.scores, made.setting
    grid = np.full((setting.clusters * setting.criteria, setting.members), np.nan)
    grid[scores.cluster * setting.criteria + scores.criterion, scores.rater] = scores.value
    return float(agreement.krippendorff_alpha(grid, "interval").value)


def mean(rows: Iterable[Row], name: str) -> float:
    """The mean of a measure over rounds."""
    return float(np.mean([row[name] for row in rows]))


def difference(ours: Sequence[Row], theirs: Sequence[Row], name: str, seed: int) -> str:
    """The mean difference over rounds and its 95 % interval, rounds drawn anew in pairs (percentile bootstrap)."""
    by = np.array([one[name] - other[name] for one, other in zip(ours, theirs, strict=True)])
    rng = np.random.default_rng([seed, 1])
    drawn = by[rng.integers(0, by.size, (RESAMPLES, by.size))].mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{by.mean():+.3f} ({low:+.3f} to {high:+.3f})"


def found_table(name: str, rows: Sequence[Sequence[Row]], ways: Sequence[Arm]) -> figures.Table:
    """How often the truth was found, way by way."""
    table = figures.Table(name)
    for arm, own in zip(ways, rows, strict=True):
        table.add(evaluation=arm.title, **{key: mean(own, key) for key in (*ORDER, *DECISIONS)})
    return table


def sure_table(rows: Sequence[Sequence[Row]]) -> figures.Table:
    """What the intervals are worth, for the two ways that have them."""
    table = figures.Table("Intervals of scores")
    for arm, own in zip(arms.ARMS, rows, strict=True):
        if arm in {arms.SANKUL, arms.SANKUL_VERIFIED}:
            clear = sum(row["clear_ones"] for row in own)
            wrong = sum(row["clearly_wrong"] for row in own)
            table.add(
                evaluation=arm.title,
                held_by_90=mean(own, "held"),
                width=mean(own, "width"),
                rank_held_by_90=mean(own, "rank_held"),
                clear=mean(own, "clear"),
                clear_but_wrong=wrong / clear if clear else None,
            )
    return table


def differences(found: Mapping[str, Sequence[Sequence[Row]]], seed: int) -> figures.Table:
    """Sankul less plain means, both verified and both not, and verified less not, in every setting."""
    naive, corrected, sankul, verified = range(4)
    compared = (
        ("Sankul − plain, not verified", sankul, naive),
        ("Sankul − plain, verified", verified, corrected),
        ("Sankul, verified − not", verified, sankul),
        ("Sankul verified − plain not", verified, naive),
    )
    table = figures.Table("Differences, with 95 % intervals")
    for setting, rows in found.items():
        for title, ours, theirs in compared:
            table.add(
                setting=setting,
                difference=title,
                **{k: difference(rows[ours], rows[theirs], k, seed) for k in ("tau", "top3", "below", "decided")},
            )  # fmt: skip
    return table


def main(given: list[str] | None = None) -> int:
    """Play, print, write."""
    parser = figures.arguments(__doc__ or "")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the worlds, {SEED} unless told")
    asked = parser.parse_args(given)
    rounds, begun = QUICK if asked.quick else ROUNDS, time.perf_counter()
    found: dict[str, list[list[Row]]] = {}
    tables = []
    for name, setting in SETTINGS.items():
        rows, alphas = played(setting, arms.ARMS, rounds, asked.seed)
        found[name] = rows
        tables += [found_table(f"{name}: {rounds} rounds", rows, arms.ARMS), sure_table(rows)]
        tables[-2].note = f"Experts' agreement (Krippendorff's alpha): {np.mean(alphas):.2f}"
    rows, _alphas = played(EXPECTED, PARTS, rounds, asked.seed, sure=False)
    tables.append(found_table("What the parts give (all troubles, sample verified)", rows, PARTS))
    tables.append(differences(found, asked.seed))
    tables[-1].note = (
        f"Seeds [{asked.seed}, 0] to [{asked.seed}, {rounds - 1}]; {arms.THRESHOLD:g} points is the threshold; "
        f"{time.perf_counter() - begun:.0f} s in all"
    )
    return figures.finish(tables, asked.json)


if __name__ == "__main__":
    raise SystemExit(main())
