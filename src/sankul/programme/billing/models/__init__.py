"""The memory of billing."""

from .charges import Charge
from .invoices import Counter, Invoice, InvoiceLine, InvoicePdf
from .money import Dispute, Payment
from .parties import BillingParty, Supplier

__all__ = [
    "BillingParty",
    "Charge",
    "Counter",
    "Dispute",
    "Invoice",
    "InvoiceLine",
    "InvoicePdf",
    "Payment",
    "Supplier",
]
