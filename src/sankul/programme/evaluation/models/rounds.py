"""The round of a period: its phase, deadlines, what it is bound to, and its seals."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document
from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.evaluation.rules import PUBLIC, REPLY, SEE_RUNS, Phase
from sankul.programme.indicators.models import Framework
from sankul.programme.registry.models import Period, Programme

from .runs import Run


class RoundQuerySet(models.QuerySet["Round"]):
    """Rounds, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Published rounds, and every round of the programmes in which the actor has a part."""
        inside = narrowed(actor, SEE_RUNS, programme="programme")
        own = narrowed(actor, REPLY, cluster="programme__clusters")
        taking_part = models.Q(pk__in=Round.objects.filter(own).order_by().values("pk"))
        return self.filter(models.Q(phase__in=PUBLIC) | inside | taking_part)


class Round(models.Model):
    """The evaluation round of a period.

    ``framework`` and ``rule`` are bound to it and stand from the day on which the claims close. ``preliminary`` is the run that
    clusters may reply to, ``run`` the final one, which a successful appeal replaces.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="rounds")
    period = models.OneToOneField(Period, models.PROTECT, related_name="round")
    phase = models.CharField(
        _("phase"), max_length=20, choices=Phase.choices, default=Phase.FRAMEWORK
    )
    framework = models.ForeignKey(Framework, models.PROTECT, null=True, related_name="rounds")
    rule = models.ForeignKey(
        "evaluation.FundingRule", models.PROTECT, null=True, related_name="rounds"
    )
    preliminary = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+")
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="rounds")
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-period__starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(phase=Phase.FRAMEWORK)
                | models.Q(framework__isnull=False, rule__isnull=False),
                name="round_bound_to_framework_and_rule",
            ),
            models.CheckConstraint(
                condition=~models.Q(phase__in=(Phase.REPLY, Phase.MODERATION))
                | models.Q(preliminary__isnull=False),
                name="round_heard_on_a_preliminary_run",
            ),
            models.CheckConstraint(
                condition=~models.Q(
                    phase__in=(
                        Phase.SEALING,
                        Phase.DECISION,
                        Phase.PUBLICATION,
                        Phase.APPEALS,
                        Phase.CLOSED,
                    )
                )
                | models.Q(run__isnull=False),
                name="round_sealed_with_a_run",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="bound",
                operation=pgtrigger.UpdateOf("framework_id", "rule_id"),
                condition=~pgtrigger.Q(old__phase="framework") & ~pgtrigger.Q(old__phase="claims"),
            ),
            pgtrigger.Protect(name="period_fixed", operation=pgtrigger.UpdateOf("period_id")),
            pgtrigger.Trigger(
                name="one_step_at_a_time",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("phase"),
                declare=[("phases", "text[]")],
                func=f"""
                    phases := ARRAY[{", ".join(f"'{one.value}'" for one in Phase)}];
                    IF array_position(phases, NEW.phase::text) - array_position(phases, OLD.phase::text)
                       NOT IN (0, 1)
                    THEN RAISE EXCEPTION 'round % was % and cannot be %', OLD.id, OLD.phase, NEW.phase
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'round_one_step_at_a_time';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}, {self.period}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The programme's scope."""
        return (Scope(ScopeKind.PROGRAMME, self.programme_id),)


class Deadline(models.Model):
    """The last day of a phase of a round, and when the phase was in fact left."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="deadlines")
    phase = models.CharField(_("phase"), max_length=20, choices=Phase.choices)
    due_on = models.DateField(_("last day"))
    left_at = models.DateTimeField(_("done"), null=True)
    left_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["round", "due_on"]
        constraints = [
            models.UniqueConstraint(fields=["round", "phase"], name="deadline_once_a_phase")
        ]

    def __str__(self) -> str:
        return f"{self.get_phase_display()}: {self.due_on}"


class Seal(models.Model):
    """The seal of a round's run: the Merkle root over every record in its bundle (RFC 9162).

    A run is sealed once. The run of a successful appeal has a seal of its own beside that of the run that it corrects.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="seals")
    run = models.OneToOneField(Run, models.PROTECT, related_name="seal")
    merkle_root = models.CharField(_("Merkle root"), max_length=64)
    leaves = models.PositiveIntegerField(_("records"))
    bundle = models.ForeignKey(Document, models.PROTECT, related_name="+")
    checkpoint = models.TextField(_("checkpoint"))
    sealed_at = models.DateTimeField(_("sealed"))
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    timestamp_token = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-sealed_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(merkle_root__regex=r"^[0-9a-f]{64}$"), name="seal_root_form"
            ),
            models.CheckConstraint(condition=models.Q(leaves__gt=0), name="seal_of_something"),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.UpdateOf(
                    "round_id",
                    "run_id",
                    "merkle_root",
                    "leaves",
                    "bundle_id",
                    "checkpoint",
                    "sealed_at",
                    "sealed_by_id",
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.merkle_root


class Trend(models.Model):
    """What moved the scores between two runs, computed once.

    ``clusters`` holds, by slug, ``{"before", "after", "weights", "method", "indicators"}``, as the engine explains a
    change; ``why_not`` says why there is none.
    """

    run = models.OneToOneField(Run, models.CASCADE, related_name="trend")
    before = models.ForeignKey(Run, models.PROTECT, related_name="+")
    clusters = models.JSONField(_("change by cluster"), default=dict)
    why_not = models.TextField(_("why there is no explanation"), blank=True)
    computed_at = models.DateTimeField(_("computed"))

    def __str__(self) -> str:
        return f"{self.before} → {self.run}"
