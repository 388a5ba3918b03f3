"""The words of alerts: kinds of detectors, how bad, where an alert stands, what its cause was."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DetectorKind(TextChoices):
    """What a detector looks for."""

    ABOVE = "above", _("Above a level")
    BELOW = "below", _("Below a level")
    RATE = "rate", _("Changes too fast")
    RESIDUAL = "residual", _("Far from its forecast")
    ABSENCE = "absence", _("Nothing comes")
    NETWORK = "network", _("Many sites at once")


class AlertSeverity(TextChoices):
    """How bad it is, which decides who is told after how long."""

    NOTICE = "notice", _("Notice")
    WARNING = "warning", _("Warning")
    URGENT = "urgent", _("Urgent")


class AlertState(TextChoices):
    """Where an alert stands on its way."""

    OPEN = "open", _("Open")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    ACTING = "acting", _("Being dealt with")
    CLOSED = "closed", _("Closed")


class AlertCause(TextChoices):
    """What was found to have caused an alert."""

    REAL = "real", _("What was observed had really changed")
    WEATHER = "weather", _("Weather")
    MAINTENANCE = "maintenance", _("Work on the site or its supply")
    POWER = "power", _("No power")
    CONNECTION = "connection", _("No connection")
    SENSOR = "sensor", _("Fault or drift of the sensor")
    LEVEL = "level", _("The detector's level was set wrongly")
    UNKNOWN = "unknown", _("Not found")


NOTHING_TO_DO = frozenset(
    {AlertCause.WEATHER, AlertCause.MAINTENANCE, AlertCause.LEVEL, AlertCause.UNKNOWN}
)
"""Causes with which an alert may be closed without an action, if a note says why."""

STILL = frozenset(
    {
        AlertCause.SENSOR,
        AlertCause.LEVEL,
        AlertCause.MAINTENANCE,
        AlertCause.POWER,
        AlertCause.CONNECTION,
    }
)
"""Causes with which an alert may be closed although its observations have not returned to normal."""


class Telling(TextChoices):
    """What was done with the news of an alert."""

    NOW = "now", _("Told at once")
    DIGEST = "digest", _("In the day's digest")
    SILENT = "silent", _("Recorded, not told: a silence window")


class Rung(TextChoices):
    """Who is told, one after the other, while nobody answers."""

    OPERATOR = "operator", _("Operators")
    CLUSTER = "cluster", _("Cluster")
    PROGRAMME = "programme", _("Programme officers")
