import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sankul.core.models import Event
from sankul.programme.outcomes.models import Claim, NilReturn
from sankul.programme.registry.models import (
    Body,
    Cluster,
    Fact,
    LegalEntity,
    Membership,
    Name,
    Organisation,
    Period,
    Programme,
    Seat,
)
from sankul.programme.registry.rules import EntityForm
from sankul.programme.registry.tests import makers
from sankul.programme.registry.tests.makers import AT
from sankul.site.seeds.public_record import FILE, load
from sankul.site.seeds.record_file import SeedError

Edited = Callable[..., Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """A copy of the file with some of its text replaced."""

    def edit(*changes: tuple[str, str]) -> Path:
        text = FILE.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "public-record.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return edit


@pytest.mark.django_db
def test_the_eight_clusters_are_loaded_with_what_is_published() -> None:
    programme = load(AT)
    assert (programme.slug, programme.is_demonstration) == ("public-record", False)
    launched = dict(Cluster.objects.values_list("slug", "launched_on"))
    assert launched == {
        "driiv": None,
        "pkc": date(2020, 10, 2),
        "rich": date(2021, 1, 8),
        "best": date(2022, 11, 16),
        "bckic": None,
        "jckic": None,
        "pi-rahi": None,
        "vizag": date(2024, 8, 26),
    }
    assert Period.objects.count() == 7


@pytest.mark.django_db
def test_only_forms_that_were_found_are_given() -> None:
    load(AT)
    forms = dict(LegalEntity.objects.values_list("name", "form"))
    assert [name for name, form in forms.items() if form == EntityForm.SECTION_8] == [
        "Jodhpur City Knowledge and Innovation Foundation",
        "Research and Innovation Circle of Hyderabad",
    ]
    assert not Cluster.objects.get(slug="best").stewardships.exists()


@pytest.mark.django_db
def test_no_result_is_claimed_and_no_person_named() -> None:
    load(AT)
    assert not Claim.objects.exists()
    assert not NilReturn.objects.exists()
    assert not Seat.objects.exists()
    assert Body.objects.count() == 9


@pytest.mark.django_db
def test_every_fact_has_its_source_and_day() -> None:
    load(AT)
    assert Fact.objects.count() == 80
    assert not Fact.objects.filter(source_url="").exists()
    assert not Fact.objects.filter(as_of_on__gt=date(2026, 11, 22)).exists()
    money = Fact.objects.get(statement__contains="10.35 crore")
    assert (money.source_title, money.as_of_on) == ("The Tribune", date(2023, 12, 7))
    assert Fact.objects.filter(is_unverified=True).count() == 4


@pytest.mark.django_db
def test_names_that_drift_are_kept_apart() -> None:
    load(AT)
    cluster = Cluster.objects.get(slug="jckic")
    assert sorted(cluster.names.values_list("name", "kind")) == [
        ("JCKIC", "short"),
        ("JCKIF", "variant"),
    ]
    entity = cluster.stewardships.get().entity
    assert list(entity.names.values_list("name", "kind")) == [("JCKIF", "short")]


@pytest.mark.django_db
def test_a_second_load_changes_nothing() -> None:
    load(AT)
    first = Event.objects.get()
    kept = list(Fact.objects.order_by("pk").values_list())
    load(AT)
    assert Event.objects.get() == first
    assert list(Fact.objects.order_by("pk").values_list()) == kept
    assert first.verb == "seed.loaded"


@pytest.mark.django_db
def test_an_edit_changes_only_what_it_touches(edited: Edited) -> None:
    load(AT)
    before = {(row.pk, row.slug): row.place for row in Cluster.objects.all()}
    facts = set(Fact.objects.values_list("pk", flat=True))
    load(AT, edited(('place = "Delhi NCR"', 'place = "Delhi"'), ("300,000 users", "3 lakh users")))
    after = {(row.pk, row.slug): row.place for row in Cluster.objects.all()}
    assert before.keys() == after.keys()
    assert [place for place in after.values() if place not in before.values()] == ["Delhi"]
    now = set(Fact.objects.values_list("pk", flat=True))
    assert (len(facts - now), len(now - facts)) == (1, 1)
    digests = {json.loads(event.body)["data"]["sha256"] for event in Event.objects.all()}
    assert len(digests) == 2


@pytest.mark.django_db
def test_what_the_file_drops_is_removed_and_what_people_recorded_stays(edited: Edited) -> None:
    programme = load(AT)
    vizag = Cluster.objects.get(slug="vizag")
    by_hand = makers.membership(vizag, makers.organisation())
    makers.fact(programme, cluster=vizag, statement="Recorded by hand.")
    load(AT, edited(('    { organisation = "gitam", kind = "member" },\n', "")))
    assert by_hand in Membership.objects.all()
    assert not Membership.objects.filter(organisation__slug="gitam").exists()
    assert Fact.objects.filter(statement="Recorded by hand.").exists()


@pytest.mark.django_db
def test_a_row_that_is_cited_is_not_dropped(edited: Edited) -> None:
    load(AT)
    makers.membership(makers.cluster(), Organisation.objects.get(slug="gitam"))
    path = edited(
        ('    { organisation = "gitam", kind = "member" },\n', ""),
        ('gitam = { name = "GITAM", kind = "academia", city = "Visakhapatnam" }\n', ""),
    )
    with pytest.raises(SeedError, match="contradicts what is recorded"):
        load(AT, path)
    assert Membership.objects.filter(organisation__slug="gitam").count() == 2
    assert Event.objects.count() == 1


@pytest.mark.django_db
def test_an_organisation_known_by_its_ror_id_is_not_made_twice() -> None:
    known = makers.organisation(slug="iisc-bangalore", ror="04dese585")
    load(AT)
    known.refresh_from_db()
    assert known.name == "Indian Institute of Science"
    assert not Organisation.objects.filter(slug="iisc").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "launched_on = 2020-10-02",
            'launched_on = "soon"',
            "public-record.toml: clusters[1].launched_on: Input should be a valid date",
        ),
        ('topic = "origin"', 'topic = "gossip"', "programme.facts[0].topic: Input should be"),
        ('place = "Pune"', 'plaace = "Pune"', "clusters[1].place: this key is missing"),
        ('place = "Pune"', 'plaace = "Pune"', "clusters[1].plaace: no such key is known"),
        (
            'source = "pib-jodhpur"',
            'source = "pib"',
            "programme.facts[0].source: “pib” is not among [sources]",
        ),
        (
            '{ entity = "driiv" }',
            '{ entity = "drive" }',
            "clusters[0].stewards[0].entity: “drive” is not among [entities]",
        ),
        (
            '{ organisation = "iucaa"',
            '{ organisation = "iuca"',
            "clusters[1].members[0].organisation: “iuca” is not among [organisations]",
        ),
        (
            'ror = "04dese585"',
            'ror = "04dese586"',
            "organisations.iisc.ror: a ROR id with right check digits is expected",
        ),
        ('slug = "pkc"', 'slug = "driiv"', "clusters: slug “driiv” stands twice"),
        (
            "ends_on = 2021-03-31",
            "ends_on = 2020-03-31",
            "periods[0].ends_on: a day after 2020-04-01 is expected",
        ),
        ("read_on = 2026-11-22", "read_on = ", "not TOML in UTF-8: Invalid value (at line 8"),
    ],
)
def test_a_wrong_file_is_told_by_key_and_nothing_is_written(
    edited: Edited, old: str, new: str, told: str
) -> None:
    with pytest.raises(SeedError) as error:
        load(AT, edited((old, new)))
    assert told in str(error.value)
    assert not Programme.objects.exists()


@pytest.mark.django_db
def test_every_fault_is_told_at_once(edited: Edited) -> None:
    path = edited(
        ('source = "pib-jodhpur"', 'source = "a"'), ('{ entity = "driiv" }', '{ entity = "b" }')
    )
    with pytest.raises(SeedError) as error:
        load(AT, path)
    assert len(str(error.value).splitlines()) == 2


@pytest.mark.django_db
def test_overlapping_periods_are_refused_as_a_whole(edited: Edited) -> None:
    path = edited(("starts_on = 2021-04-01", "starts_on = 2021-03-01"))
    with pytest.raises(SeedError, match="period_no_overlap"):
        load(AT, path)
    assert not Programme.objects.exists()
    assert not Name.objects.exists()
