from datetime import date

import pytest

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.registry.actions import cluster as actions
from sankul.programme.registry.actions import entity as entities
from sankul.programme.registry.models import Cluster, LegalEntity, Stewardship
from sankul.programme.registry.queries import clusters
from sankul.programme.registry.rules import EntityForm
from sankul.programme.registry.tests import makers
from sankul.programme.registry.tests.makers import AT, TODAY

pytestmark = pytest.mark.django_db


def test_a_cluster_is_founded_with_its_name_and_focus_areas() -> None:
    programme = makers.programme()
    cluster = actions.found(
        actor=makers.officer(),
        programme=programme,
        slug="delta",
        name="Delta Cluster",
        place="Delta",
        launched_on=date(2024, 8, 26),
        focus_areas=["Water", "Waste"],
        at=AT,
    )
    assert [area.name for area in cluster.focus_areas.all()] == ["Waste", "Water"]
    assert clusters.name_on(cluster, date(2024, 8, 26)) == "Delta Cluster"
    assert Event.objects.get().scopes == [f"cluster:{cluster.pk}", f"programme:{programme.pk}"]


def test_two_clusters_of_a_programme_do_not_share_an_address() -> None:
    taken = makers.cluster()
    with pytest.raises(Refused, match="short name in addresses"):
        actions.found(
            actor=makers.officer(),
            programme=taken.programme,
            slug=taken.slug,
            name="Another",
            place="Elsewhere",
            at=AT,
        )
    assert Cluster.objects.count() == 1


def test_a_cluster_ceo_founds_no_cluster() -> None:
    cluster = makers.cluster()
    ceo = makers.actor_with(Role.CLUSTER_CEO, cluster.scopes[0])
    with pytest.raises(Forbidden):
        actions.found(actor=ceo, programme=cluster.programme, slug="x", name="X", place="X", at=AT)


def test_a_new_name_leaves_the_old_one_on_its_days() -> None:
    officer = makers.officer()
    cluster = actions.found(
        actor=officer,
        programme=makers.programme(),
        slug="jo",
        name="Jo City Cluster",
        place="Jo",
        launched_on=date(2021, 2, 1),
        at=AT,
    )
    actions.rename(
        actor=officer, cluster=cluster, name="Jo Foundation", from_on=date(2024, 4, 1), at=AT
    )
    cluster.refresh_from_db()
    assert (cluster.name, cluster.slug) == ("Jo Foundation", "jo")
    assert clusters.name_on(cluster, date(2024, 3, 31)) == "Jo City Cluster"
    assert clusters.name_on(cluster, date(2024, 4, 1)) == "Jo Foundation"
    assert [event.verb for event in Event.objects.all()] == ["cluster.founded", "cluster.renamed"]


def test_a_name_that_was_never_dated_is_kept_too() -> None:
    cluster = makers.cluster(name="Old")
    actions.rename(
        actor=makers.officer(), cluster=cluster, name="New", from_on=date(2024, 4, 1), at=AT
    )
    assert clusters.name_on(cluster, date(2020, 1, 1)) == "Old"


@pytest.mark.parametrize(
    ("name", "from_on", "reason"),
    [
        ("Old", date(2025, 1, 1), "its name already"),
        ("New", date(2026, 11, 23), "in the future"),
        ("New", date(2024, 4, 1), "since 1 Apr 2024"),
    ],
)
def test_a_new_name_that_does_not_fit_is_refused(name: str, from_on: date, reason: str) -> None:
    cluster = makers.cluster(name="Old")
    makers.name("Old", cluster=cluster, kind="official", from_on=date(2024, 4, 1))
    with pytest.raises(Refused, match=reason):
        actions.rename(actor=makers.officer(), cluster=cluster, name=name, from_on=from_on, at=AT)
    assert cluster.names.count() == 1


def test_the_ceo_does_not_rename_the_cluster() -> None:
    cluster = makers.cluster()
    ceo = makers.actor_with(Role.CLUSTER_CEO, cluster.scopes[0])
    with pytest.raises(Forbidden):
        actions.rename(actor=ceo, cluster=cluster, name="New", from_on=TODAY, at=AT)


def test_one_entity_runs_a_cluster_at_a_time() -> None:
    cluster, first, second = makers.cluster(), makers.entity(), makers.entity()
    officer = makers.officer()
    for entity, day in ((first, date(2021, 4, 1)), (second, date(2023, 4, 1))):
        actions.set_steward(actor=officer, cluster=cluster, entity=entity, from_on=day, at=AT)
    assert clusters.entity_on(cluster, date(2021, 3, 31)) is None
    assert clusters.entity_on(cluster, date(2023, 3, 31)) == first
    assert clusters.entity_on(cluster, date(2023, 4, 1)) == second


def test_an_entity_that_runs_the_cluster_is_not_set_again() -> None:
    stewardship = makers.stewardship(makers.cluster())
    with pytest.raises(Refused, match="runs the cluster already"):
        actions.set_steward(
            actor=makers.officer(),
            cluster=stewardship.cluster,
            entity=stewardship.entity,
            from_on=TODAY,
            at=AT,
        )


@pytest.mark.parametrize(
    ("from_on", "reason"),
    [
        (date(2026, 11, 23), "in the future"),
        (date(2022, 4, 1), "since 1 Apr 2022"),
    ],
)
def test_a_change_of_entity_that_does_not_fit_is_refused(from_on: date, reason: str) -> None:
    cluster = makers.cluster()
    makers.stewardship(cluster, from_on=date(2022, 4, 1))
    with pytest.raises(Refused, match=reason):
        actions.set_steward(
            actor=makers.officer(),
            cluster=cluster,
            entity=makers.entity(),
            from_on=from_on,
            at=AT,
        )
    assert Stewardship.objects.count() == 1


def test_an_entity_is_not_set_over_one_that_has_ended_later() -> None:
    cluster = makers.cluster()
    makers.stewardship(cluster, from_on=date(2022, 4, 1), until_on=date(2024, 3, 31))
    with pytest.raises(Refused, match="Another entity ran the cluster"):
        actions.set_steward(
            actor=makers.officer(),
            cluster=cluster,
            entity=makers.entity(),
            from_on=date(2024, 1, 1),
            at=AT,
        )


def test_the_public_sets_no_entity() -> None:
    with pytest.raises(Forbidden):
        actions.set_steward(
            actor=makers.public(),
            cluster=makers.cluster(),
            entity=makers.entity(),
            from_on=TODAY,
            at=AT,
        )


def test_a_legal_entity_is_registered_once() -> None:
    officer = makers.officer()
    entities.register(
        actor=officer,
        name="Delta Foundation",
        form=EntityForm.SECTION_8,
        registration="U73100DL2021NPL000001",
        at=AT,
    )
    with pytest.raises(Refused, match="name “DELTA FOUNDATION”"):
        entities.register(actor=officer, name="DELTA FOUNDATION", form=EntityForm.TRUST, at=AT)
    with pytest.raises(Refused, match="number U73100DL2021NPL000001"):
        entities.register(
            actor=officer,
            name="Another",
            form=EntityForm.SECTION_8,
            registration="U73100DL2021NPL000001",
            at=AT,
        )
    assert LegalEntity.objects.count() == 1
    assert Event.objects.get().verb == "entity.registered"


def test_the_public_registers_no_entity() -> None:
    with pytest.raises(Forbidden):
        entities.register(actor=makers.public(), name="X", form=EntityForm.TRUST, at=AT)
