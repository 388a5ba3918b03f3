"""Words of what clusters contest and of what the committee decides."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ObjectionKind(TextChoices):
    """When a figure is contested: before sealing, or after publication."""

    REPLY = "reply", _("Reply")
    APPEAL = "appeal", _("Appeal")


class Ruling(TextChoices):
    """What became of an objection."""

    OPEN = "open", pgettext_lazy("objection", "Open")
    UPHELD = "upheld", pgettext_lazy("objection", "Upheld")
    DISMISSED = "dismissed", pgettext_lazy("objection", "Dismissed")


class Outcome(TextChoices):
    """What becomes of a cluster's funding."""

    CONTINUE = "continue", pgettext_lazy("funding", "Continue")
    PLAN = "plan", pgettext_lazy("funding", "Continue with an improvement plan")
    DISCONTINUE = "discontinue", pgettext_lazy("funding", "Discontinue")
