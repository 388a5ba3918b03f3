"""What the HTML doors share: lists in the address bar, and CSV that no spreadsheet runs."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from sankul.core import doors
from sankul.core.doors import Listing, csv_download, harmless, listing
from sankul.core.models import Grant, User
from sankul.core.rules.roles import Role, Scope, ScopeKind

from . import makers

SORTS = {"name": "name", "seen": "seen_at"}


def _listing(address: str = "", queryset: Any = None, **options: Any) -> Listing:
    request = RequestFactory().get(f"/?{address}")
    rows = User.objects.all() if queryset is None else queryset
    return listing(request, rows, **{"search": ("name", "email"), "sorts": SORTS} | options)


def _names(found: Listing) -> list[str]:
    return [row.name for row in found.rows]


@pytest.fixture
def people(db: None) -> dict[str, User]:
    names = ("Chitra", "Asha", "Bina")
    made = {name: makers.user(name=name, email=f"{name}@example.org") for name in names}
    User.objects.filter(name="Bina").update(seen_at=makers.AT)
    return made


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("", ["Asha", "Bina", "Chitra"]),
        ("sort=-name", ["Chitra", "Bina", "Asha"]),
        ("sort=seen", ["Bina", "Chitra", "Asha"]),
        ("sort=-seen", ["Bina", "Asha", "Chitra"]),
        ("sort=password", ["Asha", "Bina", "Chitra"]),
        ("sort=-password", ["Asha", "Bina", "Chitra"]),
        ("q=SH", ["Asha"]),
        ("q=+bina%40+", ["Bina"]),
        ("q=%25", []),
        ("q=_", []),
        ("q=%00", ["Asha", "Bina", "Chitra"]),
        ("q=nobody", []),
        ("unknown=1", ["Asha", "Bina", "Chitra"]),
    ],
)
def test_a_list_is_searched_and_sorted_by_its_address(address: str, names: list[str]) -> None:
    found = _listing(address)
    assert _names(found) == names
    assert found.total == len(names)


@pytest.mark.usefixtures("people")
def test_rows_without_a_value_stand_last_in_both_directions() -> None:
    assert _names(_listing("sort=seen"))[0] == "Bina"
    assert _names(_listing("sort=-seen"))[0] == "Bina"


@pytest.mark.usefixtures("people")
def test_a_list_says_by_which_word_it_is_sorted() -> None:
    assert _listing("sort=-seen").sort == "-seen"
    assert _listing("sort=height").sort == "name"
    assert _listing("sort=--name").sort == "name"
    assert _listing("", default="-name").sort == "-name"
    assert _names(_listing("", default="-name")) == ["Chitra", "Bina", "Asha"]


@pytest.mark.usefixtures("people")
def test_a_long_search_is_cut() -> None:
    assert _listing(f"q={'a' * 500}").query == "a" * 100


@pytest.mark.usefixtures("people")
def test_a_list_that_is_not_searched_takes_no_notice_of_a_query() -> None:
    assert len(_listing("q=nobody", search=()).rows) == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("", 4),
        ("role=cluster_staff", 3),
        ("role=cluster_staff&scope=2", 1),
        ("role=king", 0),
        ("scope=two", 0),
        ("scope=99999999999999999999", 0),
        ("scope=1.5", 0),
        ("from=2026-04-01", 1),
        ("from=yesterday", 0),
        ("from=2026-02-31", 0),
        ("role=+", 4),
        ("role=%00", 4),
    ],
)
def test_a_list_is_filtered_and_a_value_that_cannot_be_is_nobodys(address: str, count: int) -> None:
    user = makers.user()
    for number in (1, 2, 3):
        makers.grant(user, Role.CLUSTER_STAFF, Scope(ScopeKind.CLUSTER, number))
    makers.grant(user, Role.PROGRAMME_OFFICER, from_on=date(2026, 4, 1))
    filters = {"role": "role", "scope": "scope_id", "from": "from_on"}
    found = _listing(
        address, Grant.objects.all(), search=(), sorts={"role": "role"}, filters=filters
    )
    assert (len(found.rows), found.total) == (count, count)
    assert found.is_narrowed == any(
        value.strip("\x00 ") for key, value in QueryDict(address).items() if key in filters
    )


@pytest.mark.django_db
def test_pages_follow_each_other_without_gap_or_overlap() -> None:
    for number in range(7):
        makers.user(name=f"Person {number // 3}")
    pages = [_listing(f"page={number}", page_rows=3) for number in (1, 2, 3)]
    assert [len(page.rows) for page in pages] == [3, 3, 1]
    assert len({row.pk for page in pages for row in page.rows}) == 7
    assert [(page.has_previous, page.has_next) for page in pages] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    assert {page.total for page in pages} == {7}


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("asked", "page", "rows"),
    [
        ("0", 1, 3),
        ("-1", 1, 3),
        ("", 1, 3),
        ("two", 1, 3),
        ("1.5", 1, 3),
        ("१", 1, 3),
        ("²", 1, 3),
        ("2", 2, 0),
        ("99999999999999999999999", 100_000, 0),
        ("9" * 5000, 100_000, 0),
    ],
)
def test_an_absurd_page_is_the_first_or_an_empty_one(asked: str, page: int, rows: int) -> None:
    found = _listing(f"page={asked}")
    assert (found.page, len(found.rows), found.total) == (page, rows, 3)


@pytest.mark.django_db
def test_the_count_stops_at_its_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "COUNT_CAP", 4)
    for number in range(4):
        makers.user(name=f"Person {number}")
    assert (_listing().total, _listing().is_capped) == (4, False)
    for number in range(4, 8):
        makers.user(name=f"Person {number}")
    assert (_listing().total, _listing().is_capped) == (5, True)


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_is_two_queries_whatever_the_number_of_rows(
    rows: int, django_assert_num_queries: Any
) -> None:
    for _number in range(rows):
        makers.user()
    with django_assert_num_queries(2):
        assert len(_listing("q=person&sort=-name").rows) == rows


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+91 80", "'+91 80"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1+1", "'＝1+1"),
        ("a=1", "a=1"),
        ("", ""),
        (-2, -2),
        (Decimal("-2.5"), Decimal("-2.5")),
        (None, None),
    ],
)
def test_a_cell_is_no_formula(cell: Any, shown: Any) -> None:
    assert harmless(cell) == shown


def test_csv_is_told_as_a_file_and_read_by_spreadsheets() -> None:
    response = csv_download(
        "claims.csv", ("title", "note"), [("=x", 'he said "a,b"'), ("नाम", None)]
    )
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="claims.csv"'
    content = b"".join(response)
    assert content.decode() == ('\ufefftitle,note\r\n\'=x,"he said ""a,b"""\r\nनाम,\r\n')


def test_csv_is_streamed_block_by_block() -> None:
    asked = 0

    def rows() -> Any:
        nonlocal asked
        for number in range(1200):
            asked = number
            yield (number, "x")

    blocks = iter(csv_download("a.csv", ("n", "x"), rows()))
    next(blocks)
    assert asked == 499
    rest = b"".join(blocks)
    read = list(csv.reader(io.StringIO(rest.decode())))
    assert (read[0], read[-1], len(read)) == (["500", "x"], ["1199", "x"], 700)
