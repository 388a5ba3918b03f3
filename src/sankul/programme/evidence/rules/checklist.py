"""What the evidence of a claim must show: one list for each kind, made of what the kind asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from sankul.programme.outcomes.rules import Kind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Item(NamedTuple):
    """One thing to see in the evidence: a code, and what it is."""

    code: str
    text: StrOrPromise


COMMON = (
    Item("result", _("The evidence is about this very result, not a like one")),
    Item("on", _("Its date is the date of the claim")),
    Item("quantity", _("It shows the quantity that is claimed")),
    Item("credit", _("Those who are credited had the part that is claimed")),
    Item("source", _("It comes from where it says, and nothing in it was changed")),
)


def checklist(kind: Kind) -> list[Item]:
    """What every claim must show, and each fact that this kind asks for."""
    return [*COMMON, *(Item(f"fact {it.code}", it.title) for it in kind.facts if it.required)]
