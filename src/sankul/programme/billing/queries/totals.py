"""Totals of what the institutions of a cluster charged and received: no document, no payer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, QuerySet, Sum

from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.billing.models import Charge, Invoice, Payment
from sankul.programme.billing.rules import SEE_TOTALS, DocumentKind
from sankul.programme.registry.models import Cluster, Membership, Organisation


@dataclass
class Total:
    """What one institution billed, credited, received and waived in a financial year (rupees, taxes included)."""

    host: Organisation
    documents: int = 0
    payers: int = 0
    billed_inr: Decimal = Decimal(0)
    tax_inr: Decimal = Decimal(0)
    credited_inr: Decimal = Decimal(0)
    received_inr: Decimal = Decimal(0)
    waived_inr: Decimal = Decimal(0)


def clusters(actor: Actor) -> QuerySet[Cluster]:
    """Clusters whose totals the actor may see."""
    own = narrowed(actor, SEE_TOTALS, cluster="pk", programme="programme")
    return Cluster.objects.filter(own).select_related("programme").order_by("programme", "name")


def totals(cluster: Cluster, year: int) -> list[Total]:
    """Totals of a financial year of each member that billed anything, by name: five queries."""
    span = (date(year, 4, 1), date(year + 1, 3, 31))
    members = Membership.objects.on(span[1]).filter(cluster=cluster).values("organisation")
    hosts = {row.pk: row for row in Organisation.objects.filter(pk__in=members)}
    made: dict[int, Total] = {pk: Total(row) for pk, row in hosts.items()}
    _add_documents(made, span)
    _add(made, Payment.objects.filter(host__in=hosts, paid_on__range=span), "received_inr",
         Sum(F("amount_inr") + F("deducted_inr")))  # fmt: skip
    waived = Charge.objects.filter(host__in=hosts, waived_at__isnull=False)
    _add(made, waived.filter(happened_on__range=span), "waived_inr", Sum("amount_inr"))
    moved = [one for one in made.values() if one.documents or one.received_inr or one.waived_inr]
    return sorted(moved, key=lambda one: (one.host.name, one.host.pk))


def _add_documents(made: dict[int, Total], span: tuple[date, date]) -> None:
    rows = Invoice.objects.filter(host__in=made, issued_on__range=span).order_by()
    taxes = F("cgst_inr") + F("sgst_inr") + F("igst_inr")
    for row in rows.asking().values("host").annotate(
        documents=Count("pk"), payers=Count("payer", distinct=True), billed=Sum("total_inr"),
        tax=Sum(taxes),
    ):  # fmt: skip
        one = made[row["host"]]
        one.documents, one.payers = row["documents"], row["payers"]
        one.billed_inr, one.tax_inr = row["billed"], row["tax"]
    _add(made, rows.filter(kind=DocumentKind.CREDIT_NOTE), "credited_inr", Sum("total_inr"))


def _add(made: dict[int, Total], rows: QuerySet[Any], name: str, sum_inr: Sum) -> None:
    for host, amount in (
        rows.order_by().values("host").annotate(sum=sum_inr).values_list("host", "sum")
    ):
        setattr(made[host], name, amount)
