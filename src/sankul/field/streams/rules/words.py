"""The words of the field: flags, kinds of observation, doors, states of a span."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Flag(IntegerChoices):
    """Quality flags of the primary level (IOC 54:V3, Manuals and Guides 54, vol. 3; as QARTOD uses them)."""

    GOOD = 1, _("Good")
    NOT_EVALUATED = 2, _("Not evaluated")
    SUSPECT = 3, _("Suspect")
    FAIL = 4, _("Fail")
    MISSING = 9, _("Missing")


class ObservationType(TextChoices):
    """Kinds of result (OGC 18-088, table 12: value codes for observationType)."""

    CATEGORY = (
        "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_CategoryObservation",
        _("Category"),
    )
    COUNT = (
        "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_CountObservation",
        _("Count"),
    )
    MEASUREMENT = (
        "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        _("Measurement"),
    )
    OBSERVATION = (
        "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Observation",
        _("Anything"),
    )
    TRUTH = (
        "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_TruthObservation",
        _("Truth"),
    )


class DoorName(TextChoices):
    """By which door observations came in."""

    STA = "sta", _("SensorThings API")
    UPLOAD = "upload", _("Uploaded table")
    MQTT = "mqtt", _("MQTT")
    COMMAND = "command", _("Command line")


class RefusalCode(TextChoices):
    """Why an observation was not taken in."""

    UNKNOWN_STREAM = "unknown_stream", _("Unknown stream")
    FORBIDDEN = "forbidden", _("Not the sender's stream")
    CLOCK = "clock", _("Clock far off")
    YEAR = "year", _("Year out of range")
    NOT_FINITE = "not_finite", _("NaN or infinity")
    UNIT = "unit", _("Unit differs")
    CONFLICT = "conflict", _("Same time, another value")
    UNREADABLE = "unreadable", _("Not readable")
    RETENTION = "retention", _("Deleted days")


class VersionKind(TextChoices):
    """What a version of an observation is."""

    RAW = "raw", _("As received")
    VALUE = "value", _("Value corrected")
    FLAG = "flag", _("Flag confirmed or overruled")
    RULES = "rules", _("Flagged again by rules")
    DRIFT = "drift", _("Drift taken out")
    UNDO = "undo", _("Undone")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SpanState(TextChoices):
    """Where the observations of a span of days are."""

    OPEN = "open", _("In the database")
    CLOSED = "closed", _("In a file")
    DROPPED = "dropped", _("Deleted by the retention policy")
