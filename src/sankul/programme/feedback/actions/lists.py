"""Reading a list of people to invite, as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from sankul.core.rules.verdicts import Refused
from sankul.programme.feedback.models import Survey
from sankul.programme.feedback.rules import Invited, all_faults

NEEDED = ("name", "email", "group", "clusters")
KNOWN = (*NEEDED, "organisation", "language")
LANGUAGES = ("en", "hi")
MAX_PEOPLE = 20_000
MAX_BYTES = 5 * 2**20
Row = dict[str, str]


def people(content: bytes, survey: Survey) -> list[Invited]:
    """The people in a CSV file (UTF-8, comma or semicolon), with the line of each.

    Groups and clusters go by their short names. Raises Refused with every fault and its line: a column missing or unknown, a
    group or cluster that there is not, a language that is not spoken here.
    """
    rows = list(_rows(content))
    groups = {group.code: group.pk for group in survey.groups.all()}
    clusters = dict(survey.programme.clusters.values_list("slug", "pk"))
    found, faults = [], []
    for line, row in rows:
        wrong = list(_faults(row, groups, clusters))
        faults += [_("Line %(line)d: %(fault)s") % {"line": line, "fault": it} for it in wrong]
        if not wrong:
            found.append(_invited(line, row, groups, clusters))
    if faults:
        raise Refused(all_faults(faults))
    if not found:
        raise Refused(_("The list names nobody."))
    return found


def _rows(content: bytes) -> Iterator[tuple[int, Row]]:
    if len(content) > MAX_BYTES:
        raise Refused(_("The list is larger than 5 MB."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(
            _("The list is not in UTF-8: byte %d. Save it as “CSV UTF-8”.") % error.start
        ) from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",", strict=True)
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        _check_head(head)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if reader.line_num > MAX_PEOPLE:
                raise Refused(_("The list has more than %d lines. Split it.") % MAX_PEOPLE)
            if len(cells) != len(head):
                raise Refused(
                    _("Line %(line)d has %(found)d cells; the head has %(wanted)d.")
                    % {"line": reader.line_num, "found": len(cells), "wanted": len(head)}
                )
            cleaned = (cell.replace("\x00", "").strip() for cell in cells)
            yield reader.line_num, dict(zip(head, cleaned, strict=True))
    except csv.Error as error:
        raise Refused(
            _("Line %(line)d cannot be read: %(why)s.") % {"line": reader.line_num, "why": error}
        ) from None


def _check_head(head: list[str]) -> None:
    if missing := [name for name in NEEDED if name not in head]:
        raise Refused(_("The first line lacks the columns: %s.") % ", ".join(missing))
    if strange := [name or "–" for name in head if name not in KNOWN]:
        raise Refused(
            _("The first line has unknown columns: %(strange)s. Known are: %(known)s.")
            % {"strange": ", ".join(strange), "known": ", ".join(KNOWN)}
        )
    if len(set(head)) < len(head):
        raise Refused(_("The first line names a column twice."))


def _faults(row: Row, groups: dict[str, int], clusters: dict[str, int]) -> Iterator[str]:
    if row["group"] not in groups:
        yield _("there is no group “%(group)s”; there are: %(known)s.") % {
            "group": row["group"],
            "known": ", ".join(groups),
        }
    for slug in _slugs(row):
        if slug not in clusters:
            yield _("there is no cluster “%s” in this programme.") % slug
    if (row.get("language") or "en") not in LANGUAGES:
        yield _("the language is en or hi, not “%s”.") % row["language"]
    if len(row["name"]) > 200 or len(row.get("organisation", "")) > 250:
        yield _("the name or the organisation is too long.")


def _invited(line: int, row: Row, groups: dict[str, int], clusters: dict[str, int]) -> Invited:
    return Invited(
        name=row["name"],
        email=row["email"],
        group_id=groups[row["group"]],
        cluster_ids=frozenset(clusters[slug] for slug in _slugs(row)),
        organisation=row.get("organisation", ""),
        language=row.get("language") or "en",
        line=line,
    )


def _slugs(row: Row) -> list[str]:
    return row["clusters"].replace(",", " ").replace(";", " ").split()
