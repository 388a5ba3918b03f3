"""Two at once: one ruling, one decision, one step on, one round."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Refused
from sankul.programme.evaluation.actions import replies, rounds
from sankul.programme.evaluation.models import FundingDecision, Objection, Round
from sankul.programme.evaluation.rules import Phase, Ruling

from .rounds import DUE, at_phase, later, season

pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(*acts: Callable[[], Any]) -> list[str]:
    """What came of acts that begin at the same moment, each on a connection of its own: "" or the refusal."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> str:
        try:
            barrier.wait(30)
            act()
        except Refused as refusal:
            return refusal.reason
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_of_two_rulings_one_stands() -> None:
    played = at_phase(Phase.REPLY)
    one = replies.contest(
        actor=played.by(Role.CLUSTER_CEO, 12), of=played.round, cluster=played.clusters[0],
        indicator="items", reason="The list counts three films twice.", at=later(12),
    )  # fmt: skip
    evaluator = played.by(Role.EVALUATOR, 15)

    def ruling(which: Ruling) -> Callable[[], Any]:
        return lambda: replies.rule(
            actor=evaluator, objection=one, ruling=which, reasons=f"It is {which}.", at=later(15)
        )

    said = _at_once(ruling(Ruling.UPHELD), ruling(Ruling.DISMISSED))
    assert said == ["", "This is ruled on already."]
    found = Objection.objects.get()
    assert found.reasons == f"It is {found.ruling}."
    assert Event.objects.filter(verb="objection.ruled").count() == 1


def test_of_two_decisions_on_a_cluster_one_stands() -> None:
    played = at_phase(Phase.DECISION)
    strong = played.clusters[0]
    said = _at_once(
        lambda: played.decide(strong, reference="one"),
        lambda: played.decide(strong, reference="two"),
    )
    assert said == ["", "The funding of this cluster is decided already."]
    assert FundingDecision.objects.filter(cluster=strong).count() == 1


def test_a_round_takes_one_step_though_two_push_it() -> None:
    played = at_phase(Phase.SAMPLE)
    officer = played.by(Role.PROGRAMME_OFFICER, 5)
    push = [lambda: rounds.move_on(actor=officer, of=played.round, at=later(5)) for _ in range(2)]
    first, second = _at_once(*push)
    assert first == ""
    assert "Move a round on in the evaluator's phases" in second
    assert played.now.phase == Phase.VERIFICATION


def test_of_two_who_open_a_round_one_does() -> None:
    made = season()
    officer = made.by(made.officer, 0)
    opening = [
        lambda: rounds.open_(actor=officer, period=made.period, due=DUE, at=later(0))
        for _ in range(2)
    ]
    assert _at_once(*opening) == ["", "This period has a round already."]
    assert Round.objects.count() == 1
