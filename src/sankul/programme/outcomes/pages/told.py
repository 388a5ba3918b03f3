"""The facts of a claim, told: entries of a summary, tables, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from sankul.core import formats
from sankul.core.ui import Column, Day, Entry, Explanation, Formula, Link, Money, Summary, Table
from sankul.programme.outcomes.forms.fields import LANGUAGES
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import Fact, FactType
from sankul.programme.outcomes.rules.facts import COUNTRIES
from sankul.programme.outcomes.rules.local_content import Inclusion, Input, local_content

NUMBERS = frozenset({FactType.WHOLE, FactType.DECIMAL, FactType.MONEY, FactType.PERCENT})
AT = {
    "doi": "https://doi.org/",
    "orcid": "https://orcid.org/",
    "ror": "https://ror.org/",
}
"""Where identifiers of a scheme are resolved."""


def summary(claim: Claim) -> Summary | None:
    """The facts that are no tables; None where there are none."""
    entries = [
        Entry(fact.title, told(fact, claim.facts[fact.code]))
        for fact in claim.kind_of.facts
        if fact.code in claim.facts and fact.type != FactType.TABLE
    ]
    return Summary(entries) if entries else None


def tables(claim: Claim) -> list[Table]:
    """The facts that are tables."""
    return [
        _table(fact, claim.facts[fact.code])
        for fact in claim.kind_of.facts
        if fact.code in claim.facts and fact.type == FactType.TABLE
    ]


def told(fact: Fact, value: Any) -> Any:
    """A fact as a page shows it."""
    return TELL[fact.type](fact, value) if fact.type in TELL else value


def _number(fact: Fact, value: Any) -> str:
    return f"{formats.number(Decimal(value))} {fact.unit}".strip()


def _identifier(fact: Fact, value: str) -> Any:
    return Link(value, f"{AT[fact.scheme]}{value}") if fact.scheme in AT else value


def _organisations(fact: Fact, value: Sequence[str]) -> Any:
    links = (Link(slug, reverse("organisation", args=[slug])) for slug in value)
    return format_html_join(", ", "{}", ((link,) for link in links))


TELL: dict[FactType, Callable[[Fact, Any], Any]] = {
    FactType.MONEY: lambda fact, value: Money(Decimal(value)),
    FactType.PERCENT: lambda fact, value: f"{formats.number(Decimal(value))}{formats.SPACE}%",
    FactType.WHOLE: _number,
    FactType.DECIMAL: _number,
    FactType.DATE: lambda fact, value: Day(date.fromisoformat(value)),
    FactType.CHOICE: lambda fact, value: dict(fact.choices).get(value, value),
    FactType.URL: lambda fact, value: Link(value, value),
    FactType.COUNTRY: lambda fact, value: COUNTRIES.get(value, value),
    FactType.LANGUAGE: lambda fact, value: LANGUAGES.get(value, value),
    FactType.IDENTIFIER: _identifier,
    FactType.ORGANISATIONS: _organisations,
}


def explained(claim: Claim) -> Explanation | None:
    """Local content with its steps, where the claim is about that and says enough; None otherwise."""
    needed = {"price_inr", "indirect_taxes_inr"}
    if claim.kind != "local_content" or not needed <= claim.facts.keys():
        return None
    inputs = [_input(row) for row in claim.facts.get("inputs", ()) if "cost_inr" in row]
    found = local_content(
        price_inr=Decimal(claim.facts["price_inr"]),
        indirect_taxes_inr=Decimal(claim.facts["indirect_taxes_inr"]),
        inputs=inputs,
        on=claim.on,
    )
    steps = [
        Formula(
            _("Local content"),
            f"{found.percent}{formats.SPACE}%",
            _(
                "(price net of domestic indirect taxes − imported content with customs duty) ÷ price net of taxes"
            ),
            {
                _("price net of taxes"): Money(found.value_inr),
                _("imported content"): Money(found.imported_inr),
            },
        ),
        Formula(_("Class"), found.supplier_class.label, note=found.terms.source),
    ]
    return Explanation(_("Local content by the public-procurement order"), steps)


def _input(row: dict[str, Any]) -> Input:
    return Input(
        Decimal(row["cost_inr"]),
        Decimal(row.get("customs_duty_inr", 0)),
        Inclusion(row.get("how", Inclusion.IMPORTED)),
    )


def _table(fact: Fact, rows: Sequence[dict[str, Any]]) -> Table:
    columns = [
        Column(it.code, it.title, numeric=it.type in NUMBERS, unit=it.unit) for it in fact.columns
    ]
    lines = [dict(_cells(fact, row)) for row in rows]
    return Table(fact.title, columns, lines)


def _cells(fact: Fact, row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for column in fact.columns:
        value = row.get(column.code)
        if value is None:
            yield column.code, "–"
        elif column.type in (FactType.WHOLE, FactType.DECIMAL):
            yield column.code, formats.number(Decimal(value))
        else:
            yield column.code, told(column, value)
