"""A chain of lineage as W3C PROV-JSON (member submission of 24 April 2013).

What is a thing is an entity (value, package, frozen records, claim, document, finding), what was done an activity (evaluation,
verification), who bears responsibility an agent (the cluster, the third party, the engine): the terms of the PROV data model
(W3C recommendation of 30 April 2013). Persons are told by their role alone.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sankul.core.models import Document
from sankul.programme.outcomes.models import Claim

from .lineage import Chain, Source

PREFIX = {"sankul": "https://sankul.invalid/ns#", "sha256": "urn:sha256:"}
"""Names of Sankul's own things: no address, because every site has its own; documents are known by their digest everywhere."""
THIRD_PARTY = "sankul:role/evaluator"


class Graph:
    """PROV statements, gathered by kind; each said once."""

    def __init__(self) -> None:
        self.said: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)

    def thing(self, kind: str, name: str, **facts: Any) -> str:
        """An entity, activity or agent with its facts; returns its name."""
        self.said[kind][name] = {
            key.replace("__", ":"): fact for key, fact in facts.items() if fact is not None
        }
        return name

    def link(self, kind: str, **ends: str) -> None:
        """A relation between two things, numbered within its kind."""
        told = {f"prov:{end}": name for end, name in ends.items()}
        if told not in self.said[kind].values():
            self.said[kind][f"_:{kind}{len(self.said[kind]) + 1}"] = told

    def document(self) -> dict[str, Any]:
        """The whole as PROV-JSON."""
        return {"prefix": PREFIX, **self.said}


def prov(chain: Chain) -> dict[str, Any]:
    """The chain as a PROV-JSON document; the relations of one page of its records."""
    graph = Graph()
    value, evaluation = _evaluation(graph, chain)
    for source in chain.sources:
        _record(graph, chain, source, value, evaluation)
    return graph.document()


def _evaluation(graph: Graph, chain: Chain) -> tuple[str, str]:
    run, item = chain.run, chain.indicator
    at = f"sankul:run/{run.pk}"
    value = graph.thing(
        "entity",
        f"{at}/{chain.standing.cluster.slug}/{item.code}",
        prov__label=f"{item.title}: {chain.standing.cluster}, {run.period}",
        prov__value=chain.value.value,
        sankul__unit=item.unit,
        sankul__statistic=item.statistic,
        sankul__records=chain.total,
    )
    engine = graph.thing(
        "agent", f"sankul:engine/{run.engine_version}", prov__type="prov:SoftwareAgent"
    )
    evaluation = graph.thing(
        "activity", at, prov__label="evaluation", prov__endTime=run.computed_at.isoformat(),
        sankul__seed=run.seed, sankul__draws=run.draws, sankul__input_sha256=run.input_sha256,
    )  # fmt: skip
    framework = graph.thing(
        "entity", f"sankul:framework/{run.framework.code}/{run.framework.version}",
        prov__label=run.framework.title, sankul__sha256=run.framework.sha256,
    )  # fmt: skip
    graph.link("wasGeneratedBy", entity=value, activity=evaluation)
    graph.link("wasAssociatedWith", activity=evaluation, agent=engine)
    graph.link("used", activity=evaluation, entity=framework)
    graph.link("used", activity=evaluation, entity=_file(graph, run.package))
    if run.records is not None:
        graph.link("used", activity=evaluation, entity=_file(graph, run.records))
    return value, evaluation


def _record(graph: Graph, chain: Chain, source: Source, value: str, evaluation: str) -> None:
    claim = source.claim
    record = graph.thing(
        "entity",
        f"sankul:{source.record}",
        prov__label=claim.title if claim else None,
        sankul__credited=source.quantity,
        sankul__on=source.on.isoformat() if source.on else None,
        sankul__status=claim.status if claim else None,
        sankul__counts=source.is_evidenced,
    )
    graph.link("used", activity=evaluation, entity=record)
    if source.is_evidenced:
        graph.link("wasDerivedFrom", generatedEntity=value, usedEntity=record)
    if claim is not None:
        _claimed(graph, claim, record, source)
    for document in source.documents:
        graph.link("wasDerivedFrom", generatedEntity=record, usedEntity=_file(graph, document))


def _claimed(graph: Graph, claim: Claim, record: str, source: Source) -> None:
    cluster = graph.thing(
        "agent", f"sankul:cluster/{claim.cluster.slug}",
        prov__type="prov:Organization", prov__label=claim.cluster.name,
    )  # fmt: skip
    graph.link("wasAttributedTo", entity=record, agent=cluster)
    sampled = source.sampled
    if sampled is None or not sampled.finding:
        return
    third = graph.thing("agent", THIRD_PARTY, prov__type="prov:Person", prov__label="third party")
    verification = graph.thing(
        "activity", f"sankul:verification/{sampled.verification_id}", prov__label="verification",
        sankul__number=sampled.verification.number, sankul__seed=sampled.verification.seed,
    )  # fmt: skip
    finding = graph.thing(
        "entity", f"sankul:finding/{sampled.pk}",
        sankul__finding=sampled.finding,
        sankul__verified=str(sampled.verified_quantity), sankul__claimed=str(sampled.quantity),
        sankul__probability=sampled.probability,
    )  # fmt: skip
    graph.link("wasAssociatedWith", activity=verification, agent=third)
    graph.link("wasGeneratedBy", entity=finding, activity=verification)
    graph.link("wasDerivedFrom", generatedEntity=finding, usedEntity=record)


def _file(graph: Graph, document: Document) -> str:
    return graph.thing(
        "entity", f"sha256:{document.sha256}",
        prov__label=document.name, sankul__media_type=document.media_type,
    )  # fmt: skip
