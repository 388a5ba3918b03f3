"""Priced things that happened: what a host may bill."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.billing.rules import SEE_BILLED, SEE_OWED, Cause
from sankul.programme.facilities.models import Tariff
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.registry.models import Organisation


class ChargeQuerySet(models.QuerySet["Charge"]):
    """Charges, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """What the actor's institution charges, and what the actor's organisation is charged."""
        return self.filter(
            narrowed(actor, SEE_BILLED, organisation="host")
            | narrowed(actor, SEE_OWED, organisation="payer")
        )


@tracked
class Charge(models.Model):
    """One priced thing that a host did for a payer: a use, a late cancellation, an order of samples.

    ``lines`` are those of the estimate, each with ``description``, ``quantity``, ``unit``, ``rate_inr`` and ``amount_inr`` as
    decimal texts; ``amount_inr`` is their sum, without tax. What was charged never changes: it is waived before it is billed,
    and corrected by a credit note afterwards.
    """

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="charges_made")
    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="charges_borne")
    cause = models.CharField(_("for"), max_length=20, choices=Cause.choices)
    source = models.CharField(_("record that it comes from"), max_length=60, blank=True)
    title = models.CharField(_("what"), max_length=250)
    user_class = models.CharField(_("class of users"), max_length=20, choices=UserClass.choices)
    relation = models.CharField(_("relation"), max_length=20, choices=Relation.choices)
    tariff = models.ForeignKey(Tariff, models.PROTECT, null=True, related_name="+")
    sac = models.CharField(_("SAC"), max_length=6)
    lines = models.JSONField(_("lines"))
    amount_inr = models.DecimalField(_("amount (₹)"), max_digits=14, decimal_places=2)
    happened_on = models.DateField(_("day"))
    recorded_at = models.DateTimeField(_("recorded"))
    waived_at = models.DateTimeField(_("waived"), null=True, blank=True)
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    waived_reason = models.CharField(_("why it was waived"), max_length=300, blank=True)

    objects = ChargeQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_on", "-pk"]
        indexes = [
            models.Index(fields=["host", "happened_on"], name="charge_of_host"),
            models.Index(fields=["payer", "happened_on"], name="charge_of_payer"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=~models.Q(source=""), name="charge_once_a_source"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_inr__gte=0), name="charge_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(waived_at=None, waived_reason="")
                | (models.Q(waived_at__isnull=False) & ~models.Q(waived_reason="")),
                name="charge_waived_with_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(sac__regex=r"^99[0-9]{2}([0-9]{2})?$"), name="charge_sac_form"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="as_charged",
                fields=[
                    "host", "payer", "cause", "source", "title", "user_class", "relation", "tariff",
                    "sac", "lines", "amount_inr", "happened_on", "recorded_at",
                ],
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def host_scope(self) -> Scope:
        """The host's scope."""
        return Scope(ScopeKind.ORGANISATION, self.host_id)
