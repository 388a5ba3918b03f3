"""The design of a verification: how exact it shall be, and what it shall look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused


@dataclass(frozen=True)
class Design:
    """What a verification is planned for.

    ``precision`` is the half-width of the interval wished for, as a share of the claimed total of the programme; ``confidence``
    how often intervals made so hold the truth; ``expected_overstatement`` the share of what is claimed that is expected not to
    stand (a guess, for planning alone). ``least_per_stratum`` claims of each cluster and kind are verified at least, and every
    claim worth ``certainty_points`` points of an index or more (None: no such claims). ``second_share`` of the sample is done
    once more, blind. A cluster has ``return_days`` days to send better evidence.
    """

    precision: Decimal = Decimal("0.05")
    confidence: Decimal = Decimal("0.90")
    expected_overstatement: Decimal = Decimal("0.10")
    least_per_stratum: int = 2
    certainty_points: Decimal | None = None
    second_share: Decimal = Decimal("0.10")
    minutes_per_claim: int = 20
    return_days: int = 14


def why_not_design(design: Design) -> Verdict:
    """Whether a verification can be planned so; every fault is told."""
    faults = list(_faults(design))
    return refused("\n".join(faults)) if faults else ALLOWED


def _faults(design: Design) -> Iterator[str]:
    if not Decimal("0.005") <= design.precision <= Decimal("0.5"):
        yield _t("The precision lies from 0.5 % to 50 % of the claimed total.")
    if not Decimal("0.5") <= design.confidence <= Decimal("0.99"):
        yield _t("The confidence lies from 50 % to 99 %.")
    if not 0 < design.expected_overstatement < 1:
        yield _t("The expected overstatement lies between 0 and 100 %.")
    if not 1 <= design.least_per_stratum <= 100:
        yield _t("At least 1 and at most 100 claims of each stratum can be asked for.")
    if design.certainty_points is not None and design.certainty_points <= 0:
        yield _t("The points from which every claim is verified lie above 0, or are left empty.")
    if not 0 <= design.second_share <= 1:
        yield _t("The share that is verified twice lies from 0 to 100 %.")
    if not 1 <= design.minutes_per_claim <= 2400:
        yield _t("A claim takes from 1 to 2,400 minutes.")
    if not 0 <= design.return_days <= 120:
        yield _t("A cluster has from 0 to 120 days to send better evidence.")
