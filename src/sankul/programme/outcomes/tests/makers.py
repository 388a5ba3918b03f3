"""Makers of the area's records: each writes rows directly, past rights and rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from sankul.core.models import Document
from sankul.programme.outcomes.models import Attachment, Claim, Credit, Import, NilReturn
from sankul.programme.outcomes.rules import KINDS, ClaimStatus, CreditRole, Fact, FactType
from sankul.programme.outcomes.rules.identifiers import SCHEMES
from sankul.programme.outcomes.rules.imports import ImportState
from sankul.programme.portfolio.models import Deployment, Project
from sankul.programme.portfolio.rules import DeploymentStatus, Sector
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


def batch(cluster: Cluster, **fields: Any) -> Import:
    """A table of claims that was found sound; its bytes are nowhere."""
    defaults = {
        "kind": "outreach_item",
        "name": "claims.csv",
        "sha256": f"{next(_numbers):064x}",
        "size_bytes": 100,
        "state": ImportState.SOUND,
        "rows": 1,
        "fresh": 1,
        "asked_at": makers.AT,
        "asked_by": makers.user(),
    }
    return Import.objects.create(cluster=cluster, **defaults | fields)


def link(claim: Claim, url: str = "https://media.example/film", **fields: Any) -> Attachment:
    """A web address behind a claim, evidence by itself where the kind says so."""
    suffices = {"suffices": claim.kind_of.link_suffices}
    return Attachment.objects.create(claim=claim, url=url, **suffices | fields)


def project(cluster: Cluster, **fields: Any) -> Project:
    """A project of a cluster, public."""
    number = next(_numbers)
    defaults = {
        "programme": cluster.programme,
        "code": f"p-{number}",
        "title": f"Clean lakes {number}",
        "summary": "Lakes that are clean again",
        "sector": next(iter(Sector)),
        "stage_on": date(2025, 4, 1),
        "shared_at": makers.AT,
        "recorded_at": makers.AT,
    }
    return Project.objects.create(cluster=cluster, **defaults | fields)


def deployment(project: Project, **fields: Any) -> Deployment:
    """A deployment of a project, planned."""
    defaults = {
        "title": f"Sensors {next(_numbers)}",
        "place": "The old lake",
        "status": DeploymentStatus.PLANNED,
        "recorded_at": makers.AT,
    }
    return Deployment.objects.create(project=project, **defaults | fields)


def facts(kind: str, *organisations: Organisation) -> dict[str, Any]:
    """Everything that a kind of claim must say, made up by type; ``organisations`` where it names some."""
    declared = KINDS[kind].facts
    told = {fact.code: _said(fact, organisations) for fact in declared if fact.required}
    more = {f.code: _said(f, organisations) for f in declared if f.is_needed(told)}
    return told | more


def _said(fact: Fact, organisations: tuple[Organisation, ...]) -> Any:
    match fact.type:
        case FactType.TABLE:
            return [{one.code: _said(one, organisations) for one in fact.columns if one.required}]
        case FactType.CHOICE:
            return fact.choices[0][0]
        case FactType.IDENTIFIER:
            return "201841012345" if fact.scheme == "patent" else SCHEMES[fact.scheme].example
        case FactType.ORGANISATIONS:
            return [one.slug for one in organisations]
    return {"indirect_taxes_inr": "5"}.get(fact.code, SAID[fact.type])


SAID: dict[FactType, Any] = {
    FactType.TEXT: "So it is written",
    FactType.LONG_TEXT: "So it is written at length",
    FactType.DATE: "2025-05-01",
    FactType.WHOLE: 12,
    FactType.DECIMAL: "1.5",
    FactType.MONEY: "1200",
    FactType.PERCENT: "5",
    FactType.URL: "https://media.example/page",
    FactType.COUNTRY: "NP",
    FactType.LANGUAGE: "hi",
}
