"""Where solutions are in use, since when, by how many people, and who pays."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import Actor, Scope
from sankul.programme.portfolio.rules import DeploymentStatus
from sankul.programme.registry.models import Cluster, Organisation

from .projects import Project
from .search import found_by, real_with_real


class DeploymentQuerySet(models.QuerySet["Deployment"]):
    """Deployments, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Deployments of projects the actor may see."""
        return self.filter(project__in=Project.objects.visible_to(actor))


@tracked
class Deployment(models.Model):
    """A solution of a project in use at a place. ``cluster`` is the one in whose region it stands, if any.

    ``paid_by`` and ``payment`` say who pays for its use, and how. Latitude and longitude are degrees (WGS 84).
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="deployments")
    title = models.CharField(_("title"), max_length=250)
    cluster = models.ForeignKey(
        Cluster,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deployments",
        verbose_name=_("in the region of"),
    )
    place = models.CharField(_("place"), max_length=200)
    district = models.CharField(_("district"), max_length=120, blank=True)
    state = models.CharField(_("state or territory"), max_length=120, blank=True)
    latitude = models.DecimalField(
        _("latitude"), max_digits=8, decimal_places=5, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=8, decimal_places=5, null=True, blank=True
    )
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=DeploymentStatus.choices,
        default=DeploymentStatus.PLANNED,
    )
    since_on = models.DateField(_("in use since"), null=True, blank=True)
    until_on = models.DateField(_("until"), null=True, blank=True)
    end_reason = models.TextField(_("why it ended"), blank=True)
    paid_by = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("paid by"),
    )
    payment = models.CharField(_("how it is paid"), max_length=250, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = DeploymentQuerySet.as_manager()

    class Meta:
        ordering = ["-since_on", "-pk"]
        indexes = found_by("deployment", "title", "place", "district", "state")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude=None, longitude=None)
                | models.Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
                name="deployment_on_earth",
            ),
            models.CheckConstraint(
                condition=models.Q(status=DeploymentStatus.PLANNED, since_on=None, until_on=None)
                | models.Q(status=DeploymentStatus.IN_USE, since_on__isnull=False, until_on=None)
                | models.Q(
                    status=DeploymentStatus.ENDED,
                    since_on__isnull=False,
                    until_on__isnull=False,
                    until_on__gte=models.F("since_on"),
                ),
                name="deployment_dates_fit_status",
            ),
        ]
        triggers = [
            real_with_real(
                "deployment",
                "paid_by_id",
                "(SELECT j.programme_id FROM portfolio_project j WHERE j.id = NEW.project_id)",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes of its project, which its reader has at hand."""
        return self.project.scopes


@tracked
class UserCount(models.Model):
    """How many people used a deployment, as of a day and by a source."""

    deployment = models.ForeignKey(
        Deployment, models.PROTECT, related_name="user_counts", db_index=False
    )
    users = models.PositiveIntegerField(_("users"))
    as_of_on = models.DateField(_("as of"))
    source = models.CharField(_("source"), max_length=250)
    source_url = models.URLField(_("address of the source"), max_length=500, blank=True)

    class Meta:
        ordering = ["-as_of_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["deployment", "as_of_on"], name="user_count_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.users} on {self.as_of_on}"
