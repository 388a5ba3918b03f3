"""The words of billing."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Treatment(TextChoices):
    """How a host's supplies are treated by the law of goods and services tax."""

    TAXABLE = "taxable", _("Registered: tax is charged")
    EXEMPT = "exempt", _("Registered: what it supplies is exempt")
    UNREGISTERED = "unregistered", _("Not registered: no tax is charged")


class DocumentKind(TextChoices):
    """Documents that bill or correct a bill."""

    TAX_INVOICE = "tax_invoice", _("Tax invoice")
    BILL_OF_SUPPLY = "bill_of_supply", _("Bill of supply")
    BILL = "bill", _("Bill of a supplier that is not registered")
    CREDIT_NOTE = "credit_note", _("Credit note")


KIND_OF: dict[Treatment, DocumentKind] = {
    Treatment.TAXABLE: DocumentKind.TAX_INVOICE,
    Treatment.EXEMPT: DocumentKind.BILL_OF_SUPPLY,
    Treatment.UNREGISTERED: DocumentKind.BILL,
}


class Cause(TextChoices):
    """What a charge is for."""

    USE = "use", _("Use of an instrument")
    CANCELLATION = "cancellation", _("Late cancellation")
    NO_SHOW = "no_show", _("Booked and not used")
    SERVICE = "service", _("Samples measured")
    OTHER = "other", _("Other")


class Mode(TextChoices):
    """How a payment came."""

    BANK = "bank", _("Bank transfer")
    CARD = "card", _("Card or UPI")
    CHEQUE = "cheque", _("Cheque or demand draft")
    INTERNAL = "internal", _("Transfer between departments or funds")


class DisputeState(TextChoices):
    """Where a dispute is."""

    OPEN = "open", _("Waits for the host's answer")
    ANSWERED = "answered", _("Answered by the host")
    UPHELD = "upheld", _("Upheld: a credit note was issued")
    REJECTED = "rejected", _("Not upheld")
    WITHDRAWN = "withdrawn", _("Withdrawn by who opened it")


GOING = frozenset({DisputeState.OPEN, DisputeState.ANSWERED})
"""Disputes that are not settled."""
