"""Open data of shared facilities: small figures are kept back there too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sankul.core.rules.roles import Actor
from sankul.programme.bookings.rules import State
from sankul.programme.bookings.tests.makers import booking
from sankul.programme.bookings.tests.test_numbers import at, host, instrument
from sankul.programme.registry.tests import makers
from sankul.site.portal.facilities import FACILITIES

AT = datetime(2026, 12, 2, 6, tzinfo=UTC)


@pytest.mark.django_db
def test_a_month_of_fewer_than_five_people_is_suppressed_with_the_next_smallest() -> None:
    made = instrument(host(makers.programme()))
    people = {9: 8, 10: 6, 11: 2}
    for month, count in people.items():
        for day in range(1, count + 1):
            booking(made, at(day, 10, month), state=State.COMPLETED)

    (dataset,) = FACILITIES
    lines = list(dataset.lines(Actor(None, frozenset(), AT)))

    told = {line[3]: line[6:] for line in lines if line[3] in {"2026-09", "2026-10", "2026-11"}}
    assert told == {
        "2026-09": (8.0, 0.0, 8.0, 8, False),
        "2026-10": (None, None, None, None, True),
        "2026-11": (None, None, None, None, True),
    }
    assert len(lines) == 24
