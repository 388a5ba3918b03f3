"""Words of bookings."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where a booking stands. The first four keep the instrument from others."""

    HELD = "held", _("held for a while")
    REQUESTED = "requested", _("waiting for an answer")
    CONFIRMED = "confirmed", _("confirmed")
    IN_USE = "in_use", _("in use")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")
    REFUSED = "refused", _("refused")
    EXPIRED = "expired", _("expired without an answer")
    NO_SHOW = "no_show", _("nobody came")


OCCUPYING = (State.HELD, State.REQUESTED, State.CONFIRMED, State.IN_USE)
"""States in which no other booking may overlap, as the database enforces."""
AHEAD = (State.HELD, State.REQUESTED, State.CONFIRMED)
"""States before the use begins: it may be moved, handed over, cancelled."""


class Reason(TextChoices):
    """Why a request was refused, coded so that refusals can be counted."""

    UNSUITABLE = "unsuitable", _("sample or purpose does not suit the instrument")
    UNTRAINED = "untrained", _("no training, and no assistance free")
    NO_OPERATOR = "no_operator", _("no operator is free")
    DOWN = "down", _("the instrument is down or in maintenance")
    HOST_NEEDS = "host_needs", _("the host needs the slot itself")
    UNCLEAR = "unclear", _("the request does not say enough")
    UNSAFE = "unsafe", _("a hazard that the lab cannot take")
    UNPAID = "unpaid", _("earlier use is unpaid")
    OTHER = "other", _("another reason, told in the note")


class Condition(TextChoices):
    """How an instrument was left."""

    GOOD = "good", _("all in order")
    ATTENTION = "attention", _("something needs attention")
    FAULT = "fault", _("it does not work")


class Via(TextChoices):
    """How a use was told."""

    PAGE = "page", _("page of the site")
    CODE = "code", _("code on the instrument")
    API = "api", _("program")
    STAFF = "staff", _("staff of the lab")


class OrderState(TextChoices):
    """Where an order of a service stands."""

    REQUESTED = "requested", _("waiting for an answer")
    ACCEPTED = "accepted", _("accepted: send the samples")
    RECEIVED = "received", _("samples received")
    DONE = "done", _("results delivered")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("cancelled")


class Wait(TextChoices):
    """How waiting for a slot ended, or that it goes on."""

    WAITING = "waiting", _("waiting")
    PROMOTED = "promoted", _("booked, as the slot became free")
    LEFT = "left", _("left the list")
    PASSED = "passed", _("the slot is past")
