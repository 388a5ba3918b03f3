"""What was learned, most of all from experiments that failed."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document, tracked
from sankul.core.rules.roles import PLATFORM, Actor, Scope, ScopeKind, narrowed
from sankul.programme.portfolio.rules import SEE_PORTFOLIO, PartnerRole, Sector
from sankul.programme.registry.models import Cluster, Organisation, Person, Programme

from .projects import Project
from .search import found_by, real_with_real

TOLD = ("hypothesis", "tried", "happened", "why", "learned", "instead")
"""The parts of a lesson's text, in the order in which it is told."""


class LessonQuerySet(models.QuerySet["Lesson"]):
    """Lessons, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Lessons the actor may see: shared ones, and all of the own scope."""
        if PLATFORM in actor.scopes(SEE_PORTFOLIO):
            return self
        own = narrowed(actor, SEE_PORTFOLIO, programme="programme", cluster="cluster")
        return self.filter(own | models.Q(shared_at__isnull=False))


@tracked
class Lesson(models.Model):
    """An experiment and its lesson: what was expected, tried, seen, why, what was learned, what to do instead.

    ``report`` or ``report_url`` is where the data or the full report can be read.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="lessons")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="lessons")
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="lessons"
    )
    title = models.CharField(_("title"), max_length=250)
    sector = models.CharField(_("sector"), max_length=20, choices=Sector.choices)
    on = models.DateField(_("when the experiment ended"))
    hypothesis = models.TextField(_("what we expected"))
    tried = models.TextField(_("what we tried"))
    happened = models.TextField(_("what happened"))
    why = models.TextField(_("why"))
    learned = models.TextField(_("what we learned"))
    instead = models.TextField(_("what to do instead"), blank=True)
    report = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("report")
    )
    report_url = models.URLField(_("address of the report or data"), max_length=500, blank=True)
    shared_at = models.DateTimeField(_("shared"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = LessonQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        indexes = found_by("lesson", "title", *TOLD)

    def __str__(self) -> str:
        return self.title

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first."""
        return (
            Scope(ScopeKind.CLUSTER, self.cluster_id),
            Scope(ScopeKind.PROGRAMME, self.programme_id),
        )

    @property
    def is_evidenced(self) -> bool:
        """Whether somebody else can read the report or the data behind it."""
        return bool(self.report_id or self.report_url)


@tracked
class LessonCredit(models.Model):
    """Who is credited with a lesson: an organisation, and a person of it who agreed to be named (``consented_on``)."""

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="credits", db_index=False)
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="lesson_credits")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="lesson_credits"
    )
    consented_on = models.DateField(_("agreed to be named on"), null=True, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=PartnerRole.choices)
    share = models.DecimalField(
        _("share"), max_digits=7, decimal_places=6, validators=[MaxValueValidator(1)]
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lesson", "cluster", "organisation", "person"],
                nulls_distinct=False,
                name="lesson_credit_once",
            ),
            models.CheckConstraint(
                condition=models.Q(share__gt=0, share__lte=1), name="lesson_credit_share_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(person__isnull=True) | models.Q(consented_on__isnull=False),
                name="lesson_credit_names_with_consent",
            ),
        ]
        triggers = [
            real_with_real(
                "lesson_credit",
                "organisation_id",
                "(SELECT l.programme_id FROM portfolio_lesson l WHERE l.id = NEW.lesson_id)",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.role}"
