"""The page of a seal: who makes it, what everybody reads, and what is shut until publication."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sankul.core.models import User
from sankul.core.rules.roles import Role
from sankul.engines import seal as engine
from sankul.engines.seal import timestamp
from sankul.engines.seal.tests.authority import stamped
from sankul.programme.evaluation.actions import replies
from sankul.programme.evaluation.models import Run, Seal
from sankul.programme.evaluation.rules import Phase, Ruling

from . import rounds
from .rounds import Played, later
from .test_sealing import DAY, sealed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests come on the day of sealing."""
    monkeypatch.setattr("sankul.core.middleware.timezone.now", lambda: later(DAY))


def door(user: User | None) -> Client:
    """A browser, signed in."""
    client = Client()
    if user:
        client.force_login(user)
    return client


def address(played: Played) -> str:
    """The page of the seal."""
    return f"/rounds/{played.round.programme.slug}/{played.round.period.label}/seal/"


def published(played: Played) -> Seal:
    """Sealed, and the round published."""
    seal = sealed(played)
    while played.now.phase != Phase.APPEALS:
        if played.now.phase == Phase.DECISION:
            for cluster in played.clusters:
                played.decide(cluster)
        played.move()
    return seal


def corrected(played: Played) -> Run:
    """A run with one item fewer, published after a successful appeal."""
    strong = played.clusters[0]
    appeal = replies.contest(
        actor=played.by(Role.CLUSTER_CEO, 26), of=played.now, cluster=strong, indicator="items",
        claim=played.season.claims[0], reason="One film was counted twice.", at=later(26),
    )  # fmt: skip
    replies.rule(
        actor=played.by(Role.APEX_MEMBER, 27), objection=appeal, ruling=Ruling.UPHELD,
        reasons="So it is.", quantity=Decimal(7), at=later(27),
    )  # fmt: skip
    replies.carry_out(actor=played.by(Role.EVALUATOR, 28), objection=appeal, at=later(28))
    run = played.compute(29)
    replies.correct(actor=played.by(Role.APEX_MEMBER, 29), of=played.now, at=later(29))
    return run


def test_the_evaluator_seals_after_being_asked_and_the_office_cannot() -> None:
    played = rounds.at_phase(Phase.SEALING)
    third, office = door(played.season.verifiers[0]), door(played.season.officer)
    page = address(played)
    assert "Nothing is sealed yet" in third.get(page).content.decode()
    assert f"{page}make/" not in office.get(page).content.decode()
    assert office.post(f"{page}make/").status_code == 403
    assert "once and for good" in third.get(f"{page}make/").content.decode()
    assert third.post(f"{page}make/").headers["Location"] == page
    assert Seal.objects.get().merkle_root in third.get(page).content.decode()
    assert third.post(f"{page}make/").status_code == 409


def test_after_a_successful_appeal_the_evaluator_finds_the_way_to_seal_the_corrected_run() -> None:
    played = rounds.at_phase(Phase.SEALING)
    first, page = published(played), address(played)
    third = door(played.season.verifiers[0])
    assert f"{page}make/" not in third.get(page).content.decode()
    second = corrected(played)
    assert f"{page}make/" in third.get(page).content.decode()
    assert f"{page}make/" not in door(played.apex).get(page).content.decode()
    assert third.post(f"{page}make/").status_code == 302
    assert f"{page}make/" not in third.get(page).content.decode()
    assert set(Seal.objects.values_list("run", flat=True)) == {first.run_id, second.pk}


def test_root_and_checkpoint_are_there_before_publication_and_the_bundle_is_not() -> None:
    played = rounds.at_phase(Phase.SEALING)
    seal = sealed(played)
    ceo = door(played.ceos[0])
    html = ceo.get(address(played)).content.decode()
    assert seal.merkle_root in html
    assert seal.bundle_id not in html
    assert ceo.get(f"/documents/{seal.bundle_id}/").status_code == 404
    assert ceo.get(f"/seals/{seal.pk}/proof.json?record=run").status_code == 404
    assert ceo.get(f"/seals/{seal.pk}/checkpoint.txt").content.decode() == seal.checkpoint
    assert door(None).get(address(played)).status_code == 404


def test_everybody_downloads_the_bundle_of_a_published_round_and_proves_a_record() -> None:
    played = rounds.at_phase(Phase.SEALING)
    seal = published(played)
    public, slug = door(None), played.clusters[0].slug
    html = public.get(address(played)).content.decode()
    assert f"/documents/{seal.bundle_id}/" in html
    assert f"/seals/{seal.pk}/proof.json?record=standing/{slug}" in html
    answer = public.get(f"/documents/{seal.bundle_id}/")
    assert answer.streaming
    assert answer.getvalue()[:4] == b"PK\x03\x04"
    told = public.get(f"/seals/{seal.pk}/proof.json?record=standing/{slug}").content.decode()
    proof = engine.read_proof(told)
    assert proof.holds
    assert (proof.root.hex(), proof.checkpoint) == (seal.merkle_root, seal.checkpoint)
    assert json.loads(proof.line)["record"]["cluster"] == slug
    wrong = public.get(f"/seals/{seal.pk}/proof.json?record=claim/0")
    assert wrong.status_code == 409
    assert "no record “claim/0”" in wrong.content.decode()


def test_a_time_stamp_of_this_very_checkpoint_is_kept_and_told(tmp_path: Path) -> None:
    played = rounds.at_phase(Phase.SEALING)
    seal = published(played)
    third = door(played.season.verifiers[0])
    query = third.get(f"/seals/{seal.pk}/request.tsq").content
    try:
        good, other = (stamped(one, tmp_path) for one in (query, timestamp.request("x")))
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("openssl is not installed")
    place = f"/seals/{seal.pk}/stamp/"
    assert door(played.season.officer).get(place).status_code == 403
    told = third.post(place, {"file": SimpleUploadedFile("answer.tsr", other)})
    assert told.status_code == 422
    assert "something else" in told.content.decode()
    third.post(place, {"file": SimpleUploadedFile("answer.tsr", good)})
    assert "CN=Made-up authority" in door(None).get(address(played)).content.decode()
    again = third.post(place, {"file": SimpleUploadedFile("answer.tsr", good)})
    assert "has its time stamp already" in again.content.decode()
