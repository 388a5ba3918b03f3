"""What is wrong with figures that others publish: told by name, and the rest kept."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _t

from .parameters import PARAMETERS


class Pair(NamedTuple):
    """The least and the most of a year, as published."""

    least: Decimal | None
    most: Decimal | None


def why_not_pair(parameter: str, pair: Pair) -> str:
    """Why a pair cannot be true, in words; empty if it can.

    Outside what can be at all (a pH above 14), or the minimum above the maximum. One of both may be missing.
    """
    known = PARAMETERS[parameter]
    for value in pair:
        if value is not None and not known.least <= value <= known.most:
            span = {
                "value": value,
                "least": known.least,
                "most": f"{known.most} {known.unit}".strip(),
            }
            return (
                _t("%(value)s lies outside %(least)s to %(most)s, which is all there can be") % span
            )
    if pair.least is not None and pair.most is not None and pair.least > pair.most:
        told = {"least": pair.least, "most": pair.most}
        return _t("minimum %(least)s is above maximum %(most)s") % told
    return ""


def why_doubt_pair(parameter: str, pair: Pair) -> str:
    """Why a pair that can be is to be looked at: a pH below 3 in a river."""
    if parameter == "ph" and pair.least is not None and pair.least < 3:
        return _t("a pH of %(value)s is hardly that of a river") % {"value": pair.least}
    return ""
