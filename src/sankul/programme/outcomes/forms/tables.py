"""Tables of facts as rows of small forms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms

from sankul.programme.outcomes.rules import Fact, FactType, Kind, Problem
from sankul.programme.outcomes.rules.facts import ROWS_MAX

from .fields import PREFIX, field_of, shown
from .rows import ROWS

if TYPE_CHECKING:
    BaseRows = forms.BaseFormSet[forms.Form]
else:
    BaseRows = forms.BaseFormSet


class Table(NamedTuple):
    """The table of one fact, and its rows as they are filled in."""

    fact: Fact
    rows: BaseRows

    @property
    def name(self) -> str:
        """Its name in the form, and its place on the page."""
        return f"{PREFIX}{self.fact.code}"

    def given(self) -> list[dict[str, Any]]:
        """Every row as it was typed, the empty ones too, so that a row keeps its number."""
        return [form.cleaned_data for form in self.rows.forms]


class Tables(NamedTuple):
    """The tables of a kind."""

    tables: tuple[Table, ...]

    def is_valid(self) -> bool:
        """Whether the rows can be read at all."""
        valid = [
            table.rows.is_valid() for table in self.tables
        ]  # each is asked, so that each shows its errors
        return all(valid)

    def errors(self) -> list[str]:
        """What is wrong with whole tables: rows that did not come, or too many."""
        return [
            f"{table.fact.title}: {error}"
            for table in self.tables
            for error in table.rows.non_form_errors()
        ]

    def given(self) -> dict[str, Any]:
        """What was typed, by the code of the fact."""
        return {table.fact.code: table.given() for table in self.tables}

    def mark(self, problem: Problem) -> None:
        """Put a problem beside the cell that has it."""
        for table in self.tables:
            match problem.place:
                case (table.fact.code, int(row), str(column)):
                    form = table.rows.forms[row - 1]
                    form.add_error(column if column in form.fields else None, problem.text)


def tables_of(kind: Kind, data: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> Tables:
    """The tables that a kind asks for, filled with what was sent, or else with what is kept."""
    asked = [fact for fact in kind.facts if fact.type == FactType.TABLE]
    return Tables(tuple(Table(fact, _rows(fact, data, facts)) for fact in asked))


def _rows(fact: Fact, data: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> BaseRows:
    columns = {column.code: column for column in fact.columns}
    initial = [
        {code: shown(columns[code], value) for code, value in row.items() if code in columns}
        for row in facts.get(fact.code, ())
    ]
    return _formset(fact)(data, prefix=f"{PREFIX}{fact.code}", initial=None if data else initial)


@cache
def _formset(fact: Fact) -> type[BaseRows]:
    fields = {column.code: field_of(column) for column in fact.columns}
    row: type[forms.Form] = type("FactRow", (forms.Form,), fields)
    return forms.formset_factory(row, extra=ROWS, max_num=ROWS_MAX, absolute_max=ROWS_MAX)
