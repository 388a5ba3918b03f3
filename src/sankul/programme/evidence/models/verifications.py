"""Verifications of a period's claims, their samples and their estimates."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document
from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.evidence.rules import (
    CLOSED_STAGES,
    DONE_STAGES,
    DRAWN_STAGES,
    SEE,
    Design,
    Finding,
    State,
    VerificationStage,
)
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import KINDS, Kind
from sankul.programme.registry.models import Cluster, Period, Programme

DESIGN = (
    "precision", "confidence", "expected_overstatement", "least_per_stratum", "certainty_points", "second_share",
    "minutes_per_claim", "return_days",
)  # fmt: skip


class VerificationQuerySet(models.QuerySet["Verification"]):
    """Verifications, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Those announced, and the planned ones where the actor may see how a verification goes."""
        early = narrowed(actor, SEE, programme="programme")
        return self.filter(~models.Q(stage=VerificationStage.PLANNED) | early)

    def open_to(self, actor: Actor) -> Self:
        """Those whose population and sample the actor may see: by role, or the public once all of it is public."""
        early = narrowed(actor, SEE, programme="programme")
        public = models.Q(stage__in=DONE_STAGES, period__opened_at__isnull=False)
        return self.filter(early | public)


class Verification(models.Model):
    """How the claims of one period are verified: its design, the public number, the frozen population, and how far it is.

    ``number`` is the public number, ``seed`` what the sample was drawn with. ``population`` is the file that the sample was drawn
    from, ``amounts`` the file of what its claims credited to whom when they closed; both are known by the SHA-256 of their bytes.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="verifications")
    period = models.OneToOneField(Period, models.PROTECT, related_name="verification")
    stage = models.CharField(
        _("stage"),
        max_length=20,
        choices=VerificationStage.choices,
        default=VerificationStage.PLANNED,
    )
    precision = models.DecimalField(_("precision wished for"), max_digits=5, decimal_places=4)
    confidence = models.DecimalField(_("confidence"), max_digits=5, decimal_places=4)
    expected_overstatement = models.DecimalField(
        _("expected overstatement"), max_digits=5, decimal_places=4
    )
    least_per_stratum = models.PositiveSmallIntegerField(_("at least of each stratum"))
    certainty_points = models.DecimalField(
        _("points from which every claim is verified"),
        max_digits=9,
        decimal_places=4,
        null=True,
        blank=True,
    )
    second_share = models.DecimalField(_("share verified twice"), max_digits=5, decimal_places=4)
    minutes_per_claim = models.PositiveSmallIntegerField(_("minutes a claim"))
    return_days = models.PositiveSmallIntegerField(_("days to send better evidence"))
    source = models.CharField(_("the public number that will be used"), max_length=300, blank=True)
    closes_on = models.DateField(_("claims close"), null=True, blank=True)
    draws_on = models.DateField(_("the number appears"), null=True, blank=True)
    population = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    amounts = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    claims = models.PositiveIntegerField(_("claims in the population"), null=True)
    counts = models.JSONField(_("claims to verify, by stratum"), default=dict, blank=True)
    number = models.CharField(_("the public number"), max_length=80, blank=True)
    seed = models.CharField(_("seed of the sample"), max_length=80, blank=True)
    planned_at = models.DateTimeField(_("planned"))
    announced_at = models.DateTimeField(_("announced"), null=True)
    closed_at = models.DateTimeField(_("claims closed"), null=True)
    drawn_at = models.DateTimeField(_("sample drawn"), null=True)
    begun_at = models.DateTimeField(_("given to the verifiers"), null=True)
    estimated_at = models.DateTimeField(_("estimated"), null=True)
    locked_at = models.DateTimeField(_("locked"), null=True)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        ordering = ["-period__starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stage=VerificationStage.PLANNED)
                | (
                    ~models.Q(source="")
                    & models.Q(
                        closes_on__isnull=False,
                        draws_on__gt=models.F("closes_on"),
                        announced_at__isnull=False,
                    )
                ),
                name="verification_announced_what",
            ),
            models.CheckConstraint(
                condition=~models.Q(stage__in=sorted(CLOSED_STAGES))
                | models.Q(population__isnull=False, claims__isnull=False, closed_at__isnull=False),
                name="verification_closed_with_its_population",
            ),
            models.CheckConstraint(
                condition=~models.Q(stage__in=sorted(DRAWN_STAGES))
                | (~models.Q(number="") & ~models.Q(seed="") & models.Q(drawn_at__isnull=False)),
                name="verification_drawn_by_a_number",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="population_frozen",
                operation=pgtrigger.UpdateOf(
                    "population_id", "amounts_id", "claims", "counts", "period_id", *DESIGN
                ),
                condition=pgtrigger.Q(old__population_id__isnull=False),
            ),
            pgtrigger.Protect(
                name="number_frozen",
                operation=pgtrigger.UpdateOf("number", "seed"),
                condition=~pgtrigger.Q(old__number=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}, {self.period}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The programme's scope."""
        return (Scope(ScopeKind.PROGRAMME, self.programme_id),)

    @property
    def design(self) -> Design:
        """What it is planned for."""
        return Design(**{name: getattr(self, name) for name in DESIGN})

    @property
    def is_closed(self) -> bool:
        """Whether the claims of the period are closed."""
        return self.stage in CLOSED_STAGES

    @property
    def is_done(self) -> bool:
        """Whether every finding is settled and the totals are estimated."""
        return self.stage in DONE_STAGES


class SampledQuerySet(models.QuerySet["Sampled"]):
    """Claims of samples, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of samples that the actor may see."""
        return self.filter(verification__in=Verification.objects.open_to(actor).order_by())


class Sampled(models.Model):
    """A claim in a sample: with which chance it came in, and what was found of it once that is settled.

    ``quantity`` is what was claimed when the claims closed, ``verified_quantity`` what stands of it; ``round`` counts how often
    it came before the verifiers.
    """

    verification = models.ForeignKey(
        Verification, models.PROTECT, related_name="sample", db_index=False
    )
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="sampled")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="sampled")
    kind = models.CharField(_("kind"), max_length=40)
    position = models.PositiveIntegerField(_("place in the order of work"))
    quantity = models.DecimalField(_("claimed quantity"), max_digits=18, decimal_places=4)
    size = models.FloatField(_("points it can move an index by"))
    probability = models.FloatField(_("chance to come into the sample"))
    is_doubled = models.BooleanField(_("verified twice"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.OPEN)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    returned_at = models.DateTimeField(_("returned"), null=True)
    finding = models.CharField(_("finding"), max_length=20, choices=Finding.choices, blank=True)
    verified_quantity = models.DecimalField(
        _("verified quantity"),
        max_digits=18,
        decimal_places=4,
        null=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    reason = models.TextField(_("reason"), blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True)

    objects = SampledQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["verification", "claim"], name="sampled_once_a_verification"
            ),
            models.CheckConstraint(
                condition=models.Q(probability__gt=0, probability__lte=1, size__gt=0),
                name="sampled_with_a_chance",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(state=State.SETTLED, verified_quantity__isnull=False)
                    & models.Q(settled_at__isnull=False)
                    & ~models.Q(finding="")
                )
                | (
                    ~models.Q(state=State.SETTLED)
                    & models.Q(finding="", verified_quantity=None, settled_at=None)
                ),
                name="sampled_settled_with_a_finding",
            ),
            models.CheckConstraint(
                condition=models.Q(verified_quantity=None)
                | models.Q(verified_quantity__gte=0, verified_quantity__lte=models.F("quantity")),
                name="sampled_verified_within_claim",
            ),
        ]
        indexes = [models.Index(fields=["verification", "state"], name="sampled_by_state")]
        triggers = [
            pgtrigger.Protect(
                name="chance_frozen",
                operation=pgtrigger.UpdateOf(
                    "verification_id", "claim_id", "quantity", "size", "probability", "is_doubled"
                ),
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.claim}"

    @property
    def kind_of(self) -> Kind:
        """Everything that is fixed by the kind of claim."""
        return KINDS[self.kind]

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first."""
        return (
            Scope(ScopeKind.CLUSTER, self.cluster_id),
            Scope(ScopeKind.PROGRAMME, self.verification.programme_id),
        )


class EstimateQuerySet(models.QuerySet["Estimate"]):
    """Estimates, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of verifications that the actor may see into."""
        return self.filter(verification__in=Verification.objects.open_to(actor).order_by())


class Estimate(models.Model):
    """What stands of the claims of one measure that credit one cluster, estimated from the sample, with its limits.

    ``claimed``, ``verified``, ``low`` and ``high`` are credited quantities in the unit of the measure, or numbers of records
    where ``of`` is records; where it is points, they are what all claims of the cluster can move indices by, and ``measure`` is
    empty. Of what is claimed, ``seen`` was looked at and ``known`` found to stand. ``overstatement`` is the estimated share that
    does not stand, ``overstatement_high`` its upper bound. ``verified``, the limits and these shares are empty where nothing of
    it was sampled.
    """

    class Of(models.TextChoices):
        """What is added up."""

        QUANTITY = "quantity", _("credited quantity")
        RECORDS = "records", _("credited records")
        POINTS = "points", _("points of the index, over all measures")

    verification = models.ForeignKey(Verification, models.CASCADE, related_name="estimates")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    measure = models.CharField(_("measure"), max_length=40, blank=True)
    of = models.CharField(_("of"), max_length=20, choices=Of.choices)
    claims = models.PositiveIntegerField(_("claims"))
    sampled = models.PositiveIntegerField(_("in the sample"))
    claimed = models.FloatField(_("claimed"))
    seen = models.FloatField(_("claimed by what was looked at"), default=0)
    known = models.FloatField(_("found to stand of that"), default=0)
    verified = models.FloatField(_("verified, estimated"), null=True)
    low = models.FloatField(_("lower limit"), null=True)
    high = models.FloatField(_("upper limit"), null=True)
    overstatement = models.FloatField(_("share that does not stand"), null=True)
    overstatement_high = models.FloatField(_("upper bound of that share"), null=True)

    objects = EstimateQuerySet.as_manager()

    class Meta:
        ordering = ["cluster__name", "measure", "of"]
        constraints = [
            models.UniqueConstraint(
                fields=["verification", "cluster", "measure", "of"], name="estimate_once"
            ),
            models.CheckConstraint(
                condition=models.Q(verified=None, low=None, high=None)
                | models.Q(low__lte=models.F("verified"), verified__lte=models.F("high")),
                name="estimate_within_its_limits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cluster}: {self.measure}"
