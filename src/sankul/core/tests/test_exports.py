"""Datasets: the same rows whatever the form of the file."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import polars as pl
import pytest
from django.test import Client

from sankul.core.exports import FORMATS
from sankul.core.models import User
from sankul.core.rules.roles import Role, Scope, ScopeKind

from . import makers

pytestmark = [pytest.mark.django_db, pytest.mark.urls("sankul.core.tests.urls")]


def _body(form: str, user: User | None = None) -> bytes:
    client = Client()
    if user:
        client.force_login(user)
    return bytes(client.get(f"/roles.{form}").getvalue())


def _rows(form: str, user: User | None = None) -> list[dict[str, Any]]:
    body = _body(form, user)
    if form == "parquet":
        return pl.read_parquet(io.BytesIO(body)).to_dicts()
    if form == "xlsx":
        head, *lines = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0].values
        return [_from_cells(dict(zip(head, line, strict=True))) for line in lines]
    if form == "json":
        return [_typed(row) for row in json.loads(body)]
    return [_typed(row) for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))]


def _from_cells(row: dict[str, Any]) -> dict[str, Any]:
    until = row["until_on"]
    return row | {
        "holder": row["holder"] or "",
        "scope": Decimal(row["scope"]),
        "from_on": row["from_on"].date(),
        "until_on": until.date() if until else None,
    }


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    until = row["until_on"]
    return row | {
        "id": int(row["id"]),
        "scope": Decimal(row["scope"]),
        "active": row["active"] in (True, "True"),
        "from_on": date.fromisoformat(row["from_on"]),
        "until_on": date.fromisoformat(until) if until else None,
    }


@pytest.fixture
def held() -> list[dict[str, Any]]:
    """Three roles, with names that are hard on file formats."""
    names = ("Asha, “A”", 'two\nlines "quoted"', "")
    made = []
    for number, name in enumerate(names, 1):
        grant = makers.grant(
            makers.user(name=name), Role.CLUSTER_STAFF, Scope(ScopeKind.CLUSTER, number),
            until_on=date(2026, 11, 22) if number == 1 else None,
        )  # fmt: skip
        made.append(
            {
                "id": grant.pk,
                "holder": name,
                "role": "cluster_staff",
                "scope": Decimal(number),
                "active": True,
                "from_on": date(2020, 1, 1),
                "until_on": grant.until_on,
            }
        )
    return made


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_of_a_dataset_holds_the_same_rows(held: list[dict[str, Any]], form: str) -> None:
    assert _rows(form) == held


@pytest.mark.parametrize("form", FORMATS)
def test_a_dataset_without_rows_is_a_file_all_the_same(form: str) -> None:
    assert _rows(form) == []


def test_a_spreadsheet_holds_its_dictionary_and_keeps_its_heading_in_sight(
    held: list[dict[str, Any]],
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(_body("xlsx")))
    assert book.sheetnames == ["Roles", "About"]
    assert book["Roles"].freeze_panes == "A2"
    assert book["Roles"].auto_filter.ref == f"A1:G{len(held) + 1}"
    about = list(book["About"].values)
    assert about[:3] == [
        ("column", "type", "meaning"),
        ("id", "whole number", "number"),
        ("holder", "text", "who holds it"),
    ]
    assert about[-1] == ("table", "Roles", "Who holds which role.")


def test_an_empty_parquet_file_has_its_columns() -> None:
    frame = pl.read_parquet(io.BytesIO(_body("parquet")))
    assert frame.schema == {
        "id": pl.Int64,
        "holder": pl.String,
        "role": pl.String,
        "scope": pl.Decimal(30, 10),
        "active": pl.Boolean,
        "from_on": pl.Date,
        "until_on": pl.Date,
    }


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("form", FORMATS)
def test_a_dataset_holds_what_its_reader_may_see(form: str) -> None:
    User.objects.filter(name="").update(is_active=False)
    assert len(_rows(form)) == 2
    assert len(_rows(form, makers.user())) == 3


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("json", "application/json"),
        ("parquet", "application/vnd.apache.parquet"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_dataset_is_told_as_a_file_of_its_name(form: str, kind: str) -> None:
    response = Client().get(f"/roles.{form}")
    assert response["Content-Type"] == kind
    assert response["Content-Disposition"] == f'attachment; filename="roles.{form}"'
    assert response.getvalue()


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("form", FORMATS)
def test_a_dataset_is_one_query_whatever_the_number_of_rows(
    form: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        _body(form)
