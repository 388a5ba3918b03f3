"""The links that stand on every page: worked out once a language, then only marked where one is."""

from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sankul.core.ui.base import Text
from sankul.core.ui.parts import Link


class Place(NamedTuple):
    """A page that is always near: the name of its address, its label, and whether only those signed in are led there.

    One is there below its address, and below those that ``also`` names.
    """

    name: str
    label: Text
    signed_in: bool = False
    also: tuple[str, ...] = ()


OF_FACILITIES = (
    "/instruments/", "/services/", "/lab/", "/tickets/", "/trainings/", "/book", "/requests/", "/orders/", "/use", "/kiosk/",
    "/calendar", "/access-to-facilities/", "/billing/", "/invoices/", "/disputes/",
)  # fmt: skip
PLACES = {
    "main": (
        Place("dashboard", _("Dashboard"), signed_in=True),
        Place("home", _("Home")),
        Place("clusters", _("Clusters")),
        Place("board", _("Portfolio")),
        Place("catalogue", _("Facilities"), also=OF_FACILITIES),
        Place("streams:fleet", _("Field"), also=("/streams/", "/alerts/")),
        Place("water-places", _("Water")),
        Place("rankings", _("Ranking")),
        Place("rounds", _("Rounds")),
        Place("verifications", _("Verification")),
        Place("panels", _("Expert panels"), signed_in=True),
    ),
    "foot": (
        Place("method", _("Method")),
        Place("data", _("Open data")),
        Place("api-docs", _("API")),
        Place("accessibility", _("Accessibility")),
        Place("gallery", _("Interface gallery")),
    ),
}


class _Item(NamedTuple):
    at: tuple[str, ...]
    plain: str
    marked: str
    """The same while one is there."""


def navigation(group: str, path: str, *, signed_in: bool) -> SafeString:
    """List items that lead to the places of a group, marked when the page is one of them or below it.

    What the site has no page for is left out.
    """
    where = get_urlconf() or settings.ROOT_URLCONF
    items = _items(group, signed_in, where, get_script_prefix(), get_language())
    lines = [one.marked if is_at(path, *one.at) else one.plain for one in items]
    return mark_safe("\n".join(lines))  # noqa: S308 - every part is escaped by ``item``


def is_at(path: str, href: str, *also: str) -> bool:
    """Whether a page is a place or below it, or below one of the others; nothing is below the home page."""
    return path == href if href == get_script_prefix() else path.startswith((href, *also))


def item(label: Text, href: str, *, current: bool) -> SafeString:
    """A list item with a link."""
    return format_html("<li>{}</li>", Link(label, href, current=current))


@lru_cache(maxsize=64)
def _items(group: str, signed_in: bool, *_by: str | None) -> list[_Item]:
    """Addresses and labels differ by what stands in ``_by``: the table of addresses, the prefix, the language."""
    shown = [place for place in PLACES[group] if signed_in or not place.signed_in]
    return [
        _Item(
            (href, *place.also),
            item(place.label, href, current=False),
            item(place.label, href, current=True),
        )
        for place in shown
        if (href := href_of(place.name))
    ]


def href_of(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named page, or nothing where the site does not have it."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""
