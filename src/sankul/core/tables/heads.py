"""Which column of a table is which: by its heading, whatever its case and spacing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .problems import Unreadable, Why


@dataclass(frozen=True)
class Column:
    """A column that is known: its name, other headings it may have, and whether it must be there."""

    name: str
    aliases: tuple[str, ...] = ()
    required: bool = False


def matched(head: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    """The place of each known column in the heading, by its name.

    Raises Unreadable with everything that is wrong: a heading that is unknown (with the nearest that is known), one that stands
    twice, one that is empty, and one that is missing.
    """
    known = {_plain(text): column for column in columns for text in (column.name, *column.aliases)}
    found: dict[str, int] = {}
    wrong: list[str] = []
    for place, text in enumerate(head):
        column = known.get(_plain(text))
        if column is None:
            wrong.append(_unknown(text, place, columns))
        elif column.name in found:
            wrong.append(_("“%s” stands twice in the heading.") % column.name)
        else:
            found[column.name] = place
    missing = [it.name for it in columns if it.required and it.name not in found]
    wrong += [_("The heading lacks the column “%s”.") % name for name in missing]
    if wrong:
        raise Unreadable(Why.HEADING, " ".join(wrong))
    return found


def _unknown(text: str, place: int, columns: Sequence[Column]) -> str:
    if not text.strip():
        return _("Column %d has no heading.") % (place + 1)
    near = difflib.get_close_matches(_plain(text), [_plain(it.name) for it in columns], 1, 0.6)
    if not near:
        return _("“%s” is no column of this table.") % text.strip()
    name = next(it.name for it in columns if _plain(it.name) == near[0])
    return _("“%(text)s” is no column of this table; did you mean “%(name)s”?") % {
        "text": text.strip(),
        "name": name,
    }


def _plain(text: str) -> str:
    return re.sub(r"[\s_*\u00a0\ufeff]+", " ", str(text)).strip().casefold()
