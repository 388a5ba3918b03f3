"""Invoices and credit notes: numbered without a gap, and never changed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document
from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.billing.rules import (
    SEE_BILLED,
    SEE_OWED,
    DocumentKind,
    in_words,
    year_name,
)
from sankul.programme.registry.models import Organisation

from .charges import Charge
from .parties import Supplier

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FINAL = pgtrigger.Update | pgtrigger.Delete
SUMS = (
    "taxable_inr", "cgst_inr", "sgst_inr", "igst_inr",
)  # fmt: skip


def money(title: StrOrPromise) -> models.DecimalField[Decimal | str, Decimal]:
    """A column of rupees and paise."""
    return models.DecimalField(title, max_digits=14, decimal_places=2, default=Decimal(0))


class Counter(models.Model):
    """The last number of a supplier's series in a financial year: locked while the next is given."""

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="counters")
    kind = models.CharField(max_length=20, choices=DocumentKind.choices)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplier", "kind", "year"], name="counter_of_series")
        ]

    def __str__(self) -> str:
        return f"{self.supplier} {self.kind} {self.year}: {self.last}"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Invoices, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """What the actor's institution has issued, and what was issued to the actor's organisation."""
        return self.filter(
            narrowed(actor, SEE_BILLED, organisation="host")
            | narrowed(actor, SEE_OWED, organisation="payer")
        )

    def asking(self) -> Self:
        """Documents that ask for money: all but credit notes."""
        return self.exclude(kind=DocumentKind.CREDIT_NOTE)

    def corrections(self) -> Self:
        """Credit notes."""
        return self.filter(kind=DocumentKind.CREDIT_NOTE)


def _serial_follows() -> pgtrigger.Trigger:
    """The database itself refuses a gap: a number follows the greatest of its series."""
    return pgtrigger.Trigger(
        name="serial_follows",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="""
            IF NEW.number <> 1 + COALESCE((
                SELECT max(i.number) FROM billing_invoice i
                WHERE i.supplier_id = NEW.supplier_id AND i.kind = NEW.kind AND i.year = NEW.year
            ), 0) THEN
                RAISE EXCEPTION 'number % leaves a gap', NEW.number
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_serial_follows';
            END IF;
            RETURN NEW;
        """,
    )


class Invoice(models.Model):
    """A document that bills, or corrects a bill, as it was issued.

    ``supplier_told`` and ``recipient_told`` are the two parties as they stood that day (name, address, state, GSTIN, bank).
    Amounts are rupees; of a credit note they are what it takes off. ``month`` is the first day of the month that is billed.
    ``law`` is the digest of the text of the law under which it was made.
    """

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="invoices")
    host = models.ForeignKey(Organisation, models.PROTECT, related_name="invoices_issued")
    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="invoices_received")
    kind = models.CharField(_("kind"), max_length=20, choices=DocumentKind.choices)
    year = models.PositiveSmallIntegerField(_("financial year"))
    number = models.PositiveIntegerField(_("number in its series"))
    serial = models.CharField(_("serial number"), max_length=16)
    issued_on = models.DateField(_("issued"))
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    due_on = models.DateField(_("due"), null=True)
    month = models.DateField(_("month"))
    original = models.ForeignKey("self", models.PROTECT, null=True, related_name="credit_notes")
    reason = models.CharField(_("why it is credited"), max_length=300, blank=True)
    supplier_told = models.JSONField()
    recipient_told = models.JSONField()
    recipient_gstin = models.CharField(max_length=15, blank=True)
    is_sez = models.BooleanField(default=False)
    place_of_supply = models.CharField(_("place of supply"), max_length=2)
    place_source = models.CharField(max_length=250)
    statements = models.JSONField(default=list)
    law = models.CharField(max_length=64)
    taxable_inr = money(_("taxable value (₹)"))
    cgst_inr = money(_("central tax (₹)"))
    sgst_inr = money(_("state or union territory tax (₹)"))
    igst_inr = money(_("integrated tax (₹)"))
    rounding_inr = money(_("rounding (₹)"))
    total_inr = money(_("total (₹)"))

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_on", "-pk"]
        indexes = [
            models.Index(fields=["host", "month"], name="invoice_of_host"),
            models.Index(fields=["payer", "month"], name="invoice_of_payer"),
            models.Index(fields=["issued_on"], name="invoice_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "kind", "year", "number"], name="invoice_number_once"
            ),
            models.UniqueConstraint(
                fields=["supplier", "year", "serial"], name="invoice_serial_once"
            ),
            models.CheckConstraint(
                condition=Q(serial__regex=r"^[A-Z0-9/-]{1,16}$"), name="invoice_serial_form"
            ),
            models.CheckConstraint(
                condition=Q(
                    total_inr=F("taxable_inr")
                    + F("cgst_inr")
                    + F("sgst_inr")
                    + F("igst_inr")
                    + F("rounding_inr")
                ),
                name="invoice_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(cgst_inr=F("sgst_inr")) & (Q(igst_inr=0) | Q(cgst_inr=0)),
                name="invoice_taxes_of_one_sort",
            ),
            models.CheckConstraint(
                condition=Q(kind=DocumentKind.TAX_INVOICE)
                | Q(kind=DocumentKind.CREDIT_NOTE)
                | Q(cgst_inr=0, igst_inr=0),
                name="invoice_tax_on_tax_invoices_only",
            ),
            models.CheckConstraint(
                condition=Q(
                    rounding_inr__gte=Decimal("-0.50"),
                    rounding_inr__lte=Decimal("0.50"),
                    total_inr__gte=0,
                ),
                name="invoice_rounded_by_half_a_rupee",
            ),
            models.CheckConstraint(
                condition=(Q(kind=DocumentKind.CREDIT_NOTE, original__isnull=False) & ~Q(reason=""))
                | (~Q(kind=DocumentKind.CREDIT_NOTE) & Q(original=None, due_on__isnull=False)),
                name="invoice_credit_note_corrects_one",
            ),
        ]
        triggers = [pgtrigger.Protect(name="issued_is_final", operation=FINAL), _serial_follows()]

    def __str__(self) -> str:
        return self.serial

    @property
    def is_credit(self) -> bool:
        """Whether it takes off what another document asked."""
        return self.kind == DocumentKind.CREDIT_NOTE

    @property
    def words(self) -> str:
        """The total in words."""
        return in_words(self.total_inr)

    @property
    def year_name(self) -> str:
        """The financial year of its series: 2026-27."""
        return year_name(self.year)

    @property
    def tax_inr(self) -> Decimal:
        """All taxes."""
        return self.cgst_inr + self.sgst_inr + self.igst_inr

    @property
    def month_ends_on(self) -> date:
        """The last day of the month that is billed."""
        return (self.month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)

    @property
    def host_scope(self) -> Scope:
        """The host's scope."""
        return Scope(ScopeKind.ORGANISATION, self.host_id)

    @property
    def payer_scope(self) -> Scope:
        """The payer's scope."""
        return Scope(ScopeKind.ORGANISATION, self.payer_id)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Both."""
        return (self.host_scope, self.payer_scope)


def _lines_add_up() -> pgtrigger.Trigger:
    """At the end of the transaction the lines of a document add up to it, so that none is added later either."""
    sums = " OR ".join(
        f"COALESCE(sum(l.{name}), 0) <> (SELECT i.{name} FROM billing_invoice i WHERE i.id = NEW.invoice_id)"
        for name in SUMS
    )
    return pgtrigger.Trigger(
        name="lines_add_up",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=f"""
            IF (SELECT {sums} FROM billing_invoiceline l WHERE l.invoice_id = NEW.invoice_id)
            THEN RAISE EXCEPTION 'the lines of document % do not add up to it', NEW.invoice_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_lines_add_up';
            END IF;
            RETURN NULL;
        """,
    )


class InvoiceLine(models.Model):
    """A line of a document, with its tax. ``charge`` and ``part`` are what it bills, ``credits`` the line that it takes off."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, related_name="lines_billed")
    part = models.PositiveSmallIntegerField(default=0)
    credits = models.ForeignKey("self", models.PROTECT, null=True, related_name="credited_by")
    description = models.CharField(_("what"), max_length=300)
    sac = models.CharField(_("SAC"), max_length=6)
    quantity = models.DecimalField(_("quantity"), max_digits=16, decimal_places=6)
    unit = models.CharField(_("unit"), max_length=60)
    rate_inr = models.DecimalField(_("rate (₹)"), max_digits=16, decimal_places=4)
    tax_percent = models.DecimalField(_("tax (%)"), max_digits=5, decimal_places=2)
    taxable_inr = money(_("taxable value (₹)"))
    cgst_inr = money(_("central tax (₹)"))
    sgst_inr = money(_("state or union territory tax (₹)"))
    igst_inr = money(_("integrated tax (₹)"))

    class Meta:
        ordering = ["invoice_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_position"),
            models.UniqueConstraint(
                fields=["charge", "part"], condition=Q(credits=None), name="invoice_line_bills_once"
            ),
            models.CheckConstraint(
                condition=Q(charge=None) | Q(credits=None), name="invoice_line_bills_or_credits"
            ),
            models.CheckConstraint(
                condition=Q(taxable_inr__gte=0, cgst_inr__gte=0, sgst_inr__gte=0, igst_inr__gte=0),
                name="invoice_line_not_negative",
            ),
        ]
        triggers = [pgtrigger.Protect(name="issued_is_final", operation=FINAL), _lines_add_up()]

    def __str__(self) -> str:
        return self.description

    @property
    def tax_inr(self) -> Decimal:
        """All taxes."""
        return self.cgst_inr + self.sgst_inr + self.igst_inr


class InvoicePdf(models.Model):
    """The typeset document, made after it was issued; without this row it is made again."""

    invoice = models.OneToOneField(Invoice, models.PROTECT, related_name="pdf")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = [pgtrigger.Protect(name="immutable", operation=FINAL)]

    def __str__(self) -> str:
        return str(self.invoice)
