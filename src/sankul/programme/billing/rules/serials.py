"""Serial numbers: consecutive in a supplier's series, unique in its financial year."""

from __future__ import annotations

import re
from datetime import date

from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import ALLOWED, Refused, Verdict, refused

from .law import LAW, financial_year
from .words import DocumentKind

PREFIX_CHARACTERS = 4
"""A prefix of four leaves room for year, series and five digits within the sixteen that the rules allow."""
_PREFIX = re.compile(rf"[A-Z][A-Z0-9]{{1,{PREFIX_CHARACTERS - 1}}}")
_SERIAL = re.compile(r"[A-Z0-9/-]+")


def why_not_prefix(prefix: str) -> Verdict:
    """Whether serial numbers of a host can begin with a text: two to four capitals and digits, a letter first."""
    if _PREFIX.fullmatch(prefix):
        return ALLOWED
    return refused(
        _t(
            "A prefix has two to four capital letters or digits and begins with a letter, as in NIR."
        )
    )


def serial(*, prefix: str, kind: DocumentKind, number: int, on: date) -> str:
    """The serial number of the document so many in its series of the financial year: ``NIR/2627/T00012``.

    Raises Refused where it would break rule 46(b): too many characters, or others than letters, digits, - and /.
    """
    year = financial_year(on)
    letter = LAW.document(kind, on).letter
    made = f"{prefix}/{year % 100:02d}{(year + 1) % 100:02d}/{letter}{number:05d}"
    most = int(LAW.limit("serial_characters", on).value)
    if len(made) > most or not _SERIAL.fullmatch(made):
        raise Refused(
            _t(
                "The serial number %(made)s has more than %(most)d characters, or others than allowed."
            )
            % {"made": made, "most": most}
        )
    return made
