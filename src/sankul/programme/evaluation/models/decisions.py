"""The funding rule, what was decided by it, improvement plans, and who may learn from whom."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Scope, ScopeKind
from sankul.programme.evaluation.rules import Outcome
from sankul.programme.registry.models import Cluster, Decision, Programme

from .rounds import Round
from .runs import Run

SHARE = [MinValueValidator(0), MaxValueValidator(1)]


class FundingRule(models.Model):
    """What follows from a result for a cluster's funding: approved before the claims close, and frozen.

    The probability is that of a score below the framework's threshold. From ``plan_probability`` on, an improvement plan is
    proposed; where it was ``stop_probability`` or more in ``stop_years`` rounds in a row, the funding ends. ``unranked`` is
    proposed where evidence is missing for a rank.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="funding_rules")
    version = models.CharField(_("version"), max_length=40)
    plan_probability = models.DecimalField(
        _("probability below the threshold that asks for a plan"),
        max_digits=5,
        decimal_places=4,
        validators=SHARE,
    )
    stop_probability = models.DecimalField(
        _("probability below the threshold that counts towards the end of funding"),
        max_digits=5,
        decimal_places=4,
        validators=SHARE,
    )
    stop_years = models.PositiveSmallIntegerField(
        _("rounds in a row after which funding ends"), validators=[MinValueValidator(2)]
    )
    unranked = models.CharField(
        _("proposed where evidence is missing"),
        max_length=20,
        choices=Outcome.choices,
        default=Outcome.PLAN,
    )
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="funding_rules")
    approved_at = models.DateTimeField(_("approved"))

    class Meta:
        ordering = ["-approved_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "version"], name="funding_rule_version_once"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    plan_probability__gt=0,
                    stop_probability__gte=models.F("plan_probability"),
                    stop_probability__lte=1,
                ),
                name="funding_rule_probabilities_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(stop_years__gte=2), name="funding_rule_no_end_after_one_year"
            ),
        ]
        triggers = [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.version

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The programme's scope."""
        return (Scope(ScopeKind.PROGRAMME, self.programme_id),)


class FundingDecision(models.Model):
    """What the committee decided on a cluster's funding in a round, beside what the rule proposed.

    One decision of a cluster stands at a time; one that a corrected result made it take again is kept with ``replaced_at``.
    ``decision`` is the entry in the registry of decisions.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="funding_decisions")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="funding_decisions")
    run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    proposed = models.CharField(_("proposed by the rule"), max_length=20, choices=Outcome.choices)
    proposed_because = models.TextField(_("why it is proposed"))
    outcome = models.CharField(_("decided"), max_length=20, choices=Outcome.choices)
    reason = models.TextField(_("why it departs from the rule"), blank=True)
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="funding_decision")
    decided_at = models.DateTimeField(_("decided on"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    replaced_at = models.DateTimeField(_("replaced"), null=True)

    class Meta:
        ordering = ["cluster__name", "-decided_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "cluster"],
                condition=models.Q(replaced_at=None),
                name="funding_decision_one_stands",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome=models.F("proposed")) | ~models.Q(reason=""),
                name="funding_decision_departs_with_reason",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.UpdateOf(
                    "round_id",
                    "cluster_id",
                    "run_id",
                    "proposed",
                    "outcome",
                    "reason",
                    "decided_at",
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cluster}: {self.get_outcome_display()}"


class Target(models.Model):
    """A target of an improvement plan: the value of an indicator that a cluster reaches by a day."""

    plan = models.ForeignKey(FundingDecision, models.PROTECT, related_name="targets")
    indicator = models.CharField(_("indicator"), max_length=60)
    start = models.FloatField(_("value now"), null=True)
    value = models.FloatField(_("value to reach"))
    due_on = models.DateField(_("by"))

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "indicator"], name="target_once_an_indicator")
        ]
        triggers = [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.value}"


class Pairing(models.Model):
    """A cluster that may learn from another, as published with a run.

    ``subjects`` lists ``{"indicator", "mentor", "learner", "points"}``: both clusters on the common scale, and the points of
    the index between them.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="pairings")
    mentor = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    learner = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    points = models.FloatField(_("points to gain"))
    subjects = models.JSONField(_("what can be learnt"), default=list)

    class Meta:
        ordering = ["-points"]
        constraints = [
            models.UniqueConstraint(fields=["run", "mentor"], name="pairing_mentors_one"),
            models.UniqueConstraint(fields=["run", "learner"], name="pairing_learns_from_one"),
            models.CheckConstraint(
                condition=~models.Q(mentor=models.F("learner")), name="pairing_of_two"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor} → {self.learner}"
