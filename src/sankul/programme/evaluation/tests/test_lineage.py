"""Lineage: from a value down to its evidence, from a claim up to what it moved, and both as PROV-JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sankul.core.rules.roles import Role
from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.queries import lineage, runs
from sankul.programme.evaluation.queries.provenance import prov
from sankul.programme.evidence.rules import VerificationStage
from sankul.programme.evidence.tests import makers as verified
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.tests import makers

from .makers import computed, evidenced, published, round_of_three

pytestmark = pytest.mark.django_db

RELATIONS = {
    "wasGeneratedBy": ("prov:entity", "prov:activity"),
    "used": ("prov:activity", "prov:entity"),
    "wasDerivedFrom": ("prov:generatedEntity", "prov:usedEntity"),
    "wasAttributedTo": ("prov:entity", "prov:agent"),
    "wasAssociatedWith": ("prov:activity", "prov:agent"),
}
KIND_OF_END = {
    "prov:entity": "entity", "prov:generatedEntity": "entity", "prov:usedEntity": "entity",
    "prov:activity": "activity", "prov:agent": "agent",
}  # fmt: skip


def test_a_value_leads_down_to_its_claims_and_their_documents() -> None:
    period, (strong, *_others) = round_of_three()
    evidenced(strong, "outreach_item", 3, title="Night of the telescopes")
    run = published(period)
    chain = lineage.down(makers.public(), run, strong, "items")
    told = [(one.claim.title if one.claim else "", one.quantity) for one in chain.sources]
    assert chain.total == 2
    assert told[1] == ("Night of the telescopes", 3.0)
    assert told[0][1] == 8.0
    assert all(len(one.documents) == 1 for one in chain.sources)


def test_lineage_tells_what_was_evaluated_though_the_records_changed_since() -> None:
    period, (strong, *_others) = round_of_three()
    run = published(period)
    evidenced(strong, "outreach_item", 500, title="Recorded afterwards")
    chain = lineage.down(makers.public(), run, strong, "items")
    assert [one.quantity for one in chain.sources] == [8.0]


def test_a_claim_leads_up_to_the_figures_it_moved_by_its_share() -> None:
    period, (strong, *_others) = round_of_three()
    added = evidenced(strong, "outreach_item", 2)
    run = published(period)
    (moved,) = lineage.up(makers.public(), added)
    value = run.values.get(cluster=strong, indicator="items")
    assert (moved.run, moved.cluster, moved.indicator.code) == (run, strong, "items")
    assert moved.share == pytest.approx(0.2)
    assert value.contribution is not None
    assert moved.points == pytest.approx(0.2 * value.contribution)


def test_a_denominator_is_told_as_such_and_has_no_share() -> None:
    period, (strong, *_others) = round_of_three()
    published(period)
    cost = Claim.objects.get(cluster=strong, kind="operating_cost")
    moved = lineage.up(makers.public(), cost)
    assert [one.is_denominator for one in moved] == [True]
    assert moved[0].share is None


def test_a_claim_recorded_after_the_evaluation_moved_nothing() -> None:
    period, (strong, *_others) = round_of_three()
    published(period)
    late = evidenced(strong, "outreach_item", 5)
    assert lineage.up(makers.public(), late) == []


def test_the_public_is_not_led_to_runs_that_are_not_published() -> None:
    period, (strong, *_others) = round_of_three()
    claim = Claim.objects.get(cluster=strong, kind="outreach_item")
    computed(period)
    assert lineage.up(makers.public(), claim) == []
    evaluator = makers.actor_with(Role.EVALUATOR, period.programme.scopes[0])
    assert len(lineage.up(evaluator, claim)) == 1


def test_records_that_the_reader_may_not_open_are_named_by_number_alone() -> None:
    period, (strong, *_others) = round_of_three()
    run = published(period)
    claim = Claim.objects.get(cluster=strong, kind="outreach_item")
    type(period).objects.filter(pk=period.pk).update(opened_at=None)
    (source,) = lineage.down(makers.public(), run, strong, "items").sources
    assert source.claim is None
    assert source.record == f"claim/{claim.pk}"


def test_lineage_takes_as_many_queries_for_one_record_as_for_four() -> None:
    period, (strong, middling, *_others) = round_of_three()
    for number in range(3):
        evidenced(strong, "outreach_item", 1 + number)
    run = published(period)
    counts = []
    for cluster in (middling, strong):
        run = runs.find(makers.public(), run.programme.slug, run.period.label)
        with CaptureQueriesContext(connection) as asked:
            lineage.down(makers.public(), run, cluster, "items")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_prov_json_names_only_things_that_it_describes() -> None:
    period, (strong, *_others) = round_of_three()
    run = published(period)
    told = json.loads(json.dumps(prov(lineage.down(makers.public(), run, strong, "items"))))
    assert set(told) == {"prefix", "entity", "activity", "agent", *RELATIONS}
    for relation, ends in RELATIONS.items():
        for link in told[relation].values():
            assert set(link) == set(ends)
            for end, name in link.items():
                assert name in told[KIND_OF_END[end]], f"{relation} leads to unknown {name}"
    names = {name for kind in ("entity", "activity", "agent") for name in told[kind]}
    assert {name.partition(":")[0] for name in names} <= set(told["prefix"])


def test_prov_json_derives_the_value_from_the_document() -> None:
    period, (strong, *_others) = round_of_three()
    run = published(period)
    chain = lineage.down(makers.public(), run, strong, "items")
    told = prov(chain)
    derived = {
        link["prov:generatedEntity"]: link["prov:usedEntity"]
        for link in told["wasDerivedFrom"].values()
    }
    value = f"sankul:run/{run.pk}/strong/items"
    document = chain.sources[0].documents[0]
    assert derived[derived[value]] == f"sha256:{document.sha256}"
    assert told["entity"][value]["prov:value"] == 8.0


def _at(run: Run, *rest: str) -> str:
    return f"/ranking/{run.programme.slug}/{run.period.label}/{'/'.join(rest)}/"


def test_the_pages_lead_down_and_up(client: Client) -> None:
    period, (strong, *_others) = round_of_three()
    run = published(period)
    claim = Claim.objects.get(cluster=strong, kind="outreach_item")
    value = client.get(_at(run, "strong", "items")).content.decode()
    assert _at(run, "strong", "items", "lineage") in value
    page = client.get(_at(run, "strong", "items", "lineage")).content.decode()
    assert f"/claims/{claim.pk}/" in page
    up = client.get(f"/lineage/claims/{claim.pk}/").content.decode()
    assert _at(run, "strong", "items", "lineage") in up


def test_prov_is_a_download(client: Client) -> None:
    period, _clusters = round_of_three()
    run = published(period)
    answer = client.get(_at(run, "strong", "items", "lineage") + "?as=prov")
    assert answer["Content-Type"] == "application/json"
    assert "wasDerivedFrom" in json.loads(answer.content)


@pytest.mark.parametrize("rest", [("strong", "nothing"), ("nobody", "items")])
def test_lineage_of_nothing_is_not_found(client: Client, rest: Any) -> None:
    period, _clusters = round_of_three()
    run = published(period)
    assert client.get(_at(run, *rest, "lineage")).status_code == 404


def test_the_chain_tells_what_verification_found_and_who_by_role_alone() -> None:
    made = verified.at_stage(
        VerificationStage.ESTIMATED, design=replace(verified.DESIGN, certainty_points=None)
    )
    run = computed(made.period)
    evaluator = makers.actor_with(Role.EVALUATOR, made.programme.scopes[0])
    chain = lineage.down(evaluator, run, made.clusters[0], "items")
    findings = {one.sampled.finding for one in chain.sources if one.sampled}
    assert findings == {"verified"}
    told = prov(chain)
    assert told["agent"]["sankul:role/evaluator"]["prov:label"] == "third party"
    found = [name for name in told["entity"] if name.startswith("sankul:finding/")]
    assert len(found) == sum(one.sampled is not None for one in chain.sources)
    assert made.verifiers[0].name not in json.dumps(told)
