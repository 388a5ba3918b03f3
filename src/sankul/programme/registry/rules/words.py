"""The words of the registry: kinds of organisations, entities, names, memberships, bodies and facts."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class OrganisationKind(TextChoices):
    """What sort of organisation takes part."""

    ACADEMIA = "academia", _("Academic institution")
    LABORATORY = "laboratory", _("R&D laboratory")
    INDUSTRY = "industry", _("Industry")
    MSME = "msme", _("MSME")
    STARTUP = "startup", _("Start-up")
    STATE_GOVERNMENT = "state_government", _("State government")
    LOCAL_GOVERNMENT = "local_government", _("Local government")
    MINISTRY = "ministry", _("Ministry or department")
    FOUNDATION = "foundation", _("Foundation")
    INTERNATIONAL = "international", _("International organisation")
    OTHER = "other", _("Other")


class EntityForm(TextChoices):
    """Legal form of the entity that runs a cluster (the programme allows a Section 8 company, a trust or a society)."""

    SECTION_8 = "section_8", _("Section 8 company")
    SOCIETY = "society", _("Society")
    TRUST = "trust", _("Trust")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", _("Not found in the public record")


class NameKind(TextChoices):
    """What sort of name: names drift, so each carries its dates and source."""

    OFFICIAL = "official", _("Official name")
    SHORT = "short", _("Short name")
    FORMER = "former", _("Former name")
    VARIANT = "variant", _("Variant in use")


class MembershipKind(TextChoices):
    """How an organisation belongs to a cluster."""

    ANCHOR = "anchor", _("Anchor")
    MEMBER = "member", _("Member")
    PARTNER = "partner", _("Partner")


class BodyKind(TextChoices):
    """Bodies that govern a programme or a cluster."""

    APEX = "apex", _("Apex committee")
    OFFICE = "office", _("Management office")
    BOARD = "board", _("Board")
    ADVISORY = "advisory", _("Advisory committee")


class FactTopic(TextChoices):
    """What a statement of the public record is about, in the order in which they are shown."""

    ORIGIN = "origin", _("Origin")
    IDENTITY = "identity", _("Identity and legal form")
    PLACE = "place", _("Place and anchor")
    RULES = "rules", _("Rules of the programme")
    FOCUS = "focus", _("Focus")
    MONEY = "money", _("Money")
    MEETINGS = "meetings", _("Meetings")
    RESULTS = "results", _("Reported work and results")
    NOT_FOUND = "not_found", _("Looked for and not found")
