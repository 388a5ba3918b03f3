"""What clusters contest: replies before sealing, appeals after publication, and what was ruled."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document
from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.evaluation.rules import REPLY, SEE_RUNS, ObjectionKind, Ruling
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.models import Cluster

from .rounds import Round
from .runs import Run


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Objections, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of the actor's own clusters, all where the actor may see runs, and decided appeals."""
        inside = narrowed(actor, SEE_RUNS, programme="round__programme")
        own = narrowed(actor, REPLY, cluster="cluster")
        decided = models.Q(kind=ObjectionKind.APPEAL) & ~models.Q(ruling=Ruling.OPEN)
        return self.filter(inside | own | decided)


class Objection(models.Model):
    """A cluster contests a figure: the indicator, or the finding about one claim, with reason and evidence.

    ``quantity`` is what stands of the claim by the ruling; ``run`` is the evaluation that took the ruling into account.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="objections")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="objections")
    kind = models.CharField(_("kind"), max_length=20, choices=ObjectionKind.choices)
    indicator = models.CharField(_("contested indicator"), max_length=60)
    claim = models.ForeignKey(
        Claim, models.PROTECT, null=True, blank=True, related_name="objections"
    )
    reason = models.TextField(_("why the figure is wrong"))
    documents = models.ManyToManyField(Document, blank=True, related_name="+")
    filed_at = models.DateTimeField(_("filed"))
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ruling = models.CharField(
        _("ruling"), max_length=20, choices=Ruling.choices, default=Ruling.OPEN
    )
    quantity = models.DecimalField(
        _("what stands of the claim"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    reasons = models.TextField(_("reasons of the ruling"), blank=True)
    ruled_at = models.DateTimeField(_("ruled"), null=True)
    ruled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    carried_out_at = models.DateTimeField(_("carried out"), null=True)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="objections")

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        ordering = ["-filed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ruling=Ruling.OPEN, ruled_at=None, reasons="")
                | (
                    ~models.Q(ruling=Ruling.OPEN)
                    & models.Q(ruled_at__isnull=False)
                    & ~models.Q(reasons="")
                ),
                name="objection_ruled_with_reasons",
            ),
            models.CheckConstraint(
                condition=models.Q(carried_out_at=None) | models.Q(ruling=Ruling.UPHELD),
                name="objection_carried_out_if_upheld",
            ),
            models.UniqueConstraint(
                fields=["round", "cluster", "kind", "indicator", "claim"],
                nulls_distinct=False,
                name="objection_once_a_figure",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="filed_frozen",
                operation=pgtrigger.UpdateOf(
                    "round_id", "cluster_id", "kind", "indicator", "claim_id", "reason", "filed_at"
                ),
            ),
            pgtrigger.Protect(
                name="ruling_frozen",
                operation=pgtrigger.UpdateOf("ruling", "reasons", "quantity", "ruled_at"),
                condition=~pgtrigger.Q(old__ruling="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cluster}: {self.indicator}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first."""
        return (
            Scope(ScopeKind.CLUSTER, self.cluster_id),
            Scope(ScopeKind.PROGRAMME, self.cluster.programme_id),
        )
