from datetime import date
from typing import Any

import pytest
from django.test import Client

from sankul.core.queries import documents
from sankul.core.rules.roles import Role
from sankul.programme.registry.models import Cluster, Programme
from sankul.programme.registry.rules import BodyKind, EntityForm, FactTopic
from sankul.programme.registry.tests import makers

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.registry.tests.urls"),
]


def full_cluster(programme: Programme) -> Cluster:
    """A cluster with a row of everything that its profile shows."""
    cluster = makers.cluster(programme)
    organisation = makers.organisation(is_demonstration=programme.is_demonstration)
    stewardship = makers.stewardship(cluster)
    makers.name("Short", cluster=cluster, kind="short")
    makers.name("Entity short", entity=stewardship.entity, kind="short")
    makers.membership(cluster, organisation)
    makers.post(makers.person(), cluster=cluster)
    makers.seat(makers.body(programme, cluster=cluster, kind=BodyKind.BOARD, name="Board"))
    makers.fact(programme, cluster=cluster)
    cluster.focus_areas.create(programme=programme, name=f"Focus of {cluster.slug}")
    return cluster


def text(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_clusters_costs_the_same_however_long(
    rows: int, client: Client, django_assert_num_queries: Any
) -> None:
    for _number in range(rows):
        full_cluster(makers.programme())
    with django_assert_num_queries(6):
        response = client.get("/clusters/")
    assert response.status_code == 200
    assert text(response).count("Foundation ") == 2 * rows


def test_clusters_stand_under_their_programmes_and_the_demonstration_is_marked(
    client: Client,
) -> None:
    fictional = makers.programme(name="A Demonstration", is_demonstration=True)
    real = makers.programme(name="Zonal Programme")
    makers.cluster(fictional, name="Imagined Cluster")
    makers.cluster(real, name="Existing Cluster")
    page = text(client.get("/clusters/"))
    order = [
        page.index(word)
        for word in (
            "<h2>Zonal Programme</h2>",
            "Existing Cluster",
            "<h2>A Demonstration</h2>",
            "A fictional programme",
            "Imagined Cluster",
        )
    ]
    assert order == sorted(order)
    assert page.count("A fictional programme") == 1


def test_clusters_are_found_by_an_alias_once(client: Client) -> None:
    cluster = makers.cluster(name="Jo Cluster")
    makers.cluster(name="Other Cluster")
    for alias in ("JCKIC", "JCKIF"):
        makers.name(alias, cluster=cluster)
    page = text(client.get("/clusters/?q=jcki"))
    assert page.count(">Jo Cluster</a>") == 1
    assert "Other Cluster" not in page
    assert "No cluster fits" in text(client.get("/clusters/?q=nowhere"))


def test_clusters_of_one_programme_are_shown(client: Client) -> None:
    wanted = makers.cluster(name="Wanted Cluster")
    makers.cluster(name="Other Cluster")
    page = text(client.get(f"/clusters/?programme={wanted.programme.slug}"))
    assert "Wanted Cluster" in page
    assert "Other Cluster" not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_a_profile_costs_the_same_however_full(
    rows: int, client: Client, django_assert_num_queries: Any
) -> None:
    cluster = full_cluster(makers.programme())
    for _number in range(rows - 1):
        makers.membership(cluster, makers.organisation())
        makers.post(makers.person(), cluster=cluster)
        body = makers.body(
            cluster.programme, cluster=cluster, kind=BodyKind.ADVISORY, name="Council"
        )
        makers.seat(body)
        makers.fact(cluster.programme, cluster=cluster)
        makers.name("Alias", cluster=cluster)
    with django_assert_num_queries(9):
        response = client.get(f"/clusters/{cluster.programme.slug}/{cluster.slug}/")
    assert response.status_code == 200


def test_a_profile_tells_what_is_from_what_was(client: Client) -> None:
    cluster = makers.cluster(name="New Name", launched_on=None)
    makers.name(
        "Old Name", cluster=cluster, kind="former", from_on=None, until_on=date(2024, 3, 31)
    )
    first = makers.entity(name="First Society", form=EntityForm.SOCIETY)
    makers.stewardship(cluster, first, until_on=date(2024, 3, 31))
    makers.stewardship(cluster, makers.entity(name="Second Company"), from_on=date(2024, 4, 1))
    left = makers.organisation(name="Left Institute")
    makers.membership(cluster, left, until_on=date(2025, 3, 31))
    makers.membership(cluster, makers.organisation(name="Present Institute"))
    page = text(client.get(f"/clusters/{cluster.programme.slug}/{cluster.slug}/"))
    identity, rest = page.split("Present Institute", 1)
    assert "Second Company" in identity
    assert "First Society" not in identity
    assert "Left Institute" not in identity
    assert "First Society" in rest
    assert "Left Institute" in rest.split("Former members", 1)[1]
    assert "31 Mar 2024" in rest.split("Old Name", 1)[1]
    assert "not recorded" in identity


def test_facts_show_topic_source_day_and_doubt(client: Client) -> None:
    cluster = makers.cluster()
    programme = cluster.programme
    makers.fact(programme, cluster=cluster, topic=FactTopic.RESULTS, statement="Second topic.")
    makers.fact(
        programme,
        cluster=cluster,
        topic=FactTopic.ORIGIN,
        statement="First topic.",
        source_title="The Gazette",
        source_url="https://example.org/gazette",
        as_of_on=date(2023, 12, 7),
        is_unverified=True,
    )
    page = text(client.get(f"/clusters/{programme.slug}/{cluster.slug}/"))
    first, second = page.index("First topic."), page.index("Second topic.")
    assert first < second
    shown = page[first:second]
    assert 'href="https://example.org/gazette"' in shown
    assert "The Gazette" in shown
    assert "as of 7 Dec 2023" in shown
    assert "not verified" in shown
    assert "not verified" not in page[second:]


def test_a_profile_leaves_a_place_for_the_evaluation(client: Client) -> None:
    cluster = makers.cluster()
    address = f"/clusters/{cluster.programme.slug}/{cluster.slug}/"
    assert "<h2>Evaluation</h2>" not in text(client.get(address))
    assert "<section><h2>Evaluation</h2></section>" in text(client.get(f"{address}?standing"))


def test_a_profile_of_a_demonstration_is_marked(client: Client) -> None:
    cluster = full_cluster(makers.programme(is_demonstration=True))
    page = text(client.get(f"/clusters/{cluster.programme.slug}/{cluster.slug}/"))
    assert "A fictional programme" in page


def test_a_cluster_that_is_not_there_is_told_so(client: Client) -> None:
    cluster = makers.cluster()
    other = makers.programme()
    assert client.get(f"/clusters/{other.slug}/{cluster.slug}/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_organisations_costs_the_same_however_long(
    rows: int, client: Client, django_assert_num_queries: Any
) -> None:
    for _number in range(rows):
        makers.membership(makers.cluster(), makers.organisation())
    with django_assert_num_queries(2):
        response = client.get("/organisations/")
    assert text(response).count('<th scope="row"') == rows


def test_organisations_are_found_filtered_and_sorted_in_the_address(client: Client) -> None:
    zeta = makers.organisation(name="Zeta University", city="Pune")
    makers.organisation(name="Alpha University", city="Delhi")
    makers.organisation(name="Beta Works", kind="industry", ror="04dese585")
    makers.name("ZU", organisation=zeta)
    searches = {
        "?q=university": ["Alpha University", "Zeta University"],
        "?q=university&sort=-name": ["Zeta University", "Alpha University"],
        "?q=universty": ["Alpha University", "Zeta University"],
        "?q=zu": ["Zeta University"],
        "?q=pune": ["Zeta University"],
        "?q=https://ror.org/04dese585": ["Beta Works"],
        "?kind=industry": ["Beta Works"],
        "?kind=nonsense": [],
        "?sort=nonsense": ["Alpha University", "Beta Works", "Zeta University"],
    }
    for address, expected in searches.items():
        page = client.get(f"/organisations/{address}").context["page"]
        assert [row.name for row in page.rows] == expected, address


def test_the_number_of_clusters_counts_those_of_today_once(client: Client) -> None:
    organisation, cluster = makers.organisation(), makers.cluster()
    makers.membership(cluster, organisation, until_on=date(2024, 3, 31))
    makers.membership(cluster, organisation, from_on=date(2024, 4, 1))
    makers.membership(makers.cluster(), organisation, until_on=date(2024, 3, 31))
    [row] = client.get("/organisations/").context["page"].rows
    assert row.cluster_count == 1


def test_the_export_holds_what_is_found_and_runs_no_formula(client: Client) -> None:
    makers.organisation(slug="evil", name="=HYPERLINK(1)", kind="industry", ror="04dese585")
    makers.organisation(name="Other", kind="academia")
    response = client.get("/organisations/?kind=industry&as=csv")
    body = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert response["Content-Disposition"] == 'attachment; filename="organisations.csv"'
    assert body.splitlines() == [
        "slug,name,kind,city,country,ror,clusters,is_demonstration",
        "evil,'=HYPERLINK(1),industry,,IN,04dese585,0,False",
    ]


def test_an_organisation_shows_where_it_belongs(
    client: Client, django_assert_num_queries: Any
) -> None:
    organisation = makers.organisation(name="Alpha", ror="04dese585")
    makers.membership(makers.cluster(name="Present Cluster"), organisation)
    makers.membership(makers.cluster(name="Past Cluster"), organisation, until_on=date(2024, 3, 31))
    makers.post(makers.person(name="Dr Rao"), organisation=organisation, title="Director")
    with django_assert_num_queries(4):
        response = client.get(f"/organisations/{organisation.slug}/")
    page = text(response)
    present, past = page.split("Formerly or not yet", 1)
    assert 'href="https://ror.org/04dese585"' in present
    assert "Present Cluster" in present
    assert "Past Cluster" in past
    assert "Dr Rao, Director" in page
    assert "Admit it to a cluster" not in page


def test_a_fictional_organisation_is_marked_in_list_and_page(client: Client) -> None:
    organisation = makers.organisation(is_demonstration=True)
    assert "Demonstration" in text(client.get("/organisations/"))
    assert "A fictional programme" in text(client.get(f"/organisations/{organisation.slug}/"))


def test_everybody_sees_bodies_and_only_some_see_meetings(client: Client) -> None:
    decision = makers.decision(text="Approved with conditions.")
    body = decision.meeting.body
    makers.seat(body, makers.person(name="Dr Rao"))
    address = f"/governance/{body.programme.slug}/"
    page = text(client.get(address))
    assert "Dr Rao" in page
    assert "Approved with conditions." not in page
    assert "Sign in first" in page
    client.force_login(makers.user_with(Role.APEX_MEMBER, body.programme.scopes[0]))
    assert "Approved with conditions." in text(client.get(address))


def test_a_ceo_sees_the_meetings_of_the_own_cluster_only(client: Client) -> None:
    cluster = makers.cluster()
    board = makers.body(cluster.programme, cluster=cluster, kind=BodyKind.BOARD, name="Board")
    makers.meeting(board, title="Board meeting")
    makers.meeting(makers.body(cluster.programme), title="Apex meeting")
    client.force_login(makers.user_with(Role.CLUSTER_CEO, cluster.scopes[0]))
    page = text(client.get(f"/governance/{cluster.programme.slug}/"))
    assert "Board meeting" in page
    assert "Apex meeting" not in page


def test_minutes_are_readable_by_those_who_see_the_meeting() -> None:
    minutes = makers.document()
    meeting = makers.meeting(minutes=minutes)
    apex = makers.actor_with(Role.APEX_MEMBER, meeting.body.scopes[0])
    stranger = makers.actor_with(Role.APEX_MEMBER, makers.programme().scopes[0])
    assert list(documents.readable(apex)) == [minutes]
    assert not documents.readable(stranger).exists()
    assert not documents.readable(makers.public()).exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_governance_costs_the_same_however_long(
    rows: int, client: Client, django_assert_num_queries: Any
) -> None:
    body = makers.body()
    for number in range(rows):
        makers.seat(body)
        makers.decision(makers.meeting(body, held_on=date(2026, 1, 1 + number)))
        makers.seat(makers.body(body.programme, kind=BodyKind.OFFICE))
    client.force_login(makers.user_with(Role.APEX_MEMBER, body.programme.scopes[0]))
    address = f"/governance/{body.programme.slug}/"
    makers.fact(body.programme, statement="Of the programme.")
    with django_assert_num_queries(11):
        response = client.get(address)
    assert text(response).count("<article>") == rows
    assert "Of the programme." in text(response)


def test_meetings_stand_newest_first(client: Client) -> None:
    body = makers.body()
    makers.meeting(body, held_on=date(2025, 1, 1), title="Older")
    makers.meeting(body, held_on=date(2026, 1, 1), title="Newer")
    client.force_login(makers.user_with(Role.APEX_MEMBER, body.programme.scopes[0]))
    page = text(client.get(f"/governance/{body.programme.slug}/"))
    assert page.index("Newer") < page.index("Older")
