"""Words and law of annual reports."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused


class Language(TextChoices):
    """Languages that a report is typeset in."""

    ENGLISH = "en", "English"
    HINDI = "hi", "हिन्दी"


MAKE_REPORT = Permission(
    "reports.make_report",
    _("Make the annual report of a published evaluation"),
    frozenset({Role.PROGRAMME_OFFICER}),
)

HIGHLIGHTS = 6
"""Highlights of a cluster: its largest verified result of each kind, the kinds that moved its score most first."""
JOINT = 6
"""Joint results told of a cluster."""


def why_not_report(*, is_published: bool, language: str) -> Verdict:
    """Whether a run can be reported on: what is not published yet is nobody's annual report."""
    if language not in Language.values:
        spoken = ", ".join(Language.values)
        return refused(
            _t("“%(language)s” is no language of reports. They are: %(spoken)s.")
            % {"language": language, "spoken": spoken}
        )
    if not is_published:
        return refused(_t("The evaluation is not published. Publish it first, then report on it."))
    return ALLOWED
