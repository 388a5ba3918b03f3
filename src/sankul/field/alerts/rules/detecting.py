"""Detectors in the words and units of the people who set them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.formats import number
from sankul.core.rules.verdicts import Refused
from sankul.engines import detectors
from sankul.engines.detectors import DetectorError, Spec

from .words import DetectorKind

MINUTES = ("for_s", "over_s", "after_s", "within_s")
"""Parameters that people give in minutes."""
FACTORS = dict.fromkeys(MINUTES, 60.0) | {"share": 0.01}
"""What people give, times this, is what a detector keeps: seconds for minutes, shares of one for per cent."""

NAMED = {
    "raise_at": _("Raised beyond"),
    "clear_at": _("Over again at"),
    "least_scale": _("Least scale"),
}
"""Parameters by the names that they have in forms."""


def checked(kind: str, parameters: Mapping[str, Any]) -> Spec:
    """The specification of a detector. Raises Refused with what is wrong and what is expected."""
    try:
        return detectors.spec(kind, parameters)
    except DetectorError as error:
        raise Refused(
            _t("%(key)s: %(given)s cannot be; it is %(expected)s.")
            % {
                "key": NAMED.get(error.key, error.key),
                "given": f"{error.given:g}" if isinstance(error.given, float) else error.given,
                "expected": error.expected,
            }
        ) from None


def told(kind: str, parameters: Mapping[str, Any], unit: str) -> str:
    """What a detector looks for, in a sentence."""
    given = {key: _shown(key, value) for key, value in parameters.items()}
    given |= {"unit": unit, "lasting": _lasting(parameters.get("for_s", 0))}
    match kind:
        case DetectorKind.ABOVE:
            text = _t("above %(raise_at)s %(unit)s %(lasting)s, until %(clear_at)s %(unit)s")
        case DetectorKind.BELOW:
            text = _t("below %(raise_at)s %(unit)s %(lasting)s, until %(clear_at)s %(unit)s")
        case DetectorKind.RATE:
            text = _t("changes by more than %(raise_at)s %(unit)s in an hour, over %(over_s)s")
        case DetectorKind.RESIDUAL:
            text = _t("more than %(raise_at)s scales from its forecast, %(lasting)s")
        case DetectorKind.ABSENCE:
            text = _t("nothing for longer than %(after_s)s")
        case _:
            given = {"least": "2"} | given
            text = _t("%(share)s %% of the sites, at least %(least)s, within %(within_s)s")
    return " ".join((text % given).split())


def length(seconds: float) -> str:
    """A length of time in its largest unit or two, without needless ones: 30 s, 1 min 30 s, 2 h, 3 d 4 h."""
    if seconds < 60:
        return _t("%s s") % _plain(seconds)
    whole = round(seconds)
    days, hours, minutes = whole // 86_400, whole // 3600 % 24, whole // 60 % 60
    counted = [
        (_t("%s d"), days),
        (_t("%s h"), hours),
        (_t("%s min"), minutes),
        (_t("%s s"), whole % 60),
    ]
    first = next(place for place, (_text, count) in enumerate(counted) if count)
    return " ".join(text % count for text, count in counted[first : first + 2] if count)


def _lasting(seconds: float) -> str:
    return _t("for %s") % length(seconds) if seconds else _t("at once")


def _shown(key: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if key in MINUTES:
        return length(value)
    return _plain(float(value) * (100 if key == "share" else 1))


def _plain(value: float) -> str:
    shown = number(value, 4)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
