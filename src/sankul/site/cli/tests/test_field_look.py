"""A stream looked through from the terminal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Observation, Proposal
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.tests import makers
from sankul.field.streams.tests.makers import NOON
from sankul.programme.registry.tests import makers as registry
from sankul.site.cli.field import look_through

pytestmark = pytest.mark.django_db


def test_what_stands_out_is_proposed_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    stream = makers.stream()
    first = NOON - timedelta(days=2)
    rows = [(stream.pk, first + n * timedelta(minutes=15), n % 7 / 10) for n in range(150)]
    rows[70] = (stream.pk, rows[70][1], -9999.0)
    ingest(batch=Batch.of(*rows), sender=Sender(DoorName.COMMAND), at=registry.AT)
    look_through(stream.pk, "", "")
    told = capsys.readouterr().out
    assert "150 values read, 1 stretches proposed." in told
    assert "2026-11-19 00:00 to 2026-11-19 00:00 UTC: Far from everything else, 1" in told
    assert Proposal.objects.count() == 1
    assert set(Observation.objects.values_list("flag", flat=True)) == {2}
    look_through(stream.pk, "2026-11-19T06:00", "2026-11-20T06:00")
    assert "78 values read, 0 stretches" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("since", "told"), [("soon", "Expected a time"), ("2026-11-22T00:00", "not after")]
)
def test_what_cannot_be_looked_through_is_told(
    since: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = makers.stream()
    with pytest.raises(SystemExit):
        look_through(stream.pk, "", "")
    assert "no observations yet" in capsys.readouterr().err
    batch = Batch.of((stream.pk, NOON, 1.0))
    ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=registry.AT)
    with pytest.raises(SystemExit):
        look_through(stream.pk, since, "2026-11-21T00:00")
    assert told in capsys.readouterr().err
    with pytest.raises(SystemExit):
        look_through(stream.pk + 1, "", "")
    assert "There is no stream" in capsys.readouterr().err
