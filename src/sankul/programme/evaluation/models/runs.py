"""Runs and their results, kept whole, so that a rank can be replayed years later."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document
from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.evaluation.rules import (
    MODERATE,
    SEALED,
    SEE_RUNS,
    RunStatus,
    WhyNotTurned,
)
from sankul.programme.indicators.models import Framework
from sankul.programme.registry.models import Cluster, Period, Programme


class RunQuerySet(models.QuerySet["Run"]):
    """Runs, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Published runs (and those they replaced), and every run where the actor may see runs.

        In a round that is not sealed yet, that is the evaluator alone.
        """
        sealed = models.Q(period__round=None) | models.Q(period__round__phase__in=SEALED)
        early = narrowed(actor, SEE_RUNS, programme="programme") & sealed
        first = narrowed(actor, MODERATE, programme="programme")
        return self.filter(~models.Q(status=RunStatus.COMPUTED) | early | first)


class Run(models.Model):
    """One evaluation: framework × period × clusters, its frozen input, and what came out.

    ``package`` is the evaluation package (ZIP of the files that ``sankul evaluate`` reads), ``records`` every measure row
    behind its values (Parquet). ``input_sha256`` is the engine's digest of the package.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="runs")
    period = models.ForeignKey(Period, models.PROTECT, related_name="runs")
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="runs")
    status = models.CharField(
        _("status"), max_length=20, choices=RunStatus.choices, default=RunStatus.COMPUTED
    )
    computed_at = models.DateTimeField(_("computed"))
    computed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    engine_version = models.CharField(_("engine version"), max_length=40)
    draws = models.PositiveIntegerField(_("draws"))
    seed = models.BigIntegerField(_("seed"))
    input_sha256 = models.CharField(_("digest of the input"), max_length=64)
    package = models.ForeignKey(Document, models.PROTECT, related_name="+")
    records = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    log = models.JSONField(_("log"), default=list)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-computed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "period"],
                condition=models.Q(status=RunStatus.PUBLISHED),
                name="run_one_published_a_period",
            ),
            models.CheckConstraint(
                condition=models.Q(status=RunStatus.COMPUTED)
                | models.Q(published_at__isnull=False),
                name="run_published_when",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="results_frozen",
                operation=pgtrigger.UpdateOf(
                    "framework_id", "period_id", "input_sha256", "package_id", "log", "seed"
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme}, {self.period}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The programme's scope."""
        return (Scope(ScopeKind.PROGRAMME, self.programme_id),)


class Standing(models.Model):
    """A cluster's place in a run: rank with its 5–95 % interval, or the reason why it is not ranked."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="standings")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="standings")
    score = models.FloatField(_("score"), null=True)
    score_low = models.FloatField(_("score, 5 %"), null=True)
    score_high = models.FloatField(_("score, 95 %"), null=True)
    rank = models.PositiveIntegerField(_("rank"), null=True)
    rank_low = models.PositiveIntegerField(_("best rank, 5 %"), null=True)
    rank_median = models.PositiveIntegerField(_("median rank"), null=True)
    rank_high = models.PositiveIntegerField(_("worst rank, 95 %"), null=True)
    coverage = models.FloatField(_("share of the indicators with a value"))
    acceptability = models.JSONField(_("share of draws at each rank"), default=list)
    below = models.FloatField(_("probability of a score below the threshold"), null=True)
    not_ranked = models.CharField(_("why it is not ranked"), max_length=250, blank=True)

    class Meta:
        ordering = ["run", models.F("rank").asc(nulls_last=True), "cluster__name"]
        constraints = [
            models.UniqueConstraint(fields=["run", "cluster"], name="standing_once_a_run"),
            models.CheckConstraint(
                condition=models.Q(rank__isnull=False, not_ranked="")
                | (models.Q(rank=None) & ~models.Q(not_ranked="")),
                name="standing_ranked_or_why_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cluster}: {self.rank or self.not_ranked}"


class NodeScore(models.Model):
    """A cluster's score and rank on one node of the framework's tree."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="node_scores")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    node = models.CharField(_("node"), max_length=60)
    score = models.FloatField(_("score"), null=True)
    rank = models.PositiveIntegerField(_("rank"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "cluster", "node"], name="node_score_once"),
        ]

    def __str__(self) -> str:
        return f"{self.node}: {self.score}"


class Value(models.Model):
    """One indicator of one cluster in a run, from its tally to its contribution to the score.

    Missing is empty, never zero: ``value`` is None when the evidence is missing.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="values")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    indicator = models.CharField(_("indicator"), max_length=60)
    quantity = models.DecimalField(_("evidenced quantity"), max_digits=30, decimal_places=10)
    records = models.PositiveIntegerField(_("evidenced records"))
    submitted = models.PositiveIntegerField(_("submitted records"))
    is_nil = models.BooleanField(_("declared as nothing"))
    value = models.FloatField(_("value"), null=True)
    denominator = models.FloatField(_("denominator"), null=True)
    normalised = models.FloatField(_("on the common scale"), null=True)
    weight = models.FloatField(_("effective weight"), null=True)
    contribution = models.FloatField(_("contribution to the score"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "cluster", "indicator"], name="value_once_a_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.value}"


class Robustness(models.Model):
    """How sure a run is and what drives it, computed with it from the same package by the same seed.

    ``sensitivity`` lists ``{"factor", "first", "total"}``, Sobol indices of the mean shift of ranks as [value, 5 %, 95 %]
    or None where no rank moves. ``removals`` lists ``{"left_out", "shift", "reversed", "tau"}``: the mean shift of ranks, the
    pairs whose order turns and Kendall's tau without that indicator, or ``{"left_out", "refused"}``. ``correlations`` lists
    ``{"one", "other", "r", "p", "n"}`` of every pair of indicators on the common scale. ``weights`` holds the share of the
    index of every node and indicator.
    """

    run = models.OneToOneField(Run, models.CASCADE, related_name="robustness")
    threshold = models.FloatField(_("score on which a decision hangs"), null=True)
    draws_exact = models.BooleanField(_("the draws are all combinations there are"))
    sensitivity = models.JSONField(_("Sobol indices"), default=list)
    sensitivity_draws = models.PositiveIntegerField(_("size of each sample"))
    sensitivity_exact = models.BooleanField(_("every combination was evaluated"))
    removals = models.JSONField(_("without each indicator"), default=list)
    correlations = models.JSONField(_("correlations"), default=list)
    weights = models.JSONField(_("share of the index"), default=dict)

    class Meta:
        verbose_name_plural = "robustness"
        triggers = [pgtrigger.Protect(name="robustness_frozen", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.run}"


class Flip(models.Model):
    """The smallest change that turns one decision round: who stands above whom, or who reaches the threshold.

    The decision is about ``cluster`` against ``over``, which ranks right above it; without ``over`` against the threshold.
    ``bar`` is the score on the other side. ``distance`` is the sum of absolute changes of effective weights (0 to 2) and
    ``weights`` are those weights where they differ from today's; both are empty where ``why_not`` says why.
    ``indicators`` holds, by indicator, the smallest change of the cluster's own value that does the same, where there is one.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="flips")
    position = models.PositiveIntegerField()
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    over = models.ForeignKey(Cluster, models.PROTECT, null=True, related_name="+")
    score = models.FloatField(_("score"))
    bar = models.FloatField(_("score on the other side"))
    distance = models.FloatField(_("change of weights"), null=True)
    weights = models.JSONField(_("weights that turn it"), default=dict)
    why_not = models.CharField(
        _("why no weights turn it"), max_length=20, choices=WhyNotTurned.choices, blank=True
    )
    indicators = models.JSONField(_("changes of one indicator that turn it"), default=dict)

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "cluster", "over"], nulls_distinct=False, name="flip_once_a_run"
            ),
            models.CheckConstraint(
                condition=models.Q(distance__isnull=False, why_not="")
                | (models.Q(distance=None) & ~models.Q(why_not="")),
                name="flip_distance_or_why_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cluster}: {self.over or self.bar}"
