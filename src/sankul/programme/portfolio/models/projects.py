"""Projects, who takes part in them, their money, and how ready their technology is."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import PLATFORM, Actor, Scope, ScopeKind, narrowed
from sankul.programme.portfolio.rules import (
    PUBLIC_STAGES,
    SEE_PORTFOLIO,
    MoneySource,
    PartnerRole,
    Sdg,
    Sector,
    Stage,
)
from sankul.programme.registry.models import Cluster, FocusArea, Organisation, Programme

from .problems import Problem, goals
from .search import found_by, real_with_real


class ProjectQuerySet(models.QuerySet["Project"]):
    """Projects, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Projects the actor may see: public ones, and those that a cluster of the own scope leads or takes part in."""
        if PLATFORM in actor.scopes(SEE_PORTFOLIO):
            return self
        own = narrowed(actor, SEE_PORTFOLIO, programme="programme", cluster="cluster")
        joined = Partner.objects.filter(
            narrowed(actor, SEE_PORTFOLIO, cluster="cluster"), project=models.OuterRef("pk")
        )
        return self.filter(own | models.Q(shared_at__isnull=False) | models.Exists(joined))


@tracked
class Project(models.Model):
    """Work of a cluster on problems, from idea to platform or to its end.

    ``cluster`` leads it; others take part through their partners. ``stage`` and ``stage_on`` are kept by a trigger from the last
    ``StageChange``; it is public once ``shared_at``, which the pilot sets at the latest.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="projects")
    cluster = models.ForeignKey(
        Cluster, models.PROTECT, related_name="projects", verbose_name=_("led by")
    )
    code = models.SlugField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=250)
    summary = models.TextField(_("summary"))
    sector = models.CharField(_("sector"), max_length=20, choices=Sector.choices)
    sdgs = goals()
    focus_area = models.ForeignKey(
        FocusArea, models.PROTECT, null=True, blank=True, related_name="projects"
    )
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    problems = models.ManyToManyField(Problem, blank=True, related_name="projects")
    stage = models.CharField(
        _("stage"), max_length=20, choices=Stage.choices, default=Stage.IDEA, editable=False
    )
    stage_on = models.DateField(_("in this stage since"), editable=False)
    shared_at = models.DateTimeField(_("public since"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        indexes = [
            *found_by("project", "title", "summary"),
            models.Index(fields=["cluster", "sector", "stage"], name="project_on_board"),
            GinIndex(fields=["sdgs"], name="project_by_goal"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "code"], name="project_code_once_a_programme"
            ),
            models.CheckConstraint(
                condition=models.Q(sdgs__contained_by=Sdg.values), name="project_goals_exist"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(starts_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="project_dates_in_order",
            ),
            models.CheckConstraint(
                condition=~models.Q(stage__in=PUBLIC_STAGES) | models.Q(shared_at__isnull=False),
                name="project_public_from_pilot",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first; partnering clusters are not among them."""
        return (
            Scope(ScopeKind.CLUSTER, self.cluster_id),
            Scope(ScopeKind.PROGRAMME, self.programme_id),
        )


@tracked
class Partner(models.Model):
    """An organisation in a project, for which cluster, and in which role."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="partners", db_index=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="partnerships")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="partnerships")
    role = models.CharField(_("role"), max_length=20, choices=PartnerRole.choices)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "organisation", "cluster"], name="partner_once_a_project"
            )
        ]
        triggers = [
            real_with_real(
                "partner",
                "organisation_id",
                "(SELECT j.programme_id FROM portfolio_project j WHERE j.id = NEW.project_id)",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.role}"


@tracked
class BudgetLine(models.Model):
    """Money of a project: for what, how much, and from where."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="budget")
    head = models.CharField(_("for"), max_length=200)
    amount_inr = models.DecimalField(_("rupees"), max_digits=18, decimal_places=2)
    source = models.CharField(_("source of money"), max_length=20, choices=MoneySource.choices)
    giver = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("given by"),
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_inr__gt=0), name="budget_line_above_zero"
            )
        ]

    def __str__(self) -> str:
        return self.head


@tracked
class Readiness(models.Model):
    """How ready the technology was on a day, on the scale of nine levels (ISO 16290), and who says so."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="readiness", db_index=False)
    level = models.PositiveSmallIntegerField(
        _("technology readiness level"), validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    on = models.DateField(_("assessed on"))
    assessed_by = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("assessed by")
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name_plural = "readiness"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=9), name="readiness_one_to_nine"
            ),
            models.UniqueConstraint(fields=["project", "on"], name="readiness_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"TRL {self.level}"
