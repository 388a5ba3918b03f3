"""Detectors in the words and units of the people who set them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _t

from sankul.core.formats import number
from sankul.core.rules.verdicts import Refused
from sankul.engines import detectors
from sankul.engines.detectors import DetectorError, Spec

from .words import DetectorKind

MINUTES = ("for_s", "over_s", "after_s", "within_s")
"""Parameters that people give in minutes."""


def checked(kind: str, parameters: Mapping[str, Any]) -> Spec:
    """The specification of a detector. Raises Refused with what is wrong and what is expected."""
    try:
        return detectors.spec(kind, parameters)
    except DetectorError as error:
        raise Refused(
            _t("%(key)s: %(given)s cannot be; it is %(expected)s.")
            % {"key": error.key, "given": error.given, "expected": error.expected}
        ) from None


def told(kind: str, parameters: Mapping[str, Any], unit: str) -> str:
    """What a detector looks for, in a sentence."""
    given = {key: _shown(key, value) for key, value in parameters.items()} | {"unit": unit}
    given = {"for_s": "0"} | given
    match kind:
        case DetectorKind.ABOVE:
            text = _t("above %(raise_at)s %(unit)s for %(for_s)s min, until %(clear_at)s %(unit)s")
        case DetectorKind.BELOW:
            text = _t("below %(raise_at)s %(unit)s for %(for_s)s min, until %(clear_at)s %(unit)s")
        case DetectorKind.RATE:
            text = _t("changes by more than %(raise_at)s %(unit)s in an hour, over %(over_s)s min")
        case DetectorKind.RESIDUAL:
            text = _t("more than %(raise_at)s scales from its forecast")
        case DetectorKind.ABSENCE:
            text = _t("nothing for longer than %(after_s)s min")
        case _:
            text = _t("%(share)s %% of the sites within %(within_s)s min")
    return " ".join((text % given).split())


def _shown(key: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    amount = float(value) / 60 if key in MINUTES else float(value) * (100 if key == "share" else 1)
    shown = number(amount, 4)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
