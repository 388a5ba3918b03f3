"""The words of the portfolio: stages, sectors, goals, roles, sources of money, states."""

from __future__ import annotations

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stage(TextChoices):
    """How far a project has come: five stages, one after another, and three ways to end."""

    IDEA = "idea", pgettext_lazy("stage", "Idea")
    RESEARCH = "research", pgettext_lazy("stage", "Research")
    PILOT = "pilot", pgettext_lazy("stage", "Pilot")
    DEPLOYMENT = "deployment", pgettext_lazy("stage", "Deployment")
    PLATFORM = "platform", pgettext_lazy("stage", "Platform")
    SUCCEEDED = "succeeded", pgettext_lazy("stage", "Succeeded")
    FAILED = "failed", pgettext_lazy("stage", "Failed")
    STOPPED = "stopped", pgettext_lazy("stage", "Stopped")


GOING = (Stage.IDEA, Stage.RESEARCH, Stage.PILOT, Stage.DEPLOYMENT, Stage.PLATFORM)
"""The stages of work that goes on, in their order."""
ENDED = (Stage.SUCCEEDED, Stage.FAILED, Stage.STOPPED)
"""The ways in which a project ends."""
PUBLIC_STAGES = (Stage.PILOT, Stage.DEPLOYMENT, Stage.PLATFORM)
"""From the pilot on a project touches people, so they can read about it."""


class PartnerRole(TextChoices):
    """What a partner does in a project or did for a result."""

    LED = "led", _("Led")
    CONTRIBUTED = "contributed", _("Contributed")
    ENABLED = "enabled", _("Enabled")


class Sector(TextChoices):
    """What a problem or project is about: the published focus areas of the programme's clusters, put into groups."""

    WATER = "water", _("Water and sanitation")
    WASTE = "waste", _("Waste and circular economy")
    AIR = "air", _("Air and climate")
    ENERGY = "energy", _("Energy")
    HEALTH = "health", _("Health and One Health")
    AGRICULTURE = "agriculture", _("Agriculture and food")
    MOBILITY = "mobility", _("Mobility")
    MATERIALS = "materials", _("Materials and manufacturing")
    DIGITAL = "digital", _("Data and digital services")
    EDUCATION = "education", _("Education and skills")
    CRAFTS = "crafts", _("Crafts and livelihoods")
    NATURE = "nature", _("Forests, coasts and biodiversity")
    OTHER = "other", _("Other")


class Sdg(IntegerChoices):
    """The Sustainable Development Goals of the United Nations, by number (A/RES/70/1)."""

    NO_POVERTY = 1, _("No poverty")
    ZERO_HUNGER = 2, _("Zero hunger")
    HEALTH = 3, _("Good health and well-being")
    EDUCATION = 4, _("Quality education")
    GENDER = 5, _("Gender equality")
    WATER = 6, _("Clean water and sanitation")
    ENERGY = 7, _("Affordable and clean energy")
    WORK = 8, _("Decent work and economic growth")
    INDUSTRY = 9, _("Industry, innovation and infrastructure")
    EQUALITY = 10, _("Reduced inequalities")
    CITIES = 11, _("Sustainable cities and communities")
    CONSUMPTION = 12, _("Responsible consumption and production")
    CLIMATE = 13, _("Climate action")
    OCEANS = 14, _("Life below water")
    LAND = 15, _("Life on land")
    PEACE = 16, _("Peace, justice and strong institutions")
    PARTNERSHIP = 17, _("Partnerships for the goals")


class ProblemStatus(TextChoices):
    """Where a problem stands."""

    OPEN = "open", pgettext_lazy("problem", "Open")
    WORKED_ON = "worked_on", pgettext_lazy("problem", "Being worked on")
    SOLVED = "solved", pgettext_lazy("problem", "Solved")
    SET_ASIDE = "set_aside", pgettext_lazy("problem", "Set aside")


class MoneySource(TextChoices):
    """Where the money of a project comes from."""

    PROGRAMME = "programme", _("Grant of the programme")
    GRANT = "grant", _("Other public grant")
    OWNER = "owner", _("Owner of the problem")
    INDUSTRY = "industry", _("Industry")
    OWN = "own", _("Own income of the cluster or a partner")
    PHILANTHROPY = "philanthropy", _("Foundation or donation")
    USERS = "users", _("Users")


class DeploymentStatus(TextChoices):
    """Where a deployment is in its life."""

    PLANNED = "planned", pgettext_lazy("deployment", "Planned")
    IN_USE = "in_use", pgettext_lazy("deployment", "In use")
    ENDED = "ended", pgettext_lazy("deployment", "Ended")
