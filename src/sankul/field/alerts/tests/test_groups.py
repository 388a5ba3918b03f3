"""Detectors of many sites: which streams they may look at, what is refused, how they begin anew, and their pages."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.field.alerts.actions import detectors as actions
from sankul.field.alerts.actions.watch import watch
from sankul.field.alerts.models import Alert, Detector
from sankul.field.alerts.queries import groups as queries
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.tests import makers as streams
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HALF = {"share": 0.5, "within_s": 3600.0, "least": 2.0}
ASKED = {
    "name": "A main burst", "share": "50", "least": "2", "within_s": "60", "severity": "urgent", "cool_down": "10",
    "guidance": "Look at the pumps.",
}  # fmt: skip


def group(count: int = 3, cluster: Cluster | None = None, **fields: Any) -> list[Datastream]:
    """Streams of as many wells of a cluster, each with a detector of its own."""
    held = cluster or registry.cluster()
    made = [streams.stream(streams.thing(cluster=held), **fields) for _ in range(count)]
    for stream in made:
        makers.detector(stream)
    return made


def set_on(members: list[Datastream], **changed: Any) -> Detector:
    asked: dict[str, Any] = {
        "actor": makers.operator(members[0].thing),
        "streams": members,
        "name": "A main burst",
        "parameters": HALF,
        "severity": "urgent",
        "at": NOON,
    }
    return actions.set_group(**asked | changed)


def client_of(stream: Datastream, role: Role = Role.OPERATOR) -> Client:
    client = Client()
    assert stream.thing.cluster is not None
    scopes = stream.thing.cluster.scopes
    client.force_login(registry.user_with(role, scopes[1 if role == Role.PROGRAMME_OFFICER else 0]))
    return client


def words(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def stands_out(*members: Datastream) -> None:
    """A value too high at each, and a watch."""
    rows = [(stream.pk, NOON + place * MINUTE, 9.0) for place, stream in enumerate(members)]
    at = NOON + len(members) * MINUTE
    ingest(batch=Batch.of(*rows), sender=Sender(DoorName.COMMAND), at=at)
    watch(at=at)


def test_streams_of_one_cluster_property_and_unit_are_a_group() -> None:
    members = group(4)
    made = set_on(members)
    assert (made.kind, made.cluster, made.organisation) == ("network", members[0].thing.cluster, None)  # fmt: skip
    assert made.parameters == HALF
    assert set(made.members.all()) == set(members)
    told = json.loads(Event.objects.get(verb="detector.set").body)["data"]
    assert told == {"stream": None, "version": 1, "streams": [one.pk for one in members]}


def test_a_group_of_one_organisation_is_held_by_it() -> None:
    body, held = registry.organisation(), registry.cluster()
    made = [streams.stream(streams.thing(cluster=held, organisation=body)) for _ in range(3)]
    for stream in made:
        makers.detector(stream)
    actor = registry.actor_with(Role.OPERATOR, body.scopes[0])
    assert set_on(made, actor=actor).organisation == body
    with pytest.raises(Forbidden):
        set_on([*made, *group(1, held)], actor=actor, name="Another")


def test_two_streams_are_no_group() -> None:
    with pytest.raises(Refused, match=r"A group has at least 3 streams; these are 2."):
        set_on(group(2))


def test_streams_of_two_clusters_are_no_group() -> None:
    programme = registry.programme()
    first, second = registry.cluster(programme), registry.cluster(programme)
    both = [*group(2, first), *group(2, second)]
    actor = registry.actor_with(Role.OPERATOR, first.scopes[0])
    with pytest.raises(Forbidden):
        set_on(both, actor=actor)
    body = registry.organisation()
    for stream in both:
        stream.thing.organisation = body
        stream.thing.save()
    with pytest.raises(Refused, match="belong to one cluster"):
        set_on(both, actor=registry.actor_with(Role.OPERATOR, body.scopes[0]))


def test_streams_of_two_properties_are_no_group() -> None:
    held = registry.cluster()
    other = streams.observed_property(name="Free chlorine", definition="http://example.org/cl")
    with pytest.raises(Refused, match="observe the same property"):
        set_on([*group(3, held), *group(1, held, observed_property=other)])


def test_streams_of_two_units_are_no_group() -> None:
    held = registry.cluster()
    with pytest.raises(Refused, match="have the same unit"):
        set_on([*group(3, held), *group(1, held, unit={"symbol": "FNU"})])


def test_a_group_that_could_never_stand_out_is_refused_with_what_to_do() -> None:
    members = group(4)
    Detector.objects.filter(stream__in=members[1:]).update(is_enabled=False)
    words = "2 of 4 streams must stand out at once, and 1 have a detector of their own that is on"
    with pytest.raises(Refused, match=words):
        set_on(members)
    with pytest.raises(Refused, match="5 of 4 streams"):
        set_on(members, parameters=HALF | {"least": 5.0})


def test_a_share_of_nothing_is_refused_by_its_name() -> None:
    with pytest.raises(Refused, match=r"share: 0 cannot be; it is above 0 and at most 1"):
        set_on(group(), parameters=HALF | {"share": 0.0})


def test_a_cluster_names_its_groups_apart() -> None:
    members = group()
    set_on(members)
    with pytest.raises(Refused, match=r"The cluster has a detector of many sites of this name."):
        set_on(members)


def test_who_sets_no_detectors_there_sets_none_on_a_group() -> None:
    members = group()
    made = set_on(members)
    stranger = makers.operator(streams.thing())
    with pytest.raises(Forbidden):
        set_on(members, actor=stranger)
    with pytest.raises(Forbidden):
        actions.change_group(
            actor=stranger, detector=made, name="x", parameters=HALF, severity="urgent", at=NOON, cool_down_s=0
        )  # fmt: skip


def test_a_detector_of_a_stream_is_not_changed_as_that_of_a_group_nor_the_other_way_round() -> None:
    members = group()
    asked: dict[str, Any] = {
        "actor": makers.operator(members[0].thing),
        "name": "x",
        "severity": "urgent",
        "at": NOON,
        "cool_down_s": 0,
    }
    with pytest.raises(Refused, match="looks at a single stream"):
        actions.change_group(detector=makers.detector(members[0]), parameters=HALF, **asked)
    with pytest.raises(Refused, match="belongs to no single stream"):
        actions.change(detector=set_on(members), parameters=HALF, **asked)


def test_groups_to_choose_from_are_those_of_the_own_scope_with_three_streams() -> None:
    members = group(3)
    cluster = members[0].thing.cluster
    group(2, cluster, unit={"symbol": "FNU"})
    group(3)  # of another cluster
    actor = makers.operator(members[0].thing)
    assert cluster is not None
    assert queries.alike(actor) == [(cluster.name, "Turbidity", "NTU", 3, members[0].pk)]
    assert queries.like(actor, members[1].pk) == members
    assert queries.like(makers.operator(streams.thing()), members[1].pk) == []


def test_what_stands_ends_when_its_detector_is_changed_and_begins_anew() -> None:
    members = group(4)
    made = set_on(members)
    stands_out(*members[:2])
    alert = Alert.objects.get(detector=made)
    assert alert.ended_at is None
    actions.change_group(
        actor=makers.operator(members[0].thing), detector=made, name=made.name, severity="urgent", cool_down_s=0,
        parameters=HALF | {"share": 0.9}, at=NOON + 3 * MINUTE,
    )  # fmt: skip
    done = watch(at=NOON + 4 * MINUTE)
    assert done is not None
    assert done.ended == 1
    alert.refresh_from_db()
    assert alert.ended_at == NOON + 4 * MINUTE


def test_a_group_is_set_changed_and_switched_by_forms_alone() -> None:
    members = group(4)
    client = client_of(members[0])
    assert 'href="/alerts/groups/"' in words(client, "/alerts/")
    form = words(client, "/alerts/groups/new/")
    assert "Turbidity (NTU), 4 streams" in form
    answer = client.post("/alerts/groups/new/", ASKED | {"streams": members[0].pk})
    made = Detector.objects.get(kind="network")
    page = f"/alerts/groups/{made.pk}/"
    assert answer.headers["Location"] == page
    assert (made.parameters, made.cool_down_s) == (HALF, 600)
    stands_out(*members[:2])
    shown = words(client, page)
    assert "50 % of the sites, at least 2, within 1 h" in shown
    assert "4, 4 with a detector that is on" in shown
    alert = Alert.objects.get(detector=made)
    assert f'href="/alerts/{alert.pk}/"' in shown
    assert f'href="{page}"' in words(client, f"/alerts/{alert.pk}/")
    assert 'value="50.0"' in words(client, f"{page}change/")
    more = group(1, members[0].thing.cluster)
    changed = ASKED | {"share": "29", "renew": "on"}
    assert client.post(f"{page}change/", changed).headers["Location"] == page
    assert client.post(f"/alerts/detectors/{made.pk}/switch/").headers["Location"] == page
    made.refresh_from_db()
    assert (made.parameters["share"], made.version, made.is_enabled) == (0.29, 2, False)
    assert set(made.members.all()) == {*members, *more}


def test_a_refusal_stands_above_the_form() -> None:
    members = group(3)
    Detector.objects.all().delete()
    client = client_of(members[0])
    answer = client.post("/alerts/groups/new/", ASKED | {"streams": members[0].pk})
    assert answer.status_code == 422
    assert "0 have a detector of their own that is on" in answer.content.decode()
    answer = client.post("/alerts/groups/new/", ASKED | {"streams": group(3)[0].pk})
    assert answer.status_code == 422
    assert "is not one of the available choices" in answer.content.decode()


def test_where_no_streams_are_a_group_the_form_says_so() -> None:
    members = group(2)
    shown = words(client_of(members[0]), "/alerts/groups/new/")
    assert "No property is observed by three streams of a cluster in one unit yet." in shown


def test_who_only_sees_alerts_sees_groups_and_sets_none() -> None:
    members = group()
    made = set_on(members)
    client = client_of(members[0], Role.PROGRAMME_OFFICER)
    page = f"/alerts/groups/{made.pk}/"
    assert "A main burst" in words(client, "/alerts/groups/")
    assert "Switch it off" not in words(client, page)
    assert client.get(f"{page}change/").status_code == 403
    assert client.get("/alerts/groups/new/").status_code == 403
    assert client_of(streams.stream()).get(page).status_code == 404


def test_the_list_asks_as_often_for_three_groups_as_for_one() -> None:
    members = group()
    set_on(members)
    client = client_of(members[0])
    counts = []
    for more in range(2):
        with CaptureQueriesContext(connection) as asked:
            shown = words(client, "/alerts/groups/")
        counts.append(len(asked))
        for number in range(2):
            set_on(members, name=f"Burst {more}{number}")
    assert len(re.findall(r'href="/alerts/groups/\d+/"', shown)) == 3
    assert counts[0] == counts[1] <= 10
