"""The addresses of the shared facilities, and the records behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sankul.programme.facilities.models import (
    Closure,
    Facility,
    Instrument,
    Qualification,
    Service,
    Tariff,
    Ticket,
    TrainingPlace,
    TrainingSession,
)
from sankul.programme.facilities.rules import MANAGE_FACILITY, REPORT
from sankul.programme.facilities.tests import makers as made
from sankul.programme.registry.models import Cluster, Organisation, Programme
from sankul.programme.registry.tests import makers
from tests.matrix import Door

F = "facilities/<slug:organisation>/<slug:slug>/"
I = "instruments/<slug:organisation>/<slug:slug>/"  # noqa: E741  beside F and S, in the table of addresses
S = "services/<slug:organisation>/<slug:facility>/<slug:slug>/"
API = "api/instruments/<organisation>/<slug>"


@dataclass(frozen=True)
class Hall:
    """An institution with a facility that is shown and one that is not, and something of every kind in the latter."""

    programme: Programme
    cluster: Cluster
    organisation: Organisation
    shown: Facility
    hidden: Facility
    instrument: Instrument
    service: Service
    ticket: Ticket
    training: TrainingSession
    place: TrainingPlace
    closure: Closure
    tariff: Tariff
    qualification: Qualification
    known: Instrument
    known_training: TrainingSession


def places() -> dict[str, Hall]:
    """One's own institution, one of the cluster beside, and one of another programme."""
    here, elsewhere = makers.programme(), makers.programme()
    return {
        "own": _hall(makers.cluster(here)),
        "beside": _hall(makers.cluster(here)),
        "elsewhere": _hall(makers.cluster(elsewhere)),
    }


def _hall(cluster: Cluster) -> Hall:
    host = makers.organisation()
    makers.membership(cluster, host)
    hidden = made.facility(host, is_active=False)
    instrument = made.instrument(hidden)
    training = made.session(instrument)
    shown = made.facility(host)
    known = made.instrument(shown)
    return Hall(
        programme=cluster.programme,
        cluster=cluster,
        organisation=host,
        shown=shown,
        hidden=hidden,
        instrument=instrument,
        service=made.service(hidden),
        ticket=made.ticket(instrument),
        training=training,
        place=made.place(training),
        closure=made.closure(hidden),
        tariff=made.tariff(instrument),
        qualification=made.qualification(instrument, makers.user()),
        known=known,
        known_training=made.session(known),
    )


def _shown(hall: Hall) -> dict[str, Any]:
    return {"organisation": hall.organisation.slug, "slug": hall.shown.slug}


def _facility(hall: Hall) -> dict[str, Any]:
    return {"organisation": hall.organisation.slug, "slug": hall.hidden.slug}


def _instrument(hall: Hall) -> dict[str, Any]:
    return {"organisation": hall.organisation.slug, "slug": hall.instrument.slug}


def _known(hall: Hall) -> dict[str, Any]:
    return {"organisation": hall.organisation.slug, "slug": hall.known.slug}


def _service(hall: Hall) -> dict[str, Any]:
    of = {"organisation": hall.organisation.slug, "facility": hall.hidden.slug}
    return of | {"slug": hall.service.slug}


def _template(hall: Hall) -> dict[str, Any]:
    return _facility(hall) | {"form": "csv"}


def _number(name: str) -> Any:
    return lambda hall: {"number": getattr(hall, name).pk}


def _manage(record: str, fill: Any, *, changes: bool = True) -> list[Door]:
    """Somebody of the institution comes in."""
    return [Door(record, fill, needs=(MANAGE_FACILITY,), on=_of, changes=changes)]


def _of(hall: Hall) -> Any:
    return hall.organisation.scopes


def _seen(record: str, fill: Any) -> list[Door]:
    """What is not shown is seen by the institution's people alone."""
    return _manage(record, fill, changes=False)


def _anywhere(_hall: Hall) -> Any:
    return ()


def _use(record: str, fill: Any) -> list[Door]:
    """Whoever uses facilities for some organisation comes in."""
    return [Door(record, fill, needs=(REPORT,), on=_anywhere, changes=True)]


DOORS: dict[str, list[Door]] = {
    "facilities/": [Door()],
    "facilities/services/": [Door()],
    "facilities/<slug:organisation>/new/": _manage(
        "institution", lambda hall: {"organisation": hall.organisation.slug}
    ),
    "lab/": [Door("labs", needs=(MANAGE_FACILITY,), on=_anywhere)],
    F: [Door("shown", _shown), *_seen("not shown", _facility)],
    f"{F}codes/": _seen("facility", _facility),
    f"{F}import/": _manage("facility", _facility),
    f"{F}import/template.<slug:form>": _seen("facility", _template),
    **{
        f"{F}{word}/": _manage("facility", _facility)
        for word in ("edit", "hours", "close", "instrument", "service", "consumable")
    },
    I: _seen("not shown", _instrument),
    f"{I}pidinst.json": _seen("not shown", _instrument),
    f"{I}code.svg": _seen("not shown", _instrument),
    **{
        f"{I}{word}/": _manage("instrument", _instrument)
        for word in (
            "confirm",
            "withdraw",
            "edit",
            "rules",
            "photo",
            "hours",
            "close",
            "tariff",
            "ticket",
            "training",
            "qualify",
        )
    },
    **{f"{I}{word}/": _use("shown", _known) for word in ("report", "paper")},
    S: _seen("not shown", _service),
    **{f"{S}{word}/": _manage("service", _service) for word in ("edit", "tariff")},
    "tickets/<int:number>/": _seen("of what is not shown", _number("ticket")),
    "tickets/<int:number>/block/": _manage("ticket", _number("ticket")),
    "tickets/<int:number>/resolve/": _manage("ticket", _number("ticket")),
    "trainings/<int:number>/": _seen("of what is not shown", _number("training")),
    "trainings/<int:number>/enrol/": _use("shown", _number("known_training")),
    "trainings/<int:number>/leave/": _use("shown", _number("known_training")),
    "trainings/<int:number>/cancel/": _manage("training", _number("training")),
    "places/<int:number>/judge/": _manage("place", _number("place")),
    "closures/<int:number>/reopen/": _manage("closure", _number("closure")),
    "tariffs/<int:number>/end/": _manage("tariff", _number("tariff")),
    "qualifications/<int:number>/revoke/": _manage("qualification", _number("qualification")),
    "api/techniques": [Door()],
    "api/instruments": [Door()],
    API: _seen("not shown", _instrument),
    f"{API}/tariffs": _manage("not shown", _instrument),
    f"{API}/tickets": _manage("not shown", _instrument),
    "api/tickets": [Door()],
    "api/tickets/<number>": _seen("of what is not shown", _number("ticket")),
    "api/tickets/<number>/resolve": [
        Door("ticket", _number("ticket"), needs=(MANAGE_FACILITY,), on=_of, changes=True)
    ],
}
