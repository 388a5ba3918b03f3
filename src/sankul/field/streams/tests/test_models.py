"""What the database itself holds of observations."""

import pytest
from django.db import IntegrityError, connection

from sankul.core.rules.roles import Role
from sankul.field.streams.models import Datastream, Observation, Thing
from sankul.programme.registry.tests import makers as registry

from . import makers

pytestmark = pytest.mark.django_db


def test_a_stream_begins_with_an_empty_latest() -> None:
    stream = makers.stream()
    assert (stream.latest.count, stream.latest.time) == (0, None)


def test_private_things_are_seen_in_their_scope_alone() -> None:
    thing = makers.thing(is_public=False)
    makers.stream(thing)
    inside = registry.actor_with(Role.OPERATOR, thing.scopes[0])
    beside = registry.actor_with(Role.OPERATOR, registry.cluster().scopes[0])
    for model in (Thing, Datastream):
        assert model.objects.visible_to(inside).count() == 1
        assert model.objects.visible_to(beside).count() == 0
        assert model.objects.visible_to(registry.public()).count() == 0
    assert Observation.objects.visible_to(inside).count() == 0


def test_a_public_thing_is_changed_in_its_scope_alone() -> None:
    makers.thing()
    beside = registry.actor_with(Role.OPERATOR, registry.cluster().scopes[0])
    assert Thing.objects.visible_to(beside).count() == 1
    assert Thing.objects.changeable_by(beside).count() == 0


def test_what_was_received_does_not_change_before_it_is_kept() -> None:
    stream = makers.stream()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE streams_observation_20261120 PARTITION OF streams_observation"
            " FOR VALUES FROM ('2026-11-20 00:00+00') TO ('2026-11-21 00:00+00')"
        )
    Observation.objects.create(id=1, stream=stream, time=makers.NOON, value=4.5, flag=1)
    with pytest.raises(IntegrityError, match="as received is kept"):
        Observation.objects.update(value=5.0)
