"""Problems of cities, each with the body that owns it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import PLATFORM, Actor, Scope, ScopeKind, narrowed
from sankul.programme.portfolio.rules import SEE_PORTFOLIO, ProblemStatus, Sdg, Sector
from sankul.programme.registry.models import Cluster, FocusArea, Organisation, Programme

from .search import found_by, real_with_real


def goals() -> ArrayField[list[int], list[int]]:
    """A column of Sustainable Development Goals, by number."""
    return ArrayField(
        models.PositiveSmallIntegerField(choices=Sdg.choices),
        verbose_name=_("Sustainable Development Goals"),
        default=list,
        blank=True,
    )


class ProblemQuerySet(models.QuerySet["Problem"]):
    """Problems, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Problems the actor may see: those shared with the public, and all of the own scope."""
        if PLATFORM in actor.scopes(SEE_PORTFOLIO):
            return self
        own = narrowed(actor, SEE_PORTFOLIO, programme="programme", cluster="cluster")
        return self.filter(own | models.Q(shared_at__isnull=False))


@tracked
class Problem(models.Model):
    """A problem of a city or region, stated by a cluster for the public body that owns it.

    ``size_value`` in ``size_unit`` says how big it is, on the day ``size_on`` and by the source ``size_source``.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="problems")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="problems")
    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(_("description"))
    owner = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="problems",
        verbose_name=_("owner"),
    )
    contact_role = models.CharField(_("contact at the owner"), max_length=120, blank=True)
    focus_areas = models.ManyToManyField(FocusArea, blank=True, related_name="problems")
    sector = models.CharField(_("sector"), max_length=20, choices=Sector.choices)
    sdgs = goals()
    since_on = models.DateField(_("known since"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=20, choices=ProblemStatus.choices, default=ProblemStatus.OPEN
    )
    status_reason = models.TextField(_("reason"), blank=True)
    size_value = models.DecimalField(
        _("how big it is"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    size_unit = models.CharField(_("unit"), max_length=80, blank=True)
    size_on = models.DateField(_("as of"), null=True, blank=True)
    size_source = models.CharField(_("source"), max_length=200, blank=True)
    size_url = models.URLField(_("address of the source"), max_length=500, blank=True)
    shared_at = models.DateTimeField(_("public since"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ProblemQuerySet.as_manager()

    class Meta:
        ordering = ["-since_on", "-pk"]
        indexes = [
            *found_by("problem", "title", "description"),
            models.Index(fields=["programme", "status"], name="problem_by_status"),
            GinIndex(fields=["sdgs"], name="problem_by_goal"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sdgs__contained_by=Sdg.values), name="problem_goals_exist"
            ),
            models.CheckConstraint(
                condition=models.Q(shared_at__isnull=True) | models.Q(owner__isnull=False),
                name="problem_shared_with_owner",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=ProblemStatus.SET_ASIDE) | ~models.Q(status_reason=""),
                name="problem_set_aside_why",
            ),
            models.CheckConstraint(
                condition=models.Q(size_value__isnull=True)
                | (~models.Q(size_unit="") & ~models.Q(size_source="")),
                name="problem_size_with_source",
            ),
        ]
        triggers = [real_with_real("problem", "owner_id", "NEW.programme_id")]

    def __str__(self) -> str:
        return self.title

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first."""
        return (
            Scope(ScopeKind.CLUSTER, self.cluster_id),
            Scope(ScopeKind.PROGRAMME, self.programme_id),
        )
