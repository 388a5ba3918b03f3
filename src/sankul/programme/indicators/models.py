"""Frameworks: a versioned file beside its record in tables."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.indicators.rules import (
    SEE_DRAFT_FRAMEWORKS,
    FrameworkStatus,
    Statistic,
)
from sankul.programme.registry.models import Decision, Programme


class FrameworkQuerySet(models.QuerySet["Framework"]):
    """Frameworks, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Approved frameworks, and drafts of the programmes where the actor may see drafts."""
        drafts = narrowed(actor, SEE_DRAFT_FRAMEWORKS, programme="programme")
        return self.filter(~models.Q(status=FrameworkStatus.DRAFT) | drafts)


class Framework(models.Model):
    """One version of a programme's evaluation framework. Approved, it is frozen; a change makes a new version."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="frameworks")
    code = models.SlugField(_("identifier"), max_length=80)
    version = models.CharField(_("version"), max_length=20)
    title = models.CharField(_("title"), max_length=200)
    source = models.TextField(_("the file (TOML)"))
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=FrameworkStatus.choices,
        default=FrameworkStatus.DRAFT,
    )
    coverage_floor = models.DecimalField(_("coverage floor"), max_digits=5, decimal_places=4)
    drafted_at = models.DateTimeField(_("drafted"))
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="frameworks"
    )

    objects = FrameworkQuerySet.as_manager()

    class Meta:
        ordering = ["code", "-drafted_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "code", "version"], name="framework_version_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(status=FrameworkStatus.APPROVED)
                | models.Q(approved_at__isnull=False, decision__isnull=False),
                name="framework_approved_when",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=~pgtrigger.Q(old__status="draft"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The programme's scope."""
        return (Scope(ScopeKind.PROGRAMME, self.programme_id),)


class Node(models.Model):
    """An outcome, or a group of outcomes, in a framework's tree."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="nodes")
    code = models.CharField(_("code"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("what it covers"), blank=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    weight = models.DecimalField(_("weight"), max_digits=12, decimal_places=6)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["framework", "position"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="node_code_once")]

    def __str__(self) -> str:
        return self.title


class Indicator(models.Model):
    """An indicator of a framework: what is measured, in which unit, from which measure, and its weight."""

    class Kind(models.TextChoices):
        """What the figure rests on."""

        OBJECTIVE = "objective", _("Objective")
        SUBJECTIVE = "subjective", _("Subjective")
        SURVEY = "survey", _("Survey")

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="indicators")
    node = models.ForeignKey(Node, models.CASCADE, related_name="indicators")
    code = models.CharField(_("code"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    definition = models.TextField(_("definition"), blank=True)
    unit = models.CharField(_("unit"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    direction = models.SmallIntegerField(_("direction"))
    measure = models.CharField(_("measure"), max_length=60)
    statistic = models.CharField(_("statistic"), max_length=40, choices=Statistic.choices)
    denominator = models.CharField(_("denominator"), max_length=60, blank=True)
    goalpost_low = models.DecimalField(
        _("lower goalpost"), max_digits=24, decimal_places=6, null=True
    )
    goalpost_high = models.DecimalField(
        _("upper goalpost"), max_digits=24, decimal_places=6, null=True
    )
    weight = models.DecimalField(_("weight"), max_digits=12, decimal_places=6)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["framework", "position"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "code"], name="indicator_code_once")
        ]

    def __str__(self) -> str:
        return self.title
