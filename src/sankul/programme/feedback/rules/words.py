"""The words of the 360-degree survey: where a survey is, what can be asked, and who may do what."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sankul.core.rules.roles import Permission, Role


class SurveyStatus(TextChoices):
    """Where a survey is in its life; it only ever moves on."""

    DRAFT = "draft", pgettext_lazy("survey", "Draft")
    OPEN = "open", pgettext_lazy("survey", "Open")
    CLOSED = "closed", pgettext_lazy("survey", "Closed")
    COUNTED = "counted", pgettext_lazy("survey", "Counted")
    RELEASED = "released", pgettext_lazy("survey", "Released")


class QuestionKind(TextChoices):
    """What an answer to a question is."""

    LIKERT = "likert", _("Scale from 1 to 5")
    VIGNETTE = "vignette", _("Anchoring vignette (a made-up case, rated from 1 to 5)")
    CHOICE = "choice", _("One of several")
    TEXT = "text", _("Open text")


class TwoGroups(TextChoices):
    """What happens to a person who is invited for two stakeholder groups."""

    PRIORITY = "priority", _("Answers for the group that comes first in the list of groups")
    REFUSE = "refuse", _("Is refused: one must be chosen")


class LetterState(TextChoices):
    """How far a letter is. One that was cut off while being sent is not sent again by itself."""

    QUEUED = "queued", pgettext_lazy("letter", "Waiting")
    SENDING = "sending", pgettext_lazy("letter", "Given to the mail server, outcome not known")
    SENT = "sent", pgettext_lazy("letter", "Sent")
    FAILED = "failed", pgettext_lazy("letter", "Refused by the mail server")


class CellState(TextChoices):
    """Whether a figure is shown, and if not, why."""

    SHOWN = "shown", _("Shown")
    SMALL = "small", _("Too few answers")
    COMPLEMENTARY = "complementary", _("Withheld, or another could be worked out from it")
    NONE = "none", _("Nobody answered")


class CommentState(TextChoices):
    """What the moderator decided on an open text."""

    WAITING = "waiting", pgettext_lazy("comment", "Waiting")
    KEPT = "kept", pgettext_lazy("comment", "Kept as written")
    REDACTED = "redacted", pgettext_lazy("comment", "Shown without identifying words")
    WITHHELD = "withheld", pgettext_lazy("comment", "Withheld")


SCORE_KINDS = frozenset({QuestionKind.LIKERT, QuestionKind.VIGNETTE})
SCALE = (1, 2, 3, 4, 5)
DONT_KNOW = 0
THRESHOLD = 5
"""Fewest answers behind a published figure, unless the survey asks for more (office for statistics practice: 3 to 10)."""
PURGE_AFTER_DAYS = 90
REDACTED = "█████"
"""What stands in place of words that would tell who wrote."""

BUILD = Permission(
    "feedback.build",
    _("Build the 360-degree survey, invite and remind"),
    frozenset({Role.PROGRAMME_OFFICER}),
)
WATCH = Permission(
    "feedback.watch",
    _("See a 360-degree survey before its release: its questions and how many have answered"),
    frozenset({Role.PROGRAMME_OFFICER, Role.EVALUATOR}),
)
CONDUCT = Permission(
    "feedback.conduct",
    _("Open, close and count the 360-degree survey, moderate its texts and release its results"),
    frozenset({Role.EVALUATOR}),
)
SEE_RESULTS = Permission(
    "feedback.see_results",
    _("See released results of the 360-degree survey before the period is open to the public"),
    frozenset(
        {
            Role.PROGRAMME_OFFICER,
            Role.APEX_MEMBER,
            Role.EVALUATOR,
            Role.CLUSTER_CEO,
            Role.CLUSTER_STAFF,
        }
    ),
)
