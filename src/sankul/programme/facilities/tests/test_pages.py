"""The pages: what everybody sees, what an institution's people change, and what others may not."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sankul.core.rules.roles import Role
from sankul.core.tests.makers import user, user_with
from sankul.programme.facilities.models import Facility, Instrument, Ticket
from sankul.programme.facilities.queries import ahead, earliest
from sankul.programme.facilities.rules import InstrumentStatus, Relation, UserClass
from sankul.programme.facilities.tests import makers
from sankul.programme.registry.models import Organisation
from sankul.programme.registry.tests.makers import organisation

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.facilities.tests.urls"),
]


@pytest.fixture(autouse=True)
def nobody_books(monkeypatch: Any) -> None:
    """Nobody keeps bookings unless a test says so."""
    monkeypatch.setattr(earliest, "DECLARED", [])
    monkeypatch.setattr(ahead, "DECLARED", [])


@pytest.fixture
def host() -> Organisation:
    """The institution."""
    return organisation(slug="host", name="Host Institute", ror="04dese585")


@pytest.fixture
def place(host: Organisation) -> Facility:
    """Its facility."""
    return makers.facility(host, slug="caf", name="Central facility", place="Udayanagar")


@pytest.fixture
def sem(place: Facility) -> Instrument:
    """An instrument of it, confirmed today."""
    made = makers.instrument(
        place,
        slug="sem",
        name="Electron microscope",
        make="Tarang",
        sample_kinds=["powder"],
        confirmed_at=timezone.now(),
    )
    made.techniques.add(makers.technique(code="sem", name="Scanning electron microscopy"))
    return made


def signed_in(role: Role, of: Organisation) -> Client:
    """Somebody with a role at an organisation."""
    client = Client()
    client.force_login(user_with(role, of.scopes[0]))
    return client


@pytest.fixture
def lab(host: Organisation) -> Client:
    """The lab manager of the host."""
    return signed_in(Role.LAB_MANAGER, host)


def text(client: Client, address: str, **query: str) -> str:
    """What a page says."""
    response = client.get(address, query)
    assert response.status_code == 200, address
    return response.content.decode()


def test_everybody_finds_an_instrument_by_words_and_filters(
    sem: Instrument, client: Client
) -> None:
    beside = makers.instrument(name="Centrifuge")
    makers.tariff(sem, rate_inr=Decimal(240))
    makers.tariff(beside, rate_inr=Decimal(260))
    for query in (
        {"q": "electron"},
        {"technique": "sem"},
        {"place": "Udayanagar"},
        {"sample": "powder"},
        {"q": "microscop", "sort": "price"},
        {"most": "250"},
    ):
        page = text(client, "/facilities/", **query)
        assert "Electron microscope" in page, query
        assert beside.name not in page, query
    assert "No instrument fits" in text(client, "/facilities/", technique="nothing")
    assert beside.name in text(client, "/facilities/")


def test_the_catalogue_tells_the_price_for_whoever_asks(
    sem: Instrument, host: Organisation, client: Client
) -> None:
    makers.tariff(sem, rate_inr=Decimal(640))
    makers.tariff(sem, rate_inr=Decimal(110), relation=Relation.OWN)
    makers.tariff(sem, rate_inr=Decimal(2400), user_class=UserClass.INDUSTRY)
    assert "640" in text(client, "/facilities/")
    assert "2,400" in text(client, "/facilities/", **{"for": "industry"})
    member = signed_in(Role.MEMBER, host)
    assert "110" in text(member, "/facilities/")
    assert "Host Institute" in text(member, "/facilities/", **{"for": "industry"})


def test_the_catalogue_asks_as_often_for_many_rows_as_for_one(
    sem: Instrument, client: Client, django_assert_max_num_queries: Any
) -> None:
    def ask() -> int:
        with django_assert_max_num_queries(12) as counted:
            text(client, "/facilities/", q="e")
        return len(counted)

    one = ask()
    for _number in range(2):
        more = makers.instrument(name="Another e")
        more.techniques.add(makers.technique())
    assert ask() == one


def test_the_earliest_free_slot_stands_in_the_list_and_sorts_it(
    sem: Instrument, client: Client
) -> None:
    later = makers.instrument(sem.facility, name="Always later")
    never = makers.instrument(sem.facility, name="Booked out")
    starts = {
        later.pk: datetime(2026, 12, 2, 4, 30, tzinfo=UTC),
        sem.pk: datetime(2026, 12, 1, 4, 30, tzinfo=UTC),
    }
    asked: list[int | None] = []

    def find(found: Any, minutes: int | None, _at: datetime) -> dict[int, datetime]:
        asked.append(minutes)
        return {one.pk: starts[one.pk] for one in found if one.pk in starts}

    earliest.declare(find)
    page = text(client, "/facilities/", sort="soonest", minutes="120")
    assert asked == [120]
    assert "1 Dec 2026, 10:00" in page
    assert page.index(sem.name) < page.index(later.name) < page.index(never.name)
    assert "not within its horizon" in page


def test_the_catalogue_is_exported(sem: Instrument, client: Client) -> None:
    makers.tariff(sem, rate_inr=Decimal(640))
    response: Any = client.get("/facilities/", {"as": "csv"})
    head, line = response.getvalue().decode("utf-8-sig").strip().split("\r\n")
    assert head.startswith("organisation,is_demonstration,facility,slug,name")
    assert line.startswith("host,False,caf,sem,Electron microscope,Tarang")
    assert line.endswith(",640.00")


def test_an_instruments_page_tells_what_is_asked(sem: Instrument, host: Organisation) -> None:
    makers.specification(sem, name="Resolution", value="1.2", unit="nm")
    makers.week(sem.facility)
    makers.tariff(
        sem,
        rate_inr=Decimal(640),
        peak_percent=25,
        peak_from=time(10),
        peak_until=time(16),
        no_show_percent=50,
    )
    makers.acknowledged(sem, title="Surfaces of clay", doi="10.5555/clay")
    makers.ticket(sem, title="The pump hums")
    makers.session(
        sem,
        starts_at=timezone.now() + timedelta(days=3),
        ends_at=timezone.now() + timedelta(days=3, hours=2),
    )
    sem.facility.acknowledgement = "We thank the central facility."
    sem.facility.save()
    page = text(signed_in(Role.MEMBER, organisation()), "/instruments/host/sem/")
    for told in (
        "Electron microscope",
        "Host Institute",
        "https://ror.org/04dese585",
        "Scanning electron microscopy",
        "Resolution",
        "640",
        "25 % more from 10:00 to 16:00",
        "not coming 50 %",
        "Booked for 30 minutes to 8 hours, in slots of 30 minutes.",
        "09:00–17:00",
        "The pump hums",
        "Surfaces of clay",
        "We thank the central facility.",
        "/instruments/host/sem/pidinst.json",
        "Report a fault",
    ):
        assert told in page, told
    assert "Withdraw" not in page


def test_a_listing_that_nobody_confirmed_says_so(sem: Instrument, client: Client) -> None:
    assert "Not confirmed for more than 180 days" not in text(client, "/instruments/host/sem/")
    Instrument.objects.update(confirmed_at=timezone.now() - timedelta(days=181))
    assert "Not confirmed for more than 180 days" in text(client, "/instruments/host/sem/")
    assert "not confirmed" in text(client, "/facilities/")


def test_a_withdrawn_instrument_keeps_its_page(sem: Instrument, lab: Client) -> None:
    Instrument.objects.update(
        status=InstrumentStatus.WITHDRAWN, withdrawn_at=datetime(2026, 10, 1, tzinfo=UTC)
    )
    page = text(lab, "/instruments/host/sem/")
    assert "It was withdrawn on 1 Oct 2026" in page
    assert "Begin a tariff" not in page
    assert "Electron microscope" not in text(lab, "/facilities/")


def test_what_is_not_shown_is_not_found(sem: Instrument, lab: Client, client: Client) -> None:
    fault = makers.ticket(sem)
    session = makers.session(sem)
    Facility.objects.update(is_active=False)
    for address in (
        "/facilities/host/caf/",
        "/instruments/host/sem/",
        "/instruments/host/sem/pidinst.json",
        "/instruments/host/sem/code.svg",
        f"/tickets/{fault.pk}/",
        f"/trainings/{session.pk}/",
    ):
        assert client.get(address).status_code == 404, address
        assert lab.get(address).status_code == 200, address


def test_pidinst_is_told_as_its_schema_asks(sem: Instrument, client: Client) -> None:
    sem.pid, sem.serial_number, sem.commissioned_on = "10.5555/sem", "T-77", date(2021, 3, 1)
    sem.save()
    makers.acknowledged(sem, doi="10.5555/clay")
    assert client.get("/instruments/host/sem/pidinst.json").json() == {
        "identifier": {"identifier": "10.5555/sem", "identifierType": "DOI"},
        "schemaVersion": "1.0",
        "landingPage": "http://127.0.0.1:8000/instruments/host/sem/",
        "name": "Electron microscope",
        "owners": [
            {
                "ownerName": "Host Institute",
                "ownerContact": sem.facility.contact_email,
                "ownerIdentifier": {
                    "ownerIdentifier": "https://ror.org/04dese585",
                    "ownerIdentifierType": "ROR",
                },
            }
        ],
        "manufacturers": [{"manufacturerName": "Tarang"}],
        "instrumentTypes": [{"instrumentTypeName": "Scanning electron microscopy"}],
        "dates": [{"date": "2021-03-01", "dateType": "Commissioned"}],
        "relatedIdentifiers": [
            {
                "relatedIdentifier": "10.5555/clay",
                "relatedIdentifierType": "DOI",
                "relationType": "WasUsedIn",
            }
        ],
        "alternateIdentifiers": [
            {"alternateIdentifier": "T-77", "alternateIdentifierType": "SerialNumber"}
        ],
    }


def test_a_code_is_drawn_for_each_instrument_on_the_sheet(
    sem: Instrument, lab: Client, client: Client
) -> None:
    svg = client.get("/instruments/host/sem/code.svg")
    assert svg["Content-Type"] == "image/svg+xml"
    assert svg.content.startswith(b"<svg")
    makers.instrument(sem.facility, name="<b>")
    sheet = text(lab, "/facilities/host/caf/codes/")
    assert sheet.count("<path") >= 2
    assert "<b>" not in sheet
    assert client.get("/facilities/host/caf/codes/").status_code == 403


def test_a_facility_and_a_service_have_pages(sem: Instrument, client: Client) -> None:
    work = makers.service(sem.facility, slug="xrd", name="Powder pattern")
    makers.tariff(service=work, rate_inr=Decimal(450))
    makers.consumable(sem.facility, name="Carbon grid")
    makers.closure(sem.facility, from_on=date(2099, 1, 26), until_on=date(2099, 1, 26))
    page = text(client, "/facilities/host/caf/")
    for told in ("Electron microscope", "Powder pattern", "Carbon grid", "Republic Day"):
        assert told in page
    assert "Enter an instrument" not in page
    page = text(client, "/services/host/caf/xrd/")
    assert "450" in page
    assert "10 days" in page


def test_services_are_found_with_the_price_for_whoever_asks(
    place: Facility, host: Organisation, client: Client
) -> None:
    work = makers.service(place, slug="xrd", name="Powder pattern")
    makers.tariff(service=work, rate_inr=Decimal(450))
    makers.tariff(service=work, rate_inr=Decimal(120), relation=Relation.OWN)
    hidden = makers.service(place, name="Not offered", is_active=False)
    page = text(client, "/facilities/services/", q="patterns", place="Udayanagar")
    assert "Powder pattern" in page
    assert "450" in page
    assert hidden.name not in text(client, "/facilities/services/")
    assert "120" in text(signed_in(Role.MEMBER, host), "/facilities/services/", sort="price")
    assert "No service fits" in text(client, "/facilities/services/", q="nothing")


WEEK = {"day_0": "09:00-13:00, 14:00-17:30", "day_6": "20:00-00:00"}
TARIFF = {
    "user_classes": ["academia"],
    "relations": ["own", "outside"],
    "from_on": "2099-04-01",
    "rate_inr": "750",
    "minimum_inr": "0",
    "assistance_inr_hour": "0",
    "peak_percent": "0",
    "cancellation_percent": "20",
    "no_show_percent": "50",
    "sac": "998346",
}
ABOUT = {"name": "NMR", "slug": "nmr", "units": "2", "specifications": "Field | 11.7 | T"}
CHANGES: list[tuple[str, dict[str, Any], Callable[[Instrument], Any], Any]] = [
    ("/facilities/host/caf/hours/", WEEK, lambda sem: sem.facility.openings.count(), 3),
    (
        "/facilities/host/caf/close/",
        {"from_on": "2099-01-26", "until_on": "2099-01-26", "reason": "Republic Day"},
        lambda sem: sem.facility.closures.count(),
        1,
    ),
    ("/facilities/host/caf/instrument/", ABOUT, lambda sem: sem.facility.instruments.count(), 2),
    (
        "/facilities/host/caf/service/",
        {"name": "XRD", "slug": "xrd", "turnaround_days": "7", "unit_name": "sample"},
        lambda sem: sem.facility.services.count(),
        1,
    ),
    (
        "/facilities/host/caf/consumable/",
        {"name": "Grid", "unit_name": "piece", "price_inr": "250"},
        lambda sem: sem.facility.consumables.count(),
        1,
    ),
    (
        "/instruments/host/sem/edit/",
        {
            "name": "FE-SEM",
            "units": "1",
            "sample_kinds": "powder, thin film",
            "new_technique": "Cathodo luminescence",
        },
        lambda sem: (sem.name, sem.sample_kinds, [one.code for one in sem.techniques.all()]),
        ("FE-SEM", ["powder", "thin film"], ["cathodo-luminescence"]),
    ),
    ("/instruments/host/sem/hours/", WEEK, lambda sem: sem.openings.count(), 3),
    (
        "/instruments/host/sem/close/",
        {"from_on": "2099-01-26", "until_on": "2099-01-27", "reason": "Move"},
        lambda sem: sem.closures.count(),
        1,
    ),
    ("/instruments/host/sem/tariff/", TARIFF, lambda sem: sem.tariffs.count(), 2),
    (
        "/instruments/host/sem/ticket/",
        {
            "kind": "maintenance",
            "title": "Yearly service",
            "severity": "stopped",
            "blocks_from": "2099-01-26T09:00",
            "blocks_until": "2099-01-26T17:00",
        },
        lambda sem: sem.tickets.get().blocks_from,
        datetime(2099, 1, 26, 3, 30, tzinfo=UTC),
    ),
    (
        "/instruments/host/sem/training/",
        {"starts_at": "2099-01-26T09:00", "ends_at": "2099-01-26T11:00", "places": "3"},
        lambda sem: sem.training_sessions.get().starts_at,
        datetime(2099, 1, 26, 3, 30, tzinfo=UTC),
    ),
    (
        "/instruments/host/sem/withdraw/",
        {"reason": "Beyond repair", "seen": "0", "confirmed": "on"},
        lambda sem: sem.status,
        "withdrawn",
    ),
]


@pytest.mark.parametrize(("address", "sent", "told", "expected"), CHANGES)
def test_the_institutions_people_change_and_others_do_not(
    sem: Instrument,
    lab: Client,
    address: str,
    sent: dict[str, Any],
    told: Callable[[Instrument], Any],
    expected: Any,
) -> None:
    other = signed_in(Role.LAB_MANAGER, organisation())
    for client in (Client(), other, signed_in(Role.MEMBER, sem.organisation)):
        assert client.get(address).status_code == 403
        assert client.post(address, sent).status_code == 403
    assert "<form" in text(lab, address)
    response = lab.post(address, sent)
    assert response.status_code == 302, response.content.decode()
    assert told(Instrument.objects.get(slug="sem")) == expected


@pytest.mark.parametrize(
    ("address", "sent", "reason"),
    [
        ("/facilities/host/caf/hours/", {"day_0": "nine to five"}, "is no span of time"),
        ("/facilities/host/caf/hours/", {"day_0": "17:00-09:00"}, "closes before it opens"),
        ("/facilities/host/caf/instrument/", ABOUT | {"specifications": "x"}, "Line 1: write"),
        ("/facilities/host/caf/instrument/", ABOUT | {"slug": "sem"}, "of this short name"),
        ("/instruments/host/sem/tariff/", TARIFF | {"from_on": "2020-01-01"}, "today or later"),
        ("/instruments/host/sem/tariff/", TARIFF | {"sac": "12"}, "valid value"),
        ("/instruments/host/sem/training/", {"starts_at": "soon"}, "2026-12-01T10:00"),
        ("/instruments/host/sem/training/", {"starts_at": "0001-01-01T00:00"}, "2026-12-01T10"),
        (
            "/instruments/host/sem/qualify/",
            {"user": "nobody@example.org", "from_on": "2026-01-01"},
            "no account with this address",
        ),
    ],
)
def test_a_refusal_stands_above_the_form(
    sem: Instrument, lab: Client, address: str, sent: dict[str, Any], reason: str
) -> None:
    response = lab.post(address, sent)
    assert response.status_code == 422
    assert reason in response.content.decode()


def test_withdrawing_shows_the_bookings_that_it_cancels(
    sem: Instrument, lab: Client, monkeypatch: Any
) -> None:
    now = timezone.now()
    kept = [ahead.Ahead(now, now, user(name="Asha Rao"), organisation(name="Far Institute"), "")]
    monkeypatch.setattr(ahead, "DECLARED", [lambda *_given: kept])
    page = text(lab, "/instruments/host/sem/withdraw/")
    assert "Asha Rao" in page
    sent = {"reason": "Beyond repair", "seen": "0", "confirmed": "on"}
    response = lab.post("/instruments/host/sem/withdraw/", sent)
    assert "1 booking lies ahead" in response.content.decode()
    assert lab.post("/instruments/host/sem/withdraw/", sent | {"seen": "1"}).status_code == 302


def test_a_member_reports_and_the_lab_resolves(sem: Instrument, lab: Client) -> None:
    member = signed_in(Role.MEMBER, organisation())
    sent = {"title": "The pump hums", "severity": "minor"}
    assert Client().post("/instruments/host/sem/report/", sent).status_code == 403
    assert member.post("/instruments/host/sem/report/", sent).status_code == 302
    fault = Ticket.objects.get()
    address = f"/tickets/{fault.pk}/"
    assert "Resolve it" not in text(member, address)
    assert "Resolve it" in text(lab, address)
    assert member.post(f"{address}resolve/", {"resolution": "x"}).status_code == 403
    assert lab.post(f"{address}block/", {"blocks_from": "2020-01-01T09:00"}).status_code == 302
    assert "Out of use now." in text(member, "/instruments/host/sem/")
    assert "No booking is affected." in text(lab, address)
    assert lab.post(f"{address}resolve/", {"resolution": "New bearing"}).status_code == 302
    assert "New bearing" in text(member, address)


def test_a_place_in_a_training_is_taken_judged_and_qualifies(sem: Instrument, lab: Client) -> None:
    member = signed_in(Role.MEMBER, organisation())
    now = timezone.now()
    session = makers.session(
        sem, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2)
    )
    address = f"/trainings/{session.pk}/"
    assert "Take a place" in text(member, address)
    assert Client().post(f"{address}enrol/").status_code == 403
    member.post(f"{address}enrol/")
    assert "Give my place back" in text(member, address)
    page = member.post(f"{address}enrol/", follow=True).content.decode()
    assert "You have a place in this training already." in page
    place = session.taken.get()
    assert place.user.name in text(lab, address)
    assert place.user.name not in text(Client(), address)
    judged = {"outcome": "passed"}
    refused = lab.post(f"/places/{place.pk}/judge/", judged)
    assert "has not begun" in refused.content.decode()
    session.starts_at = now - timedelta(hours=1)
    session.save()
    assert lab.post(f"/places/{place.pk}/judge/", judged).status_code == 302
    qualification = sem.qualifications.get()
    assert place.user.name in text(lab, "/instruments/host/sem/")
    revoke = f"/qualifications/{qualification.pk}/revoke/"
    assert member.post(revoke, {"note": "x"}).status_code == 403
    assert lab.post(revoke, {"note": "Left the lab open"}).status_code == 302


def test_a_lab_manager_sees_what_each_listing_lacks(
    sem: Instrument, lab: Client, client: Client
) -> None:
    page = text(lab, "/lab/")
    assert "Electron microscope" in page
    assert "opening hours" in page
    assert client.get("/lab/").status_code == 403
    assert lab.get("/facilities/host/new/").status_code == 200
    made = {
        "name": "Second",
        "slug": "second",
        "timezone": "Asia/Kolkata",
        "answer_within_hours": "24",
        "outsider_share_percent": "40",
    }
    assert lab.post("/facilities/host/new/", made).status_code == 302
    assert Facility.objects.filter(slug="second", is_active=False).exists()
    organisation(slug="other")
    assert lab.get("/facilities/other/new/").status_code == 404


def test_tariffs_end_and_closures_are_taken_back(sem: Instrument, lab: Client) -> None:
    row = makers.tariff(sem)
    other = signed_in(Role.LAB_MANAGER, organisation())
    address = f"/tariffs/{row.pk}/end/"
    assert address in text(lab, "/instruments/host/sem/")
    assert address not in text(other, "/instruments/host/sem/")
    assert other.post(address, {"on": "2099-01-01"}).status_code == 403
    assert lab.post(address, {"on": "2099-01-01"}).status_code == 302
    closed = makers.closure(sem.facility)
    assert other.post(f"/closures/{closed.pk}/reopen/").status_code == 403
    assert lab.post(f"/closures/{closed.pk}/reopen/").status_code == 302
    assert not sem.facility.closures.exists()


def test_a_table_is_checked_and_then_taken_over(sem: Instrument, lab: Client) -> None:
    def sent(lines: str) -> Any:
        head = "Name,Short name,Techniques,Samples,Units,Commissioned,Needs training\n"
        file = io.BytesIO((head + lines).encode())
        file.name = "instruments.csv"
        return lab.post("/facilities/host/caf/import/", {"file": file})

    good = "NMR,nmr,sem,powder; liquid,2,2021-03-01,yes\nElectron microscope,sem,,powder,,,\n"
    response = sent(good)
    assert "Nothing is wrong: 1 new, 0 changed, 1 on record" in response.content.decode()
    assert Instrument.objects.count() == 1
    token = response.context["sound"]
    assert lab.post("/facilities/host/caf/import/", {"sound": token}).status_code == 302
    made = Instrument.objects.get(slug="nmr")
    assert (made.sample_kinds, made.units.count(), made.needs_training) == (
        ["powder", "liquid"],
        2,
        True,
    )
    again = sent(good).content.decode()
    assert "0 new, 0 changed, 2 on record" in again
    assert "Take it over" not in again


def test_what_is_wrong_with_a_table_is_told_line_by_line(sem: Instrument, lab: Client) -> None:
    def sent(content: bytes) -> str:
        file = io.BytesIO(content)
        file.name = "instruments.csv"
        response = lab.post("/facilities/host/caf/import/", {"file": file})
        assert response.status_code == 422
        return response.content.decode()

    page = sent(
        b"Name,Short name,Techniques,Units,Needs training\n"
        b",a,,,\nB,b!,,,\nC,c,scaning,,\nD,d,,many,\nE,e,,,perhaps\nF,f,,,\nG,f,,,\n"
    )
    for told in (
        "It is empty.",
        "This is no short name.",
        "is no technique of the catalogue",
        "This is no number.",
        "neither yes nor no",
        "Line 7 has the same short name.",
    ):
        assert told in page, told
    page = sent(b"Name,Short name,Units,Slot minutes\nA,a,2,30\nB,b,0,30\nC,c,1,7\n")
    assert "1 to 50 units" in page
    assert "whole slots of 7 minutes" in page
    assert Instrument.objects.count() == 1
    assert "lacks the column" in sent(b"Summary\nx\n")
    assert "no line" in sent(b"Name\n")


def test_a_table_that_was_not_checked_is_not_taken_over(sem: Instrument, lab: Client) -> None:
    response = lab.post("/facilities/host/caf/import/", {"sound": "forged"})
    assert response.status_code == 409
    assert "Check the table again" in response.content.decode()


def test_the_template_is_a_spreadsheet_or_a_text(sem: Instrument, lab: Client) -> None:
    response: Any = lab.get("/facilities/host/caf/import/template.xlsx")
    assert response.getvalue().startswith(b"PK")
    response = lab.get("/facilities/host/caf/import/template.csv")
    assert response.content.decode("utf-8-sig").startswith("Name,Short name,Summary,Maker")
    assert lab.get("/facilities/host/caf/import/template.pdf").status_code == 404
