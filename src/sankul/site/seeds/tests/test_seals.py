"""The demonstration's last round is sealed, and its bundles verify from the terminal in a process without a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from sankul.core.models import User
from sankul.programme.evaluation.models import Seal
from sankul.programme.evaluation.tests.test_sealing import lines, sankul_verify, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def test_both_seals_of_the_last_round_verify_from_the_terminal(tmp_path: Path) -> None:
    seals = Seal.objects.filter(round__period__label="2025-26").order_by("sealed_at")
    assert len(seals) == 2
    for seal in seals:
        folder = tmp_path / str(seal.pk)
        folder.mkdir()
        (folder / "known.txt").write_text(seal.checkpoint)
        done = sankul_verify(written(seal, folder), "--checkpoint", folder / "known.txt")
        assert (done.returncode, done.stderr) == (0, "")
        told = f"Whole: {seal.leaves} leaves under the root {seal.merkle_root}."
        assert done.stdout.startswith(told)


def test_the_seal_of_one_run_does_not_pass_for_that_of_the_other(tmp_path: Path) -> None:
    first, second = Seal.objects.order_by("sealed_at")
    (tmp_path / "known.txt").write_text(second.checkpoint)
    done = sankul_verify(written(first, tmp_path), "--checkpoint", tmp_path / "known.txt")
    assert done.returncode == 1
    assert "not the one that was made known" in done.stderr


def test_claims_findings_survey_and_panel_are_in_it_and_no_account(tmp_path: Path) -> None:
    path = written(Seal.objects.latest("sealed_at"), tmp_path)
    kinds = {name.partition("/")[0] for name in lines(path)}
    assert kinds >= {"claim", "feedback", "panel", "sampled", "standing", "value", "verification"}
    content = path.read_bytes()
    assert not [user.email for user in User.objects.all() if user.email.encode() in content]
