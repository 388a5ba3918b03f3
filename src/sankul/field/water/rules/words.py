"""Words of water quality."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SourceKind(TextChoices):
    """What water is taken from."""

    RIVER = "river", _("River")
    LAKE = "lake", _("Lake or reservoir")
    WELL = "well", _("Dug well")
    BOREWELL = "borewell", _("Borewell")
    HANDPUMP = "handpump", _("Hand pump")
    SPRING = "spring", _("Spring")
    TANK = "tank", _("Storage tank")
    TAP = "tap", _("Tap")


class Purpose(TextChoices):
    """What the water is for, which says by which standard it is judged."""

    DRINKING = "drinking", _("Drinking")
    SURFACE = "surface", _("Surface water")


class SampleKind(TextChoices):
    """How a sample is analysed."""

    LABORATORY = "laboratory", _("Laboratory")
    FIELD_KIT = "field_kit", _("Field test kit")


class Custodian(TextChoices):
    """What happens to a sample on its way."""

    TAKEN = "taken", _("taken")
    HANDED_OVER = "handed_over", _("handed over")
    RECEIVED = "received", _("received by the laboratory")
    REJECTED = "rejected", _("rejected by the laboratory")
