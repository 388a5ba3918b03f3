"""``{% load ui %}``: the parts of ``sankul.core.ui`` as tags, and the formats as filters."""

import re
from collections.abc import Callable
from functools import cache
from importlib.metadata import version as installed_version
from typing import Any

from django.http import HttpRequest
from django.template import Context, Library
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from sankul.core import formats, ui
from sankul.core.ui.navigation import href_of, is_at, item, navigation

register = Library()
_TONES = {"success": ui.Tone.GOOD, "warning": ui.Tone.ATTENTION, "error": ui.Tone.PROBLEM}

for _filter in (formats.number, formats.percent, formats.inr, formats.inr_exact, formats.day):
    register.filter(_filter.__name__, _filter)
register.filter("moment", formats.moment)
register.filter("written", formats.written, expects_localtime=True)


def _tag(part: type[ui.Part]) -> Callable[..., ui.Part]:
    def make(*args: Any, **kwargs: Any) -> ui.Part:
        return part(*args, **kwargs)

    return make


for _part in (
    ui.Cards,
    ui.Confirm,
    ui.Crumbs,
    ui.Day,
    ui.Empty,
    ui.Errors,
    ui.Explanation,
    ui.Field,
    ui.Figure,
    ui.Form,
    ui.Link,
    ui.Moment,
    ui.Money,
    ui.Notice,
    ui.Pages,
    ui.Progress,
    ui.ScoreBar,
    ui.State,
    ui.Steps,
    ui.Summary,
    ui.Table,
    ui.Tabs,
    ui.Tasks,
    ui.Tiles,
):
    _name = re.sub(r"(?<!^)(?=[A-Z])", "_", _part.__name__).lower()
    register.simple_tag(_tag(_part), name=_name)


@register.simple_tag
def url_or_none(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named page, or nothing where the site does not have it."""
    return href_of(name, *args, **kwargs)


@register.simple_tag(takes_context=True)
def nav_item(context: Context, name: str, label: str) -> SafeString:
    """A list item that leads to a named page, marked when one is on it or below it.

    Nothing where the site does not have that page.
    """
    href = url_or_none(name)
    return item(label, href, current=is_at(_path(context), href)) if href else SafeString("")


@register.simple_tag(takes_context=True, name="navigation")
def _navigation(context: Context, group: str) -> SafeString:
    user = context.get("user")
    return navigation(group, _path(context), signed_in=bool(user and user.is_authenticated))


def _path(context: Context) -> str:
    request: HttpRequest | None = context.get("request")
    return request.path if request else ""


@register.simple_tag
@cache
def once(template_name: str) -> SafeString:
    """A template that says the same to everybody, drawn once in the life of a process."""
    return mark_safe(get_template(template_name).render())  # noqa: S308 - drawn by a template


@register.filter
def tone(level_tag: str) -> ui.Tone:
    """The state that a message of this level tells of."""
    return _TONES.get(level_tag, ui.Tone.UNKNOWN)


@register.simple_tag
@cache
def version() -> str:
    """The version of Sankul that runs."""
    return installed_version("sankul")
