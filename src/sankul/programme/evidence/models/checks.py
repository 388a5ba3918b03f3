"""Verifiers' looks at claims of a sample."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Actor, Scope
from sankul.programme.evidence.rules import Finding, Turn

from .verifications import Sampled


class CheckQuerySet(models.QuerySet["Check"]):
    """Checks, narrowed."""

    def of(self, actor: Actor) -> Self:
        """The actor's own. Nobody sees another's: what is settled stands with the claim of the sample."""
        return self.filter(verifier=actor.user_id) if actor.user_id else self.none()

    def open(self) -> Self:
        """Those without a finding."""
        return self.filter(finding="")


class Check(models.Model):
    """One verifier's look at a claim of the sample, and what he found.

    ``notes`` says something of single documents, by their SHA-256; ``confirmed`` lists what of the checklist was seen. The
    database lets nobody look at a claim twice in a round.
    """

    sampled = models.ForeignKey(Sampled, models.PROTECT, related_name="checks", db_index=False)
    turn = models.CharField(_("turn"), max_length=10, choices=Turn.choices)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    verifier = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="checks"
    )
    assigned_at = models.DateTimeField(_("given to the verifier"), null=True)
    finding = models.CharField(_("finding"), max_length=20, choices=Finding.choices, blank=True)
    quantity = models.DecimalField(
        _("proved quantity"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    reason = models.TextField(_("reason"), blank=True)
    notes = models.JSONField(_("notes on documents"), default=dict, blank=True)
    confirmed = models.JSONField(_("seen"), default=list, blank=True)
    found_at = models.DateTimeField(_("found"), null=True)

    objects = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["sampled__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sampled", "round", "turn"], name="check_once_a_turn"),
            models.UniqueConstraint(
                fields=["sampled", "round", "verifier"], name="check_each_verifier_once"
            ),
            models.CheckConstraint(
                condition=models.Q(finding="", found_at=None, quantity=None)
                | (
                    ~models.Q(finding="")
                    & models.Q(found_at__isnull=False, quantity__isnull=False)
                    & models.Q(verifier__isnull=False)
                ),
                name="check_found_by_whom_and_when",
            ),
        ]
        indexes = [
            models.Index(fields=["verifier", "finding"], name="check_of_verifier"),
        ]

    def __str__(self) -> str:
        return f"{self.sampled}: {self.get_turn_display()}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first."""
        return self.sampled.scopes
