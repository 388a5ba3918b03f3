"""Payments, and disputes about what was asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.billing.rules import GOING, SEE_BILLED, SEE_OWED, DisputeState, Mode
from sankul.programme.registry.models import Organisation

from .invoices import Invoice


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Payments, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """What the actor's institution received, and what the actor's organisation paid."""
        return self.filter(
            narrowed(actor, SEE_BILLED, organisation="host")
            | narrowed(actor, SEE_OWED, organisation="payer")
        )


class Payment(models.Model):
    """Money that a payer gave a host, known by its reference; ``deducted_inr`` is tax deducted at source, which counts as paid.

    ``invoice`` is the document that it names, if any. A payment that settles none stands on account.
    """

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="payments_received")
    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="payments_made")
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, related_name="payments")
    amount_inr = models.DecimalField(_("amount (₹)"), max_digits=14, decimal_places=2)
    deducted_inr = models.DecimalField(
        _("tax deducted at source (₹)"), max_digits=14, decimal_places=2, default=Decimal(0)
    )
    paid_on = models.DateField(_("paid"))
    mode = models.CharField(_("how"), max_length=20, choices=Mode.choices)
    reference = models.CharField(_("reference (UTR, cheque number)"), max_length=60)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-paid_on", "-pk"]
        indexes = [models.Index(fields=["host", "payer"], name="payment_between")]
        constraints = [
            models.UniqueConstraint(fields=["host", "reference"], name="payment_reference_once"),
            models.CheckConstraint(
                condition=models.Q(amount_inr__gte=0, deducted_inr__gte=0)
                & (models.Q(amount_inr__gt=0) | models.Q(deducted_inr__gt=0)),
                name="payment_of_something",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="recorded_is_final", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def counts_inr(self) -> Decimal:
        """What it settles."""
        return self.amount_inr + self.deducted_inr

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes of both."""
        return (
            Scope(ScopeKind.ORGANISATION, self.host_id),
            Scope(ScopeKind.ORGANISATION, self.payer_id),
        )


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Disputes, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Those on documents that the actor may see."""
        return self.filter(invoice__in=Invoice.objects.visible_to(actor))


@tracked
class Dispute(models.Model):
    """A payer says that an invoice is wrong; the host answers, and corrects it by a credit note or not."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="disputes")
    state = models.CharField(
        _("state"), max_length=20, choices=DisputeState.choices, default=DisputeState.OPEN
    )
    text = models.TextField(_("what is wrong"))
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    credit_note = models.OneToOneField(Invoice, models.PROTECT, null=True, related_name="settles")

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"],
                condition=models.Q(state__in=sorted(GOING)),
                name="dispute_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state=DisputeState.UPHELD, credit_note__isnull=False)
                | (~models.Q(state=DisputeState.UPHELD) & models.Q(credit_note=None)),
                name="dispute_upheld_by_credit_note",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=sorted(GOING), settled_at=None)
                | (~models.Q(state__in=sorted(GOING)) & models.Q(settled_at__isnull=False)),
                name="dispute_settled_when",
            ),
        ]

    def __str__(self) -> str:
        return f"dispute on {self.invoice}"

    @property
    def is_going(self) -> bool:
        """Whether it is not settled."""
        return self.state in GOING
