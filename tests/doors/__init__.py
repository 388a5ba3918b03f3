"""The addresses of areas that keep a table of their own: each module has ``DOORS`` and makes the ``places()`` behind them."""

from types import ModuleType

from . import alerts, billing, bookings, facilities, reviewing, sensorthings, streams, water

AREAS: dict[str, ModuleType] = {
    "alerts": alerts,
    "billing": billing,
    "bookings": bookings,
    "facilities": facilities,
    "reviewing": reviewing,
    "sensorthings": sensorthings,
    "streams": streams,
    "water": water,
}
