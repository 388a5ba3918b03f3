"""Makers of the area's records: each writes rows directly, past rights and rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from sankul.core.models import Document
from sankul.programme.outcomes.models import Attachment, Claim, Credit, NilReturn
from sankul.programme.outcomes.rules import ClaimStatus, CreditRole
from sankul.programme.registry.models import Cluster, Organisation, Period
from sankul.programme.registry.tests import makers

_numbers = count(1)


def claim(cluster: Cluster, organisation: Organisation | None = None, **fields: Any) -> Claim:
    """One outreach item of 10 May 2025, submitted, fully credited to ``organisation`` (a new one), without document."""
    number = next(_numbers)
    defaults = {
        "programme": cluster.programme,
        "kind": "outreach_item",
        "reference": f"R{number}",
        "title": f"Film about water {number}",
        "on": date(2025, 5, 10),
        "quantity": Decimal(1),
        "status": ClaimStatus.SUBMITTED,
        "recorded_at": makers.AT,
        "submitted_at": makers.AT,
    }
    made = Claim.objects.create(cluster=cluster, **defaults | fields)
    credit(made, organisation=organisation or makers.organisation())
    return made


def draft(cluster: Cluster, organisation: Organisation | None = None, **fields: Any) -> Claim:
    """The same as a draft."""
    return claim(
        cluster, organisation, **{"status": ClaimStatus.DRAFT, "submitted_at": None} | fields
    )


def credit(claim: Claim, **fields: Any) -> Credit:
    """Whole credit of a claim for an organisation that led."""
    defaults = {"cluster": claim.cluster, "role": CreditRole.LED, "share": Decimal(1)}
    return Credit.objects.create(claim=claim, **defaults | fields)


def attachment(claim: Claim, document: Document | None = None, **fields: Any) -> Attachment:
    """A document behind a claim."""
    return Attachment.objects.create(
        claim=claim,
        document=document or makers.document(),
        **{"proves": "That it happened"} | fields,
    )


def nil_return(cluster: Cluster, period: Period, kind: str = "outreach_item") -> NilReturn:
    """A declaration of nothing."""
    return NilReturn.objects.create(
        cluster=cluster, period=period, kind=kind, declared_at=makers.AT
    )
