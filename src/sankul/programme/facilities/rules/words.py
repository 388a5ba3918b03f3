"""The words of shared facilities: who asks, from where, in which state an instrument is, what a ticket is about."""

from __future__ import annotations

from typing import Self

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _

from sankul.programme.registry.rules import OrganisationKind


class UserClass(TextChoices):
    """What sort of user pays: a tariff is set for each class."""

    ACADEMIA = "academia", _("Academia")
    STARTUP = "startup", _("Start-up")
    MSME = "msme", _("MSME")
    INDUSTRY = "industry", _("Industry")

    @classmethod
    def of(cls, organisation_kind: str) -> Self:
        """The class of an organisation of this kind; public bodies and foundations pay as academia does."""
        return cls(_CLASSES.get(organisation_kind, "academia"))


_CLASSES: dict[str, str] = {
    OrganisationKind.STARTUP: "startup",
    OrganisationKind.MSME: "msme",
    OrganisationKind.INDUSTRY: "industry",
    OrganisationKind.INTERNATIONAL: "industry",
    OrganisationKind.OTHER: "industry",
}


class Relation(TextChoices):
    """How an asker's organisation stands to the host."""

    OWN = "own", _("Own institution")
    CLUSTER = "cluster", _("Same cluster")
    OUTSIDE = "outside", _("Outside")


class InstrumentStatus(TextChoices):
    """Whether an instrument can be used."""

    IN_SERVICE = "in_service", _("In service")
    DOWN = "down", _("Down")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Assistance(TextChoices):
    """Whether staff run the instrument for its users."""

    NONE = "none", _("Not offered")
    OFFERED = "offered", _("Offered")
    REQUIRED = "required", _("Required")


class TicketKind(TextChoices):
    """What a ticket is about."""

    FAULT = "fault", _("Fault")
    MAINTENANCE = "maintenance", _("Maintenance")


class FaultSeverity(TextChoices):
    """How much a fault hinders use."""

    MINOR = "minor", _("Minor: usable as before")
    DEGRADED = "degraded", _("Degraded: some work cannot be done")
    STOPPED = "stopped", _("Stopped: cannot be used")


Severity = FaultSeverity
"""In this area; the API's description tells it from the severities of other areas."""


class TrainingOutcome(TextChoices):
    """How a place in a training session ended."""

    EXPECTED = "expected", _("Expected")
    PASSED = "passed", _("Passed")
    FAILED = "failed", _("Not passed")
    ABSENT = "absent", _("Absent")


class Weekday(IntegerChoices):
    """Days of the week, as ``date.weekday`` numbers them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")
