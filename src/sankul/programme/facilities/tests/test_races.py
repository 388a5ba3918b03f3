"""Two at once: committed transactions on a real database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from sankul.core.rules.verdicts import Refused
from sankul.core.tests.makers import AT, TODAY
from sankul.programme.facilities.actions import instrument, tariff, training
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.facilities.tests import makers
from sankul.programme.registry.tests.makers import organisation

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[str]:
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
        return list(pool.map(run, acts))


def test_the_last_place_of_a_training_goes_to_one_of_five() -> None:
    session = makers.session(makers.instrument(), places=1)
    people = [makers.member(organisation()) for _number in range(5)]
    said = at_once(
        *(lambda actor=one: training.enrol(actor=actor, session=session, at=AT) for one in people)
    )
    assert sorted(said)[:2] == ["", "All places are taken. Choose another training."]
    assert session.taken.count() == 1


def test_of_two_tariffs_that_begin_on_one_day_one_holds() -> None:
    sem = makers.instrument()
    manager = makers.manager(sem.organisation)

    def begin(rate: int) -> None:
        tariff.begin(
            actor=manager,
            what=sem,
            user_classes=[UserClass.ACADEMIA],
            relations=[Relation.OUTSIDE],
            from_on=TODAY,
            at=AT,
            rate_inr=Decimal(rate),
        )

    said = at_once(lambda: begin(600), lambda: begin(700))
    assert sorted(map(bool, said)) == [False, True]
    assert "begins on 22 Nov 2026 already" in max(said)
    assert sem.tariffs.count() == 1


def test_an_instrument_is_withdrawn_once() -> None:
    sem = makers.instrument()
    manager = makers.manager(sem.organisation)

    def withdraw() -> None:
        instrument.withdraw(actor=manager, instrument=sem, at=AT, reason="Beyond repair")

    said = at_once(withdraw, withdraw)
    assert sorted(said) == ["", "It is withdrawn already."]
