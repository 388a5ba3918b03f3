"""What plausibility rules found, what clusters answered, how it was ruled; and declared capacities that rules compare with."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sankul.core.models import Document, tracked
from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.evidence.rules import (
    PENDING,
    PLAUSIBILITY,
    RULED,
    SEE_PLAUSIBILITY,
    Consequence,
    Doubt,
    PlausibilityRule,
    Severity,
)
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import URL_MAX
from sankul.programme.registry.models import Cluster, Period, Programme


class PlausibilityFindingQuerySet(models.QuerySet["PlausibilityFinding"]):
    """Findings, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Those about claims of the actor's own clusters and programmes. The public is told counts alone."""
        return self.filter(
            narrowed(actor, SEE_PLAUSIBILITY, programme="programme", cluster="cluster")
        )


@tracked
class PlausibilityFinding(models.Model):
    """What a rule found of a claim: ``figure`` holds its numbers, ``cited`` the further claims that it names.

    A rule finds the same of the same records once: ``key`` names, beside the claim, what else it is about. ``version`` is the
    number of the row of the claim's history in which it was found, ``gone_version`` of the one in which the rule no longer held.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", db_index=False)
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+", db_index=False)
    period = models.ForeignKey(Period, models.PROTECT, null=True, related_name="+")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="plausibility", db_index=False)
    rule = models.CharField(_("rule"), max_length=40)
    key = models.CharField(max_length=200)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices)
    figure = models.JSONField(_("figure"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=Doubt.choices, default=Doubt.OPEN)
    version = models.BigIntegerField(null=True)
    found_at = models.DateTimeField(_("found"))
    gone_version = models.BigIntegerField(null=True)
    gone_at = models.DateTimeField(_("no longer so since"), null=True)
    ruled_at = models.DateTimeField(_("ruled"), null=True)
    ruled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.TextField(_("reason"), blank=True)
    consequence = models.CharField(
        _("consequence"), max_length=10, choices=Consequence.choices, blank=True
    )

    objects = PlausibilityFindingQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "rule", "key"], name="plausibility_once"),
            models.CheckConstraint(
                condition=~models.Q(state__in=sorted(RULED))
                | (models.Q(ruled_at__isnull=False, ruled_by__isnull=False) & ~models.Q(reason="")),
                name="plausibility_ruled_by_whom_and_why",
            ),
            models.CheckConstraint(
                condition=(models.Q(state=Doubt.UPHELD) & ~models.Q(consequence=""))
                | (~models.Q(state=Doubt.UPHELD) & models.Q(consequence="")),
                name="plausibility_upheld_with_a_consequence",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=Doubt.RESOLVED) | models.Q(gone_at__isnull=False),
                name="plausibility_resolved_when",
            ),
        ]
        indexes = [
            models.Index(fields=["cluster", "-found_at", "-id"], name="plausibility_of_cluster"),
            models.Index(fields=["programme", "-found_at", "-id"], name="plausibility_newest"),
            models.Index(fields=["programme", "rule", "state"], name="plausibility_by_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.claim_id}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first."""
        return (
            Scope(ScopeKind.CLUSTER, self.cluster_id),
            Scope(ScopeKind.PROGRAMME, self.programme_id),
        )

    @property
    def rule_of(self) -> PlausibilityRule | None:
        """The rule that found it, unless there is none of that code any more."""
        return PLAUSIBILITY.get(self.rule)

    @property
    def is_pending(self) -> bool:
        """Whether nobody has ruled on it and it still holds."""
        return self.state in PENDING


class Cited(models.Model):
    """A further claim that a finding names, with the versions as of the finding and as of its end."""

    finding = models.ForeignKey(
        PlausibilityFinding, models.CASCADE, related_name="cited", db_index=False
    )
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+")
    version = models.BigIntegerField(null=True)
    gone_version = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["finding", "claim"], name="cited_once_a_finding")
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} in finding {self.finding_id}"


class Answer(models.Model):
    """What a cluster says to a finding, with documents. It stays as it was given; a further one may follow."""

    finding = models.ForeignKey(PlausibilityFinding, models.PROTECT, related_name="answers")
    text = models.TextField(_("answer"))
    answered_at = models.DateTimeField(_("answered"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    documents = models.ManyToManyField(Document, related_name="+")

    class Meta:
        ordering = ["answered_at", "pk"]

    def __str__(self) -> str:
        return self.text[:80]


@tracked
class Capacity(models.Model):
    """How much there is room for, by a source: people at an institution, units of a facility, people in a cluster's city."""

    class Of(models.TextChoices):
        """What it is the capacity of."""

        INSTITUTION = "institution", pgettext_lazy("capacity", "Institution: people it can hold")
        FACILITY = "facility", pgettext_lazy("capacity", "Facility: units that run")
        CITY = "city", pgettext_lazy("capacity", "City or region: people who live there")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    of = models.CharField(_("of"), max_length=20, choices=Of.choices)
    cluster = models.ForeignKey(
        Cluster, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cluster")
    )
    name = models.CharField(_("name"), max_length=250, blank=True)
    amount = models.PositiveBigIntegerField(_("how much"), validators=[MinValueValidator(1)])
    source = models.CharField(_("source"), max_length=250)
    source_url = models.CharField(_("address of the source"), max_length=URL_MAX, blank=True)
    declared_at = models.DateTimeField(_("declared"))
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    retracted_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        ordering = ["of", "name", "pk"]
        verbose_name_plural = "capacities"
        constraints = [
            models.UniqueConstraint(
                "programme", "of", "cluster", Lower("name"),
                condition=models.Q(retracted_at=None),
                nulls_distinct=False,
                name="capacity_once",
            ),
            models.CheckConstraint(
                condition=models.Q(of="city", cluster__isnull=False, name="")
                | (models.Q(of="facility", cluster__isnull=False) & ~models.Q(name=""))
                | (models.Q(of="institution", cluster=None) & ~models.Q(name="")),
                name="capacity_of_one_thing",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="capacity_above_zero"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name or self.cluster}: {self.amount}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The programme's scope."""
        return (Scope(ScopeKind.PROGRAMME, self.programme_id),)
