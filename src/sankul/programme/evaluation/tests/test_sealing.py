"""A round is sealed once, under a root that stands for everything published of it and for no person."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from sankul.core.models import Event, User
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.engines import seal as engine
from sankul.programme.evaluation.actions import sealing
from sankul.programme.evaluation.models import Seal, Standing
from sankul.programme.evaluation.queries import bundle
from sankul.programme.evaluation.rules import Phase
from sankul.programme.feedback.actions import releasing
from sankul.programme.feedback.models import Cell
from sankul.programme.feedback.rules import CellState
from sankul.programme.feedback.tests import makers as feedback
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.panel.rules import PanelStatus
from sankul.programme.panel.tests import makers as panel

from . import rounds
from .rounds import AT, Played, later

DAY = 23


def sealed(played: Played) -> Seal:
    """Sealed by the evaluator."""
    return sealing.seal(actor=played.by(Role.EVALUATOR, DAY), of=played.now, at=later(DAY))


def written(seal: Seal, folder: Path) -> Path:
    """The bundle as a file."""
    path = folder / "bundle.zip"
    with seal.bundle.open() as file:
        path.write_bytes(file.read())
    return path


def lines(path: Path) -> dict[str, Any]:
    """Records of a bundle by their names."""
    with zipfile.ZipFile(path) as archive:
        told = archive.read("records.jsonl").decode().splitlines()
    return {one["id"]: one["record"] for one in map(json.loads, told)}


def sankul_verify(*arguments: object) -> subprocess.CompletedProcess[str]:
    """``sankul verify`` in a process of its own that has no database to ask."""
    code = "from sankul.site.cli import main; main()"
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-c", code, "verify", *map(str, arguments)],
        capture_output=True, text=True, env=environment, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_seal_verifies_in_a_process_without_a_database(tmp_path: Path) -> None:
    seal = sealed(rounds.at_phase(Phase.SEALING))
    path = written(seal, tmp_path)
    known = tmp_path / "known.txt"
    known.write_text(seal.checkpoint)
    done = sankul_verify(path, "--checkpoint", known)
    assert (done.returncode, done.stderr) == (0, "")
    told = f"Whole: {seal.leaves} leaves under the root {seal.merkle_root}."
    assert done.stdout.startswith(told)
    assert seal.checkpoint in done.stdout


@pytest.mark.django_db
def test_the_bundle_holds_what_the_evaluation_was_made_of(tmp_path: Path) -> None:
    played = rounds.at_phase(Phase.SEALING)
    seal = sealed(played)
    found = lines(written(seal, tmp_path))
    assert found["run"]["input_sha256"] == seal.run.input_sha256
    strong, weak = played.clusters
    standing = Standing.objects.get(run=seal.run, cluster=strong)
    assert found[f"standing/{strong.slug}"]["score"] == standing.score
    assert found[f"value/{weak.slug}/items"]["value"] == 2
    claims = {int(name[6:]) for name in found if name.startswith("claim/")}
    assert claims == {one.pk for one in played.season.claims}
    one = found[f"claim/{played.season.claims[0].pk}"]
    assert one["quantity"] == "8"
    assert [row["cluster"] for row in one["credits"]] == [strong.slug]
    assert one["documents"] == [played.season.claims[0].attachments.get().document_id]
    assert any(name.startswith("sampled/") for name in found)


@pytest.mark.django_db
def test_no_person_and_no_free_text_is_in_the_bundle(tmp_path: Path) -> None:
    played = rounds.at_phase(Phase.SEALING)
    seal = sealed(played)
    content = written(seal, tmp_path).read_bytes()
    for user in User.objects.all():
        assert user.email.encode() not in content
        assert user.name.encode() not in content
    for claim in Claim.objects.all():
        assert claim.title.encode() not in content


@pytest.mark.django_db
def test_equal_records_give_an_equal_root() -> None:
    run = rounds.at_phase(Phase.SEALING).now.run
    assert run is not None
    assert bundle.bundle(run).archive == bundle.bundle(run).archive


@pytest.mark.django_db
def test_survey_and_panel_come_in_as_they_were_released() -> None:
    played = rounds.at_phase(Phase.SEALING)
    survey = feedback.empty(period=played.season.period)
    strong, weak = played.clusters
    figures = {"raters": 9, "mean": Decimal("3.5")}
    Cell.objects.create(
        survey=survey, cluster=strong, is_pooled=True, state=CellState.SHOWN, **figures
    )
    Cell.objects.create(survey=survey, cluster=weak, is_pooled=True, state=CellState.SMALL)
    survey.public_key, survey.opened_at, survey.counted_at = b"x" * 32, AT, AT
    survey.save()
    released = releasing.fix(actor=None, survey=survey, at=AT)
    jury = panel.at_phase(PanelStatus.RELEASED, panel.jury(period=played.season.period))
    run = played.now.run
    assert run is not None
    found = dict(bundle.records(run))
    assert found["survey"] == {"release_sha256": released.release_id}
    cells = {name: row for name, row in found.items() if name.startswith("feedback/")}
    assert cells[f"feedback/{strong.slug}/everybody/score"]["mean"] == "3.5000"
    hidden = cells[f"feedback/{weak.slug}/everybody/score"]
    assert hidden["state"] == CellState.SMALL
    assert not {"mean", "shrunken_mean", "raters", "low", "high"} & hidden.keys()
    slug = jury.clusters[0].slug
    assert found[f"panel/{slug}/learning"]["score"] == "2.6667"
    assert found[f"panel/{slug}/learning/A"].keys() == {"level", "independent_level"}


@pytest.mark.django_db
def test_a_seal_is_made_when_the_round_is_moderated_and_once() -> None:
    played = rounds.at_phase(Phase.MODERATION)
    with pytest.raises(Refused, match=r"no final evaluation|in “Moderation”"):
        sealed(played)
    played.move()
    sealed(played)
    with pytest.raises(Refused, match="sealed already"):
        sealed(played)
    assert Seal.objects.count() == 1
    assert Event.objects.filter(verb="round.sealed").count() == 1


@pytest.mark.django_db
def test_the_evaluator_alone_seals() -> None:
    played = rounds.at_phase(Phase.SEALING)
    for role in (Role.PROGRAMME_OFFICER, Role.APEX_MEMBER, Role.CLUSTER_CEO):
        with pytest.raises(Forbidden):
            sealing.seal(actor=played.by(role, DAY), of=played.now, at=later(DAY))
    assert not Seal.objects.exists()


@pytest.mark.django_db
def test_a_run_whose_records_have_changed_is_not_sealed() -> None:
    played = rounds.at_phase(Phase.SEALING)
    outcomes.attachment(
        outcomes.claim(played.clusters[0], played.season.organisations[0], quantity=Decimal(5))
    )
    with pytest.raises(Refused, match="have changed"):
        sealed(played)


@pytest.mark.django_db
def test_a_run_that_the_engine_does_not_give_again_is_not_sealed() -> None:
    played = rounds.at_phase(Phase.SEALING)
    Standing.objects.filter(run=played.now.run, cluster=played.clusters[0]).update(score=99)
    with pytest.raises(Refused, match="the run holds 99"):
        sealed(played)


Change = Callable[[dict[str, bytes]], None]


def _one_byte(contents: dict[str, bytes]) -> None:
    text = contents["evaluation/package/values.csv"]
    contents["evaluation/package/values.csv"] = text[:-2] + bytes([text[-2] ^ 1]) + text[-1:]


def _missing(contents: dict[str, bytes]) -> None:
    del contents["evaluation/scores.csv"]


def _additional(contents: dict[str, bytes]) -> None:
    contents["evaluation/more.csv"] = b"unit\n"


def _record(contents: dict[str, bytes]) -> None:
    contents["records.jsonl"] = contents["records.jsonl"].replace(b'"rank":1,', b'"rank":2,', 1)


@pytest.mark.django_db
def test_whatever_is_changed_missing_or_additional_is_named(tmp_path: Path) -> None:
    whole = engine.read(written(sealed(rounds.at_phase(Phase.SEALING)), tmp_path))
    told: dict[Change, str] = {
        _one_byte: "evaluation/package/values.csv: changed",
        _missing: "evaluation/scores.csv: missing",
        _additional: "evaluation/more.csv: extra",
        _record: 'records.jsonl, record "standing/',
    }
    for number, (change, expected) in enumerate(told.items()):
        contents = dict(whole.contents)
        change(contents)
        folder = tmp_path / str(number)
        engine.Bundle(whole.manifest, contents).write(folder)
        done = sankul_verify(folder)
        assert done.returncode == 1
        assert expected in done.stderr


@pytest.mark.django_db
def test_a_bundle_made_anew_with_another_rank_does_not_follow_from_its_package(
    tmp_path: Path,
) -> None:
    run = rounds.at_phase(Phase.SEALING).now.run
    assert run is not None
    rows = dict(bundle.records(run))
    name = next(name for name in rows if name.startswith("standing/"))
    rows[name] |= {"rank": 7}
    forged = engine.seal(bundle.files(run), rows.items(), origin=bundle.origin(run))
    (tmp_path / "forged.zip").write_bytes(forged.archive)
    done = sankul_verify(tmp_path / "forged.zip")
    assert done.returncode == 1
    assert f"{name}: rank is 7, the package gives " in done.stderr
    known = tmp_path / "known.txt"
    known.write_text(bundle.bundle(run).checkpoint)
    done = sankul_verify(tmp_path / "forged.zip", "--checkpoint", known)
    assert "not the one that was made known" in done.stderr


def test_where_there_is_no_bundle_the_exit_code_is_2(tmp_path: Path) -> None:
    done = sankul_verify(tmp_path / "nothing.zip", "--checkpoint", tmp_path / "none.txt")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    (tmp_path / "known.txt").write_text("no checkpoint")
    (tmp_path / "manifest.json").write_text("{}")
    assert sankul_verify(tmp_path, "--checkpoint", tmp_path / "known.txt").returncode == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_sealings_at_once_one_is_refused() -> None:
    played = rounds.at_phase(Phase.SEALING)
    barrier = Barrier(2)

    def run(_number: int) -> str:
        try:
            barrier.wait(30)
            sealed(played)
        except Refused as refusal:
            return refusal.reason
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(run, range(2)))
    assert told[0] == ""
    assert "sealed already" in told[1]
    assert Seal.objects.count() == 1
