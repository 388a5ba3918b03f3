"""Worlds whose truth is known: clusters, what they claim, whom experts and stakeholders see.

A world is made from a setting and a seed, and from nothing else. Quality lies between 0 and 1 for every cluster and indicator.
An indicator that is counted truly reaches 100 × quality; experts and stakeholders would on average say 1 + 4 × quality.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GROUPS = ("government", "industry", "scientists", "universities")
MILDNESS = np.array([0.3, -0.5, 0.3, -0.1])
"""How much higher than the mean stakeholder each group answers; the four cancel out."""
ANSWERING = np.array([0.3, 0.25, 0.6, 0.5])
"""The share of each group's invited people who answer, where nothing else is said."""


@dataclass(frozen=True)
class Setting:
    """What a world is like; the defaults are a year with all its troubles.

    ``overclaiming`` is the mean share of claims that say more than is so, about half of these wholly void; ``boasting``
    (0 to 1) is how much larger that share is for the weakest cluster, and smaller for the best. ``teams`` are panels
    without a cluster in common. ``severity`` and ``slip`` are standard deviations of experts in levels, of the person and
    of the single score; ``temper`` and ``mood`` those of stakeholders. ``answering`` multiplies the share who answer;
    ``silence`` is how much rarer the least content do.
    """

    clusters: int = 8
    counted: int = 6
    criteria: int = 2
    claims: int = 27
    overclaiming: float = 0.2
    boasting: float = 0.0
    members: int = 6
    seats: int = 3
    teams: int = 1
    severity: float = 0.6
    slip: float = 0.5
    temper: float = 0.5
    mood: float = 0.8
    mildness: float = 1.0
    answering: float = 1.0
    silence: float = 0.4
    are_levels_whole: bool = True


QUIET = Setting(
    overclaiming=0, severity=0, slip=0, temper=0, mood=0, mildness=0, answering=10, silence=0,
    are_levels_whole=False,
)  # fmt: skip
"""Nothing goes wrong: nobody overclaims, everybody answers, and says what is so."""


@dataclass(frozen=True)
class Claims:
    """One claim a place: whose, of which indicator, what it says and what is so."""

    cluster: Ints
    indicator: Ints
    claimed: Floats
    true: Floats

    @cached_property
    def ids(self) -> list[str]:
        """A name for each."""
        return [f"claim-{number:05}" for number in range(len(self.claimed))]


@dataclass(frozen=True)
class Ratings:
    """One rating a place: by whom, or by which group, of which cluster on which criterion (one where stakeholders are asked)."""

    rater: Ints
    cluster: Ints
    criterion: Ints
    value: Floats


@dataclass(frozen=True)
class World:
    """The truth, ``quality`` [clusters × indicators] (counted, criteria, survey), and what is recorded of it.

    ``answers.rater`` is the group; ``invited`` is [clusters × groups].
    """

    setting: Setting
    quality: Floats
    severities: Floats
    claims: Claims
    scores: Ratings
    answers: Ratings
    invited: Ints

    @property
    def truth(self) -> Floats:
        """What the indicators would be if all were known, [clusters × indicators] in their own units."""
        counted = self.setting.counted
        return np.hstack([100 * self.quality[:, :counted], 1 + 4 * self.quality[:, counted:]])


def world(setting: Setting, seed: Any) -> World:
    """The world of this setting and seed. Parts have chances of their own: settings that differ in one share the others."""
    parts = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(4)]
    quality = _quality(setting, parts[0])
    severities, scores = _scores(setting, quality, parts[2])
    answers, invited = _answers(setting, quality[:, -1], parts[3])
    claims = _claims(setting, quality, parts[1])
    return World(setting, quality, severities, claims, scores, answers, invited)


def _quality(setting: Setting, rng: np.random.Generator) -> Floats:
    """A cluster's indicators vary about its own level, as clusters vary about one half."""
    shape = (setting.clusters, setting.counted + setting.criteria + 1)
    level = rng.normal(0.5, 0.12, (setting.clusters, 1))
    return np.clip(level + rng.normal(0, 0.15, shape), 0.02, 0.98)


def _claims(setting: Setting, quality: Floats, rng: np.random.Generator) -> Claims:
    places, claimed, true = [], [], []
    shares = rng.beta(1.2, 4.8, setting.clusters) * 5 * setting.overclaiming
    order = np.argsort(np.argsort(quality.mean(axis=1))) / max(1, setting.clusters - 1)
    shares = np.clip(shares * (1 + setting.boasting * (1 - 2 * order)), 0, 0.9)
    for cluster, share in enumerate(shares):
        for indicator in range(setting.counted):
            of_sound = share / (2 - share)  # as many are stretched as are void
            number = int(rng.integers(setting.claims // 2, setting.claims * 3 // 2))
            parts = rng.lognormal(0, 0.7, number)
            so = 100 * quality[cluster, indicator] * parts / parts.sum()
            is_more = rng.random(number) < of_sound
            said = np.where(is_more, so / rng.uniform(0.3, 0.95, number), so)
            void = rng.choice(so, rng.poisson(number * of_sound))
            claimed += [said, void]
            true += [so, np.zeros(void.size)]
            places.append(np.tile([cluster, indicator], (number + void.size, 1)))
    place = np.concatenate(places).astype(np.int64)
    return Claims(place[:, 0], place[:, 1], np.concatenate(claimed), np.concatenate(true))


def _scores(setting: Setting, quality: Floats, rng: np.random.Generator) -> tuple[Floats, Ratings]:
    """Each cluster is scored on all criteria by ``seats`` members of its team, drawn by lot."""
    severities = rng.normal(0, 1, setting.members) * setting.severity
    teams = np.array_split(np.arange(setting.members), setting.teams)
    rows = []
    for cluster in range(setting.clusters):
        team = teams[cluster % setting.teams]
        chosen = rng.choice(team, setting.seats, replace=False)
        rows += [(m, cluster, c) for m in chosen for c in range(setting.criteria)]
    who, cluster, criterion = np.array(rows, dtype=np.int64).T
    level = 1 + 4 * quality[cluster, setting.counted + criterion]
    said = level - severities[who] + rng.normal(0, 1, who.size) * setting.slip
    return severities, Ratings(who, cluster, criterion, _levels(setting, said))


def _answers(setting: Setting, quality: Floats, rng: np.random.Generator) -> tuple[Ratings, Ints]:
    """People of four groups answer about one cluster each, or do not; the least content more rarely."""
    invited = rng.integers(8, 41, (setting.clusters, len(GROUPS)))
    cluster, group = (
        np.repeat(axis.ravel(), invited.ravel()) for axis in np.indices(invited.shape)
    )
    spread = rng.normal(0, 1, (2, cluster.size)) * [[setting.temper], [setting.mood]]
    mild = setting.mildness * (MILDNESS - MILDNESS.mean())
    said = 1 + 4 * quality[cluster] + mild[group] + spread.sum(axis=0)
    content = np.clip((said - 1) / 4, 0, 1)
    chance = setting.answering * ANSWERING[group] * (1 - setting.silence * (1 - content))
    there = rng.random(cluster.size) < chance
    value = _levels(setting, said)[there]
    rows = Ratings(group[there], cluster[there], np.zeros(there.sum(), np.int64), value)
    return rows, invited


def _levels(setting: Setting, said: Floats) -> Floats:
    return np.clip(np.rint(said), 1, 5) if setting.are_levels_whole else said
