"""From the search to the invoice: a start-up finds a microscope, is trained, asks for a slot, has it approved on a phone, uses it
by the code on the instrument, and is billed. In a real browser, on a small programme; what lasts days is moved by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pgtrigger
import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from sankul.core.actions import following
from sankul.core.models import User
from sankul.core.rules.roles import Role
from sankul.programme.billing.models import Charge, Invoice
from sankul.programme.billing.tests import makers as billing
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.rules import State
from sankul.programme.facilities.models import Instrument, TrainingSession
from sankul.programme.facilities.tests import makers as facilities
from sankul.programme.registry.models import Organisation
from sankul.programme.registry.rules import OrganisationKind
from sankul.programme.registry.tests import makers

from .conftest import serving
from .test_evidence_journey import entered, seen

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 360, "height": 760}
INDIA = ZoneInfo("Asia/Kolkata")


@dataclass(frozen=True)
class Played:
    """Who plays, and with what."""

    host: Organisation
    payer: Organisation
    instrument: Instrument
    training: TrainingSession
    asha: User
    lab: User


def _cast() -> Played:
    host = makers.organisation(name="Institute of Light", slug="institute-of-light")
    payer = makers.organisation(
        name="Prakash Optics", slug="prakash-optics", kind=OrganisationKind.STARTUP
    )
    cluster = makers.cluster()
    for body in (host, payer):
        makers.membership(cluster, body)
        billing.details(body)
    billing.supplier(host)
    place = facilities.facility(host, name="Imaging Centre", outsider_share_percent=0)
    facilities.week(place, opens=time(0), closes=time(0))
    confocal = facilities.technique(name="Confocal microscopy")
    instrument = facilities.instrument(
        place, name="Confocal microscope", slug="confocal-microscope", needs_training=True,
        needs_approval=True, slot_minutes=15, min_minutes=15, confirmed_at=timezone.now(),
    )  # fmt: skip
    instrument.techniques.add(confocal)
    facilities.instrument(place, name="Balance", slug="balance", confirmed_at=timezone.now())
    facilities.tariffs(instrument, rate_inr=Decimal(600))
    soon = timezone.now() + timedelta(days=3)
    return Played(
        host,
        payer,
        instrument,
        facilities.session(instrument, starts_at=soon, ends_at=soon + timedelta(hours=2)),
        makers.user_with(Role.MEMBER, payer.scopes[0]),
        makers.user_with(Role.LAB_MANAGER, host.scopes[0]),
    )


def _found(page: Page, site: str) -> None:
    """By a word, in the catalogue; the page tells when it is free and what it costs her."""
    page.goto(f"{site}/facilities/")
    page.get_by_label("Words").fill("confocal")
    page.get_by_role("button", name="Search").click()
    page.wait_for_load_state()
    seen(page)
    rows = page.locator("main table tbody tr")
    assert rows.count() == 1
    assert "600" in rows.inner_text()
    page.get_by_role("link", name="Confocal microscope").click()
    page.wait_for_load_state()
    seen(page)
    assert "Confocal microscope" in page.locator("h1").inner_text()


def _told_to_train(page: Page) -> None:
    """The slot is asked for too early: the refusal says what is missing."""
    page.get_by_role("link", name="Book it").click()
    page.wait_for_load_state()
    seen(page)
    page.get_by_role("button", name="Ask for it").click()
    page.wait_for_load_state()
    assert "You need a training in force on that day" in page.locator("main").inner_text()


def _trained(page: Page, lab: Page, site: str, played: Played) -> None:
    page.goto(f"{site}/trainings/{played.training.pk}/")
    page.get_by_role("button", name="Take a place").click()
    page.wait_for_load_state()
    seen(page)
    past = timezone.now() - timedelta(days=1)
    TrainingSession.objects.update(starts_at=past, ends_at=past + timedelta(hours=2))  # days pass
    place = played.training.taken.get()
    lab.goto(f"{site}/places/{place.pk}/judge/")
    lab.locator("[name='outcome'][value='passed']").check()
    seen(lab)
    lab.locator("form.form button.button").first.click()
    lab.wait_for_load_state()


def _asked(page: Page, site: str, played: Played) -> Booking:
    """The earliest slot stands in the form; the price is told, then it is asked for."""
    page.goto(f"{site}/calendar/{played.instrument.pk}/")
    seen(page)
    page.goto(f"{site}/book/{played.instrument.pk}/")
    page.get_by_label("For how long").select_option("15")
    page.get_by_role("button", name="What does it cost?").click()
    page.wait_for_load_state()
    seen(page)
    assert "150.00" in page.locator("main table").inner_text()
    page.get_by_role("button", name="Ask for it").click()
    page.wait_for_load_state()
    assert "The slot is kept for you" in page.locator("body").inner_text()
    seen(page)
    return Booking.objects.get()


def _approved(lab: Page, site: str) -> None:
    """On the phone of the lab manager: one tap."""
    lab.goto(f"{site}/requests/")
    seen(lab)
    assert lab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    lab.get_by_role("button", name="Approve").click()
    lab.wait_for_load_state()
    assert "Nobody waits" in lab.locator("main").inner_text()


def _used(page: Page, site: str, played: Played) -> None:
    """By the code on the instrument, with a phone."""
    page.set_viewport_size(PHONE)
    page.goto(f"{site}/use/{played.instrument.pk}/")
    seen(page)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_load_state()
    page.get_by_role("link", name="End the use").click()
    page.wait_for_load_state()
    seen(page)
    page.get_by_role("button", name="End the use").click()
    page.wait_for_load_state()
    assert Booking.objects.get().state == State.COMPLETED
    page.get_by_label("5 · very well").check()
    page.get_by_role("button", name="Send").click()
    page.wait_for_load_state()
    seen(page)


def _billed(lab: Page, page: Page, site: str, played: Played) -> None:
    """The month passes; the host issues, the payer reads."""
    following.catch_up("billing.charges")
    last = timezone.now().astimezone(INDIA).replace(day=1) - timedelta(days=2)
    with pgtrigger.ignore("billing.Charge:as_charged"):
        Charge.objects.update(happened_on=last.date())
    lab.goto(f"{site}/billing/institutions/{played.host.slug}/{last:%Y-%m}/{played.payer.slug}/")
    seen(lab)
    lab.get_by_role("button", name="Issue it").click()
    lab.wait_for_load_state()
    invoice = Invoice.objects.get()
    page.goto(f"{site}/invoices/{invoice.pk}/")
    page.wait_for_load_state()
    seen(page)
    told = page.locator("main").inner_text()
    assert invoice.serial in told
    charged = (
        Charge.objects.get().amount_inr
    )  # what was booked, and the minutes that it was begun before
    assert charged >= Decimal(150)
    assert f"{(charged * Decimal('1.18')).quantize(Decimal(1), ROUND_HALF_UP)}.00" in told
    assert page.request.get(f"{site}/invoices/{invoice.pk}/pdf/").body().startswith(b"%PDF")


def test_from_the_search_to_the_invoice(browser: Browser) -> None:
    played = _cast()
    with serving() as site:
        asha, manager = entered(browser, site, played.asha), entered(browser, site, played.lab)
        page, lab = asha.new_page(), manager.new_page()
        lab.set_viewport_size(PHONE)
        _found(page, site)
        _told_to_train(page)
        _trained(page, lab, site, played)
        booking = _asked(page, site, played)
        assert booking.state == State.REQUESTED
        _approved(lab, site)
        _used(page, site, played)
        _billed(lab, page, site, played)
        asha.close()
        manager.close()
