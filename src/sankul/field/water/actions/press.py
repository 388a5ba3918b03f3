"""A month's report typeset as a tagged PDF (PDF/UA-1), by Typst, with the site's own fonts."""

from __future__ import annotations

import json
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import typst
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sankul.core import formats
from sankul.core.charts.chart import demonstration_mark
from sankul.engines.pictures.look import FONT_FOLDER
from sankul.field.water.queries.monthly import Month
from sankul.field.water.rules import PARAMETERS

STANDARD: Final = "ua-1"


def pdf(month: Month) -> bytes:
    """The report in the reader's language; the same bytes for the same month."""
    with tempfile.TemporaryDirectory(prefix="sankul-") as name:
        source = Path(name) / "month.typ"
        source.write_bytes(files(__package__).joinpath("month.typ").read_bytes())
        compiler = typst.Compiler(
            str(source), root=name, font_paths=[str(FONT_FOLDER)], ignore_system_fonts=True
        )
        made = compiler.compile(
            format="pdf",
            sys_inputs={"data": json.dumps(told(month), ensure_ascii=False)},
            pdf_standards=[STANDARD],
            timestamp=int(month.end.timestamp()),
        )
    if not isinstance(made, bytes):
        raise TypeError("a report is one file")
    return made


def told(month: Month) -> dict[str, Any]:
    """All that the report says."""
    samples = sum(judged for _name, _complied, judged in month.villages)
    within = sum(complied for _name, complied, _judged in month.villages)
    named = formats.written(month.first, "F Y")
    return {
        "title": _("Drinking water in %s") % named,
        "language": get_language() or "en",
        "mark": demonstration_mark() if month.is_demonstration else "",
        "lines": [
            _("%(within)d of %(samples)d samples were within the limits of IS 10500.")
            % {"within": within, "samples": samples},
            _("%(begun)d responses were begun, %(closed)d closed.")
            % {"begun": month.begun, "closed": month.closed},
            _("Sensors raised %(raised)d alerts; somebody answered %(answered)d of them.")
            % {"raised": month.raised, "answered": month.answered},
        ],
        "tables": [
            {
                "title": _("Above a limit at the end of the month"),
                "head": [_("Village"), _("Source"), _("Parameter"), _("Since"), _("Who is on it")],
                "rows": [
                    [
                        one.source.village.name,
                        one.source.name,
                        str(PARAMETERS[one.risk.parameter].name),
                        formats.day(timezone.localtime(one.risk.since)),
                        one.owner or _("nobody yet"),
                    ]
                    for one in month.at_risk
                ],
                "empty": _("Nothing was above its limit."),
            },
            {
                "title": _("Samples by village"),
                "head": [_("Village"), _("Within the limits"), _("Judged")],
                "rows": [
                    [name, str(complied), str(judged)] for name, complied, judged in month.villages
                ],
                "empty": _("No sample was taken."),
            },
            {
                "title": _("Sensors by village"),
                "head": [_("Village"), _("Values within the limits"), _("Hours above a limit")],
                "rows": [
                    [
                        name,
                        _("%(within)s of %(values)s")
                        % {
                            "within": formats.number(tally.within),
                            "values": formats.number(tally.values),
                        },
                        formats.number(tally.hours_above, 1),
                    ]
                    for name, tally in month.sensors
                ],
                "empty": _("No sensor measured what has a limit."),
            },
        ],
    }
