"""What is measured in water: name, unit and method of analysis.

Methods: parts of IS 3025 (Methods of sampling and test, physical and chemical) and IS 1622 (microbiological) as IS 10500:2012
names them; BOD by IS 3025 (Part 44).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Parameter:
    """``least`` to ``most`` is what can be at all, in ``unit``; ``is_count`` of bacteria."""

    code: str
    name: StrOrPromise
    unit: str
    method: str
    most: Decimal
    least: Decimal = Decimal(0)
    is_count: bool = False


def _of(
    code: str, name: StrOrPromise, unit: str, method: str, most: str, least: str = "0"
) -> Parameter:
    return Parameter(
        code, name, unit, method, Decimal(most), Decimal(least), unit.endswith("100 mL")
    )


PARAMETERS: Final[dict[str, Parameter]] = {
    each.code: each
    for each in (
        _of("ph", _("pH"), "", "IS 3025 (Part 11)", "14"),
        _of("turbidity", _("Turbidity"), "NTU", "IS 3025 (Part 10)", "10000"),
        _of("tds", _("Total dissolved solids"), "mg/L", "IS 3025 (Part 16)", "100000"),
        _of("hardness", _("Total hardness as CaCO₃"), "mg/L", "IS 3025 (Part 21)", "20000"),
        _of("alkalinity", _("Total alkalinity as CaCO₃"), "mg/L", "IS 3025 (Part 23)", "20000"),
        _of("chloride", _("Chloride"), "mg/L", "IS 3025 (Part 32)", "50000"),
        _of("sulphate", _("Sulphate"), "mg/L", "IS 3025 (Part 24)", "20000"),
        _of("nitrate", _("Nitrate as NO₃"), "mg/L", "IS 3025 (Part 34)", "5000"),
        _of("fluoride", _("Fluoride"), "mg/L", "IS 3025 (Part 60)", "500"),
        _of("iron", _("Iron"), "mg/L", "IS 3025 (Part 53)", "1000"),
        _of("arsenic", _("Total arsenic"), "mg/L", "IS 3025 (Part 37)", "100"),
        _of("lead", _("Lead"), "mg/L", "IS 3025 (Part 47)", "100"),
        _of("chlorine", _("Free residual chlorine"), "mg/L", "IS 3025 (Part 26)", "50"),
        _of("ecoli", _("E. coli"), "per 100 mL", "IS 1622", "1000000000000"),
        _of("total_coliform", _("Total coliforms"), "per 100 mL", "IS 1622", "1000000000000"),
        _of("faecal_coliform", _("Faecal coliforms"), "per 100 mL", "IS 1622", "1000000000000"),
        _of("temperature", _("Temperature"), "°C", "IS 3025 (Part 9)", "60", "-2"),
        _of("oxygen", _("Dissolved oxygen"), "mg/L", "IS 3025 (Part 38)", "30"),
        _of("bod", _("Biochemical oxygen demand"), "mg/L", "IS 3025 (Part 44)", "10000"),
        _of("conductivity", _("Conductivity"), "µS/cm", "IS 3025 (Part 14)", "200000"),
        _of("nitrate_n", _("Nitrate as N"), "mg/L", "IS 3025 (Part 34)", "1000"),
        _of("ammonia_free_n", _("Free ammonia as N"), "mg/L", "IS 3025 (Part 34)", "1000"),
        _of("faecal_streptococci", _("Faecal streptococci"), "per 100 mL", "IS 1622", "1000000000000"),
    )
}  # fmt: skip
CHOICES: Final = [(each.code, each.name) for each in PARAMETERS.values()]


def why_not_unit(parameter: str, symbol: str) -> str:
    """Why a stream of that unit does not measure the parameter in its own unit, in words; empty if it does.

    The spellings of micro count as one, and pH has no unit however that is written.
    """
    wanted = PARAMETERS[parameter].unit
    if _plain(symbol) == _plain(wanted) or (
        not wanted and _plain(symbol) in {"", "1", "ph", "[ph]"}
    ):
        return ""
    told = {"wanted": wanted or "pH", "given": symbol or "—"}
    return _t("%(given)s is the stream's unit, %(wanted)s the parameter's.") % told


def _plain(symbol: str) -> str:
    return symbol.strip().lower().replace("µ", "u").replace("μ", "u")
