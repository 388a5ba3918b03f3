"""Schemas made from declared facts: one for the facts of each kind, told apart by the kind of the claim.

They say what a kind asks for and read JSON into values; what is fit to be kept is decided by ``rules.facts`` alone.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Union

from ninja import Field, Schema
from pydantic import ConfigDict, RootModel, create_model

from sankul.programme.outcomes.rules import KINDS, Fact, FactType, Kind, Unit
from sankul.programme.outcomes.rules.facts import ROWS_MAX, TEXT_MAX
from sankul.programme.outcomes.rules.identifiers import SCHEMES

Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""Any text that a database can keep."""
Amount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)]


class Strict(Schema):
    """Nothing but what is declared."""

    model_config = ConfigDict(extra="forbid")


TYPES: dict[FactType, Any] = {
    FactType.TEXT: Annotated[Text, Field(max_length=TEXT_MAX)],
    FactType.LONG_TEXT: Text,
    FactType.DATE: date,
    FactType.WHOLE: Annotated[int, Field(ge=0, lt=10**14)],
    FactType.DECIMAL: Amount,
    FactType.MONEY: Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=2)],
    FactType.PERCENT: Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)],
    FactType.URL: Annotated[Text, Field(examples=["https://example.org/page"])],
    FactType.COUNTRY: Annotated[str, Field(pattern=r"^[A-Za-z]{2}$", examples=["IN"])],
    FactType.LANGUAGE: Annotated[Text, Field(examples=["hi"])],
    FactType.ORGANISATIONS: list[Text],
}


def facts_of(kind: Kind) -> type[Schema]:
    """The schema of the facts of a kind. All of them may be left out of a draft."""
    return _model(f"FactsOf{_camel(kind.code)}", kind.facts)


def claim_of(kind: Kind, base: type[Schema]) -> type[Schema]:
    """The schema of a claim of a kind: ``base`` with the kind and its facts."""
    facts = facts_of(kind)
    fields: dict[str, Any] = {
        "kind": (Literal[kind.code], ...),
        "facts": (facts, Field(default_factory=facts, description=_asked(kind))),
    }
    made: type[Schema] = create_model(
        f"{_camel(kind.code)}{base.__name__}", __base__=base, __doc__=str(kind.title), **fields
    )
    return made


def claim_of_any_kind(base: type[Schema]) -> Any:
    """A claim of one of the kinds, told apart by ``kind``."""
    of_kinds: Any = tuple(claim_of(kind, base) for kind in KINDS.values())
    one_of: Any = Annotated[Union[of_kinds], Field(discriminator="kind")]  # noqa: UP007  of a tuple
    model: Any = RootModel
    return model[one_of]


def _model(name: str, facts: tuple[Fact, ...]) -> type[Schema]:
    fields: dict[str, Any] = {
        fact.code: (_type(name, fact) | None, Field(None, description=_told(fact)))
        for fact in facts
    }
    made: type[Schema] = create_model(name, __base__=Strict, **fields)
    return made


def _type(name: str, fact: Fact) -> Any:
    match fact.type:
        case FactType.TABLE:
            row = _model(f"{name}{_camel(fact.code)}Row", fact.columns)
            return Annotated[list[row], Field(max_length=ROWS_MAX)]  # type: ignore[valid-type]
        case FactType.CHOICE:
            return Literal[tuple(code for code, _title in fact.choices)]
        case FactType.IDENTIFIER:
            return Annotated[Text, Field(examples=[SCHEMES[fact.scheme].example])]
    return TYPES[fact.type]


def _told(fact: Fact) -> str:
    parts = [str(fact.title), str(fact.unit and f"in {fact.unit}"), str(fact.ask)]
    parts.append("asked for before the claim is submitted" if fact.required else "")
    if fact.needed_when:
        other, values = fact.needed_when
        parts.append(f"asked for where {other} is {' or '.join(values) or 'given'}")
    return ". ".join(part for part in parts if part)


def _asked(kind: Kind) -> str:
    needed = ", ".join(fact.code for fact in kind.facts if fact.required)
    return f"Before it is submitted: {needed}"


def _camel(code: str) -> str:
    return "".join(part.title() for part in code.split("_"))


class AskedFactOut(Schema):
    """A fact that a kind of claim asks for."""

    code: str
    title: str
    type: FactType
    required: bool = Field(description="Whether it is asked for before a claim is submitted")
    needed_when: str = Field(description="Where else it is asked for, such as stage = phase_1")
    unit: str
    ask: str
    choices: dict[str, str] = Field(description="Codes with their titles")
    scheme: str = Field(description="Scheme of an identifier")
    columns: list[AskedFactOut] = Field(description="Columns of a table")

    @classmethod
    def told(cls, fact: Fact) -> AskedFactOut:
        """A declared fact."""
        other, values = fact.needed_when or ("", ())
        return cls(
            code=fact.code,
            title=str(fact.title),
            type=fact.type,
            required=fact.required,
            needed_when=f"{other} = {' or '.join(values) or 'given'}" if other else "",
            unit=str(fact.unit),
            ask=str(fact.ask),
            choices={code: str(title) for code, title in fact.choices},
            scheme=fact.scheme,
            columns=[cls.told(column) for column in fact.columns],
        )


class KindOut(Schema):
    """A kind of claim and what its evidence says."""

    code: str
    outcome: int
    title: str
    unit: Unit
    ask: str = Field(description="What its quantity counts")
    rests_on: list[str] = Field(description="Kinds of claims that such a claim can rest on")
    link_suffices: bool = Field(description="Whether a web address alone is evidence")
    facts: list[AskedFactOut]

    @classmethod
    def told(cls, kind: Kind) -> KindOut:
        """A declared kind."""
        return cls(
            code=kind.code,
            outcome=kind.outcome,
            title=str(kind.title),
            unit=kind.unit,
            ask=str(kind.ask),
            rests_on=list(kind.rests_on),
            link_suffices=kind.link_suffices,
            facts=[AskedFactOut.told(fact) for fact in kind.facts],
        )
