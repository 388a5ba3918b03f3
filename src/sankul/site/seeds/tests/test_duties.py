"""The duties of the demonstration: what is owed is what the story says, and nothing more."""

from __future__ import annotations

from datetime import date

import pytest

from sankul.programme.outcomes.models import DutyReturn
from sankul.programme.outcomes.queries import duties as queries
from sankul.programme.outcomes.rules.duties import DueState
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.registry.tests import makers
from sankul.site.seeds.demonstration import duties

pytestmark = pytest.mark.django_db


def test_all_returns_are_made_but_those_that_are_owed() -> None:
    programme = makers.programme(starts_on=date(2023, 4, 1), is_demonstration=True)
    udayani = makers.cluster(programme, slug="udayani", launched_on=date(2023, 4, 1))
    neelgarha = makers.cluster(programme, slug="neelgarha", launched_on=date(2023, 4, 1))
    member = makers.organisation(is_demonstration=True)
    outcomes.claim(udayani, member, kind="training_event", on=date(2025, 5, 10))
    outcomes.claim(udayani, member, kind="training_event", on=date(2025, 6, 10))
    duties.oblige(programme)
    found = queries.what_is_due([udayani, neelgarha], makers.AT)
    owed = {
        (due.cluster.slug, due.duty.title, due.span.starts_on)
        for due in found
        if due.state != DueState.MADE
    }
    assert owed == {
        (slug, title, day) for slug, pairs in duties.OWED.items() for title, day in pairs
    }
    assert len(found) == 2 * (12 + 4 + 2)
    may = DutyReturn.objects.get(cluster=udayani, starts_on=date(2025, 5, 1))
    assert (may.claims, may.ends_on) == (1, date(2025, 5, 31))
