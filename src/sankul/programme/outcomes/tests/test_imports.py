"""Tables of claims: told line by line what is wrong, taken over as a whole or not at all, and safe to send twice."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.utils.translation import override

from sankul.core.actions import accounts
from sankul.core.models import Event, User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.tables import matched, opened
from sankul.programme.outcomes.actions import claims, imports
from sankul.programme.outcomes.actions.credit import Partner
from sankul.programme.outcomes.models import Attachment, Claim, Credit, Import
from sankul.programme.outcomes.queries import template
from sankul.programme.outcomes.rules import KINDS, ClaimStatus, CreditRole, FactType
from sankul.programme.outcomes.rules.imports import ImportState, columns, known
from sankul.programme.registry.models import Cluster, Organisation
from sankul.programme.registry.tests import makers

from . import makers as made

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster() -> Cluster:
    return makers.cluster(makers.programme(starts_on=date(2020, 4, 1)), slug="udayani")


@pytest.fixture
def member(cluster: Cluster) -> Organisation:
    organisation = makers.organisation(slug="iit-nagar", name="Institute of Nagar")
    makers.membership(cluster, organisation, from_on=date(2020, 4, 1))
    return organisation


@pytest.fixture
def staff(cluster: Cluster) -> Actor:
    return actor_of(makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0]), makers.AT)


HEAD = ["reference", "title", "date", "quantity", "partner_1_organisation", "partner_1_role"]


def _line(reference: str = "A-1", **given: Any) -> dict[str, Any]:
    sound = {
        "reference": reference,
        "title": "Film about lakes",
        "date": "2025-05-10",
        "quantity": "1",
        "partner_1_organisation": "iit-nagar",
        "partner_1_role": "led",
    }
    return sound | given


def _csv(*lines: dict[str, Any]) -> io.BytesIO:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(dict.fromkeys(key for line in lines for key in line)))
    writer.writeheader()
    writer.writerows(lines)
    return io.BytesIO(buffer.getvalue().encode())


def _receive(actor: Actor, cluster: Cluster, file: io.BytesIO, **given: Any) -> Import:
    defaults = {"kind": "government_partnership", "name": "claims.csv", "at": makers.AT}
    return imports.receive(actor=actor, cluster=cluster, file=file, **defaults | given)


def _checked(actor: Actor, cluster: Cluster, *lines: dict[str, Any], **given: Any) -> Import:
    batch = _receive(actor, cluster, _csv(*lines), **given)
    return imports.check(actor=actor, batch=batch, at=makers.AT)


def _applied(actor: Actor, cluster: Cluster, *lines: dict[str, Any], **given: Any) -> Import:
    batch = _checked(actor, cluster, *lines, **given)
    assert list(batch.found.values_list("line", "column", "wrong")) == []
    return imports.apply(actor=actor, batch=batch, at=makers.AT)


def _problems(batch: Import) -> list[tuple[int, str, str, str]]:
    return list(batch.found.values_list("line", "column", "value", "wrong"))


@pytest.mark.usefixtures("member")
def test_a_check_writes_no_claim_and_tells_how_many_there_would_be(
    staff: Actor, cluster: Cluster
) -> None:
    batch = _checked(staff, cluster, _line(), _line("A-2"))
    assert (batch.state, batch.rows, batch.fresh, batch.same) == (ImportState.SOUND, 2, 2, 0)
    assert not Claim.objects.exists()
    assert [event.verb for event in Event.objects.all()] == ["import.received"]


def test_all_lines_become_claims_with_credits_evidence_and_one_event(
    staff: Actor, cluster: Cluster, member: Organisation
) -> None:
    beside = makers.cluster(cluster.programme, slug="beside")
    city = makers.organisation(slug="city", name="City of Nagar")
    project = made.project(cluster, code="lakes")
    lines = [
        _line(
            title=" Accord on “lakes” ", date="31/05/2025", detail="two\nlines", project="LAKES",
            partner_1_share="60%", partner_2_organisation="city of nagar", partner_2_role="Contributed",
            partner_2_share="0.4", partner_2_cluster="beside", agreement="MoU 12", level="City or district",
            value_inr="₹ 12,34,567.50", starts_on="1-Apr-2025", documents="minutes.txt",
            links="https://example.org/a", proves="Signed paper",
        ),
        _line("A-2"),
    ]  # fmt: skip
    along = [("minutes.txt", io.BytesIO(b"They signed.\n"))]
    batch = _applied(staff, cluster, *lines, along=along)
    assert (batch.state, batch.fresh, batch.applied_by) == (ImportState.APPLIED, 2, staff.user)
    first = Claim.objects.get(reference="A-1")
    assert first.title == "Accord on “lakes”"
    assert (first.on, first.quantity, first.status) == (date(2025, 5, 31), Decimal(1), "draft")
    assert first.facts == {
        "agreement": "MoU 12", "level": "local", "value_inr": "1234567.5", "starts_on": "2025-04-01",
    }  # fmt: skip
    assert (first.project, first.recorded_by, first.recorded_at) == (project, staff.user, makers.AT)
    assert list(first.credits.values_list("cluster", "organisation", "role", "share")) == [
        (cluster.pk, member.pk, "led", Decimal("0.6")),
        (beside.pk, city.pk, "contributed", Decimal("0.4")),
    ]
    assert list(first.credits.values_list("kind", "on", "quantity", "stands")) == [
        ("government_partnership", date(2025, 5, 31), Decimal("0.6"), False),
        ("government_partnership", date(2025, 5, 31), Decimal("0.4"), False),
    ]
    evidence = first.attachments.get(document__isnull=False)
    assert (evidence.document.name, evidence.proves) == ("minutes.txt", "Signed paper")
    assert list(first.attachments.values_list("url", "suffices")) == [
        ("", True), ("https://example.org/a", False),
    ]  # fmt: skip
    assert first.is_evidenced
    assert not Claim.objects.get(reference="A-2").is_evidenced
    event = Event.objects.latest("seq")
    assert (event.verb, event.subject, event.actor) == (
        "claims.imported", f"import/{batch.pk}", staff.user,
    )  # fmt: skip
    assert f'"new":2,"rows":2,"same":0,"sha256":"{batch.sha256}"' in event.body


@pytest.mark.usefixtures("member")
def test_claims_are_submitted_at_once_where_that_is_asked(staff: Actor, cluster: Cluster) -> None:
    line = _line(agreement="MoU 12", level="local", links="https://example.org/a")
    _applied(staff, cluster, line, submits=True)
    claim = Claim.objects.get()
    assert (claim.status, claim.submitted_at) == (ClaimStatus.SUBMITTED, makers.AT)
    assert claim.credits.get().stands
    assert not claim.is_evidenced


@pytest.mark.usefixtures("member")
def test_what_is_imported_is_what_the_form_would_have_recorded(
    staff: Actor, cluster: Cluster, member: Organisation
) -> None:
    _applied(staff, cluster, _line(agreement="MoU 12", partner_1_share="1"))
    again = claims.draft(
        actor=staff, cluster=cluster, kind="government_partnership", reference="A-1",
        title="Film about lakes", on=date(2025, 5, 10), quantity=Decimal(1),
        partners=[Partner(cluster, member, CreditRole.LED)], facts={"agreement": "MoU 12"}, at=makers.AT,
    )  # fmt: skip
    assert again == Claim.objects.get()


@pytest.mark.usefixtures("member")
def test_the_same_table_again_changes_nothing(staff: Actor, cluster: Cluster) -> None:
    line = _line(agreement="MoU 12", quantity="1.0")
    _applied(staff, cluster, line)
    before = list(Claim.objects.values())
    again = _applied(staff, cluster, line | {"date": "10-May-2025"}, _line("A-2"))
    assert (again.fresh, again.same) == (1, 1)
    assert list(Claim.objects.filter(reference="A-1").values()) == before
    assert Claim.objects.count() == 2


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(
    "change",
    [{"title": "Another film"}, {"date": "2025-05-11"}, {"quantity": "2"}, {"detail": "More"},
     {"agreement": "MoU 13"}, {"partner_1_share": "0.5"}, {"partner_1_role": "enabled"}],
)  # fmt: skip
def test_other_content_under_a_reference_in_use_is_refused_with_its_line(
    staff: Actor, cluster: Cluster, change: dict[str, str]
) -> None:
    _applied(staff, cluster, _line(agreement="MoU 12"))
    batch = _checked(staff, cluster, _line("A-2"), _line(agreement="MoU 12") | change)
    assert _problems(batch) == [
        (3, "reference", "A-1",
         "The reference stands for another claim already: “Film about lakes”.")
    ]  # fmt: skip


WRONG: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
    ({"reference": ""}, ("reference", "", "It is empty.")),
    ({"title": ""}, ("title", "", "It is empty.")),
    ({"title": "x" * 251}, ("title", "x" * 200, "It is longer than 250 characters.")),
    ({"date": "yesterday"}, ("date", "yesterday", "This is no day.")),
    ({"date": ""}, ("date", "", "It is empty.")),
    ({"quantity": "many"}, ("quantity", "many", "This is no number.")),
    ({"quantity": "0"}, ("quantity", "0",
        "The quantity lies above 0. Where there was nothing, declare a nil return.")),
    ({"quantity": "1.5"}, ("quantity", "1.5", "The quantity is a whole number: agreements in force.")),
    ({"level": "village"}, ("level", "village",
        "Level of government: one of these is expected: local, state, union")),
    ({"value_inr": "-1"}, ("value_inr", "-1",
        "Value of the agreement: a number of 0 or more is expected")),
    ({"project": "none"}, ("project", "none", "There is no such project.")),
    ({"partner_1_organisation": "nobody"}, ("partner_1_organisation", "nobody",
        "There is no organisation “nobody”, or more than one of this name.")),
    ({"partner_1_role": "chief"}, ("partner_1_role", "chief", "This is no role.")),
    ({"partner_1_role": ""}, ("partner_1_role", "", "It is empty.")),
    ({"partner_1_organisation": ""}, ("partner_1_organisation", "", "It is empty.")),
    ({"partner_1_share": "1.2"}, ("partner_1_share", "1.2", "Each share lies above 0 and up to 1.")),
    ({"partner_1_cluster": "far"}, ("partner_1_cluster", "far", "The programme has no such cluster.")),
    ({"date": "2020-03-31"}, ("partner_1_organisation", "iit-nagar",
        "It was no member of the cluster on that day, so it cannot have led for it.")),
    ({"documents": "film.mp4"}, ("documents", "film.mp4", "There is no such document here.")),
    ({"documents": "ab" * 32}, ("documents", "ab" * 32,
        "There is no such document here, or none that you may read.")),
    ({"links": "javascript:alert(1)"}, ("links", "javascript:alert(1)",
        "a web address is expected, as in https://example.org/page")),
    ({"partner_2_organisation": "iit-nagar", "partner_2_role": "led"}, ("partner_1_organisation",
        "iit-nagar", "A partner stands here twice. Credit each once for a cluster.")),
    ({"partner_1_share": "0.6", "partner_2_organisation": "iit-nagar", "partner_2_role": "led",
      "partner_2_share": ""}, ("partner_1_share", "0.6",
        "Give the share of every partner, or leave all empty.")),
]  # fmt: skip


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(("change", "told"), WRONG)
def test_what_is_wrong_is_told_with_line_column_and_value(
    staff: Actor, cluster: Cluster, change: dict[str, Any], told: tuple[str, str, str]
) -> None:
    batch = _checked(staff, cluster, _line("A-0") | dict.fromkeys(change, ""), _line() | change)
    found = [one for one in _problems(batch) if one[0] == 3]
    assert found == [(3, *told)]
    assert batch.state == ImportState.WRONG


@pytest.mark.usefixtures("member")
def test_one_wrong_line_keeps_all_lines_out(staff: Actor, cluster: Cluster) -> None:
    batch = _checked(staff, cluster, _line(), _line("A-2", quantity="many"), _line("A-3"))
    assert (batch.state, batch.problems) == (ImportState.WRONG, 1)
    with pytest.raises(Refused, match=r"This table has problems\. Correct it"):
        imports.apply(actor=staff, batch=batch, at=makers.AT)
    assert not Claim.objects.exists()


@pytest.mark.usefixtures("member")
def test_a_reference_twice_in_a_table_is_told_with_both_lines(
    staff: Actor, cluster: Cluster
) -> None:
    batch = _checked(staff, cluster, _line(), _line("A-2"), _line())
    assert _problems(batch) == [(4, "reference", "A-1", "Line 2 has this reference already.")]


@pytest.mark.usefixtures("member")
def test_days_that_can_be_read_in_two_ways_keep_the_table_out(
    staff: Actor, cluster: Cluster
) -> None:
    batch = _checked(staff, cluster, _line(date="03/04/2025"), _line("A-2", date="04/05/2025"))
    assert _problems(batch) == [
        (2, "date", "03/04/2025",
         "In this column no day is above 12, so day and month cannot be told apart.")
    ]  # fmt: skip
    sound = _checked(staff, cluster, _line(date="03/04/2025"), _line("A-2", date="14/05/2025"))
    assert sound.state == ImportState.SOUND


@pytest.mark.usefixtures("member")
def test_a_submission_lacks_nothing_and_lies_within_the_programme(
    staff: Actor, cluster: Cluster
) -> None:
    lines = [_line(), _line("A-2", agreement="M", level="local", date="2027-01-01")]
    batch = _checked(staff, cluster, *lines, submits=True)
    assert [(line, column, wrong) for line, column, _v, wrong in _problems(batch)] == [
        (2, "agreement", "A claim that is submitted says: Agreement."),
        (2, "level", "A claim that is submitted says: Level of government."),
        (3, "date", "The date lies in the future: submit it when it has happened."),
    ]


def test_a_declaration_of_nothing_keeps_submitted_claims_out(
    staff: Actor, cluster: Cluster, member: Organisation
) -> None:
    period = makers.period(cluster.programme, 2025)
    made.nil_return(cluster, period, "government_partnership")
    line = _line(agreement="M", level="local")
    batch = _checked(staff, cluster, line, submits=True)
    assert [one[:2] for one in _problems(batch)] == [(2, "date")]
    assert "has declared that it had nothing of this kind" in _problems(batch)[0][3]
    assert _checked(staff, cluster, line).state == ImportState.SOUND


@pytest.mark.usefixtures("member")
def test_locked_periods_keep_submitted_claims_out(staff: Actor, cluster: Cluster) -> None:
    makers.period(cluster.programme, 2025)
    made.claim(cluster, on=date(2025, 6, 1))
    Claim.objects.update(locked_at=makers.AT)
    batch = _checked(staff, cluster, _line(agreement="M", level="local"), submits=True)
    assert [one[3] for one in _problems(batch)] == ["The claims of 2025-26 are locked."]


@pytest.mark.usefixtures("member")
def test_a_claim_rests_on_another_by_its_reference(staff: Actor, cluster: Cluster) -> None:
    patent = made.draft(cluster, kind="patent", reference="P-1")
    batch = _checked(
        staff, cluster, _line(rests_on="P-2"), _line("A-2", rests_on=""), kind="licence"
    )
    assert [one[:3] for one in _problems(batch)] == [(2, "rests_on", "P-2")]
    _applied(staff, cluster, _line(rests_on="P-1"), kind="licence")
    assert Claim.objects.get(reference="A-1").rests_on == patent


@pytest.mark.usefixtures("member")
def test_a_document_of_a_claim_that_one_may_see_is_cited_by_its_digest(
    staff: Actor, cluster: Cluster
) -> None:
    own = made.attachment(made.draft(cluster)).document
    foreign = made.attachment(made.draft(makers.cluster(cluster.programme))).document
    batch = _checked(staff, cluster, _line(documents=f"{own.sha256.upper()}; {foreign.sha256}"))
    assert [one[2] for one in _problems(batch)] == [foreign.sha256]
    _applied(staff, cluster, _line(documents=own.sha256))
    assert Claim.objects.get(reference="A-1").attachments.get().document == own


def test_a_table_in_a_cell_is_read_row_by_row(
    staff: Actor, cluster: Cluster, member: Organisation
) -> None:
    fact = next(f for f in KINDS["training_attendance"].facts if f.type == FactType.TABLE)
    values = " | ".join(
        "12" if column.type == FactType.WHOLE else "Institute" for column in fact.columns
    )
    line = _line(quantity="12", **{fact.code: f"{values}\n{values}; {values}"})
    _applied(staff, cluster, line, kind="training_attendance")
    rows = Claim.objects.get().facts[fact.code]
    assert len(rows) == 3
    assert rows[0] == {
        column.code: 12 if column.type == FactType.WHOLE else "Institute" for column in fact.columns
    }
    too_many = _line("A-2", quantity="12", **{fact.code: f"{values} | more"})
    batch = _checked(staff, cluster, too_many, kind="training_attendance")
    assert "has too many parts." in _problems(batch)[0][3]


def test_organisations_are_named_by_short_name_name_or_ror(
    staff: Actor, cluster: Cluster, member: Organisation
) -> None:
    makers.organisation(slug="twin-1", name="Twin")
    makers.organisation(slug="twin-2", name="Twin")
    for name in ("IIT-Nagar", "institute of nagar"):
        _applied(staff, cluster, _line(name, partner_1_organisation=name))
    assert set(Credit.objects.values_list("organisation", flat=True)) == {member.pk}
    batch = _checked(staff, cluster, _line("T", partner_1_organisation="Twin"))
    assert "or more than one of this name" in _problems(batch)[0][3]


def test_the_staff_of_another_cluster_can_neither_send_nor_apply(
    staff: Actor, cluster: Cluster, member: Organisation
) -> None:
    other = makers.cluster(cluster.programme)
    stranger = actor_of(makers.user_with(Role.CLUSTER_STAFF, other.scopes[0]), makers.AT)
    with pytest.raises(Forbidden):
        _receive(stranger, cluster, _csv(_line()))
    batch = _checked(staff, cluster, _line())
    for act in (imports.check, imports.apply):
        with pytest.raises(Forbidden):
            act(actor=stranger, batch=batch, at=makers.AT)
    with pytest.raises(Forbidden):
        _receive(staff, cluster, _csv(_line()), kind="feedback_score")


def test_an_import_of_somebody_who_left_is_not_applied(
    staff: Actor, cluster: Cluster, member: Organisation
) -> None:
    batch = _checked(staff, cluster, _line())
    assert staff.user
    accounts.close(actor=None, user=staff.user, at=makers.AT)
    gone = actor_of(User.objects.get(pk=staff.user.pk), makers.AT)
    with pytest.raises(Forbidden):
        imports.apply(actor=gone, batch=batch, at=makers.AT)
    assert not Claim.objects.exists()


@pytest.mark.usefixtures("member")
def test_what_changed_since_the_check_is_found_when_it_is_applied(
    staff: Actor, cluster: Cluster
) -> None:
    batch = _checked(staff, cluster, _line(), _line("A-2"))
    made.claim(cluster, reference="A-2", title="Somebody else's")
    with pytest.raises(Refused, match="Something has changed since the check"):
        imports.apply(actor=staff, batch=batch, at=makers.AT)
    batch.refresh_from_db()
    assert batch.state == ImportState.WRONG
    assert [one[:3] for one in _problems(batch)] == [(3, "reference", "A-2")]
    assert Claim.objects.count() == 1


@pytest.mark.usefixtures("member")
def test_a_table_is_taken_over_once(staff: Actor, cluster: Cluster) -> None:
    batch = _applied(staff, cluster, _line())
    with pytest.raises(Refused, match="taken over already"):
        imports.apply(actor=staff, batch=batch, at=makers.AT)
    with pytest.raises(Refused, match="taken over already"):
        imports.check(actor=staff, batch=batch, at=makers.AT)


@pytest.mark.usefixtures("member")
def test_an_unreadable_table_is_told_as_a_whole(staff: Actor, cluster: Cluster) -> None:
    batch = _receive(staff, cluster, io.BytesIO(b"%PDF-1.7"))
    imports.check(actor=staff, batch=batch, at=makers.AT)
    assert [(one[0], one[3]) for one in _problems(batch)] == [
        (0, "This is no table. Send a spreadsheet as XLSX, or a CSV text.")
    ]
    batch = _receive(staff, cluster, io.BytesIO(b"reference,titel,date\n"))
    imports.check(actor=staff, batch=batch, at=makers.AT)
    assert "did you mean “title”?" in _problems(batch)[0][3]
    batch = _receive(staff, cluster, io.BytesIO(b"reference,title,date\n"))
    imports.check(actor=staff, batch=batch, at=makers.AT)
    assert _problems(batch)[0][3] == "The table has a heading and no line."


@pytest.mark.usefixtures("member")
def test_a_table_too_large_is_refused_when_it_is_sent(
    staff: Actor, cluster: Cluster, settings: Any
) -> None:
    settings.DOCUMENT_MAX_BYTES = 2**20
    with pytest.raises(Refused, match=r"“claims.csv” is larger than 1 MB\. Send it in parts\."):
        _receive(staff, cluster, io.BytesIO(b"a" * (2**20 + 1)))
    with pytest.raises(Refused, match="is empty"):
        _receive(staff, cluster, io.BytesIO(b""))


@pytest.mark.usefixtures("member")
def test_progress_is_told_chunk_by_chunk(
    staff: Actor, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK_ROWS", 2)
    told: list[int] = []
    batch = _receive(staff, cluster, _csv(*(_line(f"A-{n}") for n in range(5))))
    imports.check(actor=staff, batch=batch, at=makers.AT, advance=told.append)
    assert told == [2, 2, 1]


@pytest.mark.usefixtures("member")
def test_the_number_of_queries_does_not_grow_with_the_lines(
    staff: Actor, cluster: Cluster, django_assert_num_queries: Any
) -> None:
    few = _receive(staff, cluster, _csv(_line()))
    many = _receive(staff, cluster, _csv(*(_line(f"B-{n}") for n in range(200))))
    with django_assert_num_queries(28) as first:
        imports.check(actor=staff, batch=few, at=makers.AT)
    with django_assert_num_queries(len(first.captured_queries)):
        imports.check(actor=staff, batch=many, at=makers.AT)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kinds_template_can_be_filled_in_and_read_back(
    kind: str, staff: Actor, cluster: Cluster, member: Organisation, tmp_path: Path
) -> None:
    path = template.spreadsheet(KINDS[kind], cluster, tmp_path / "t.xlsx")
    with path.open("rb") as file, opened(file, sheet="Claims") as table:
        places = matched(table.head, known(KINDS[kind]))
        assert set(places) == {one.name for one in columns(KINDS[kind])}
        assert [row.line for row in table.rows] == [2]
    text = template.text(KINDS[kind], cluster).encode()
    with opened(io.BytesIO(text)) as table:
        assert matched(table.head, known(KINDS[kind])) == places


@pytest.mark.parametrize("kind", [code for code in KINDS if code != "feedback_score"])
def test_the_example_of_a_template_is_sound_and_left_out(
    kind: str, staff: Actor, cluster: Cluster, member: Organisation
) -> None:
    text = template.text(KINDS[kind], cluster)
    batch = _receive(staff, cluster, io.BytesIO(text.encode()), kind=kind, submits=True)
    imports.check(actor=staff, batch=batch, at=makers.AT)
    assert _problems(batch) == [(0, "", "", "The table has a heading and no line.")]
    filled = io.BytesIO(text.replace("EXAMPLE-1", "A-1").encode())
    batch = _receive(staff, cluster, filled, kind=kind, submits=True)
    imports.check(actor=staff, batch=batch, at=makers.AT)
    assert _problems(batch) == []


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_a_template_in_any_language_is_read_in_any_other(
    language: str, cluster: Cluster, member: Organisation, tmp_path: Path
) -> None:
    kind = KINDS["patent"]
    with override(language):
        path = template.spreadsheet(kind, cluster, tmp_path / "t.xlsx")
    with override("en"), path.open("rb") as file, opened(file, sheet="Claims") as table:
        assert matched(table.head, known(kind))["reference"] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_columns_of_a_kind_can_be_taken_for_each_other(kind: str) -> None:
    found = [text.casefold() for one in known(KINDS[kind]) for text in (one.name, *one.aliases)]
    assert len(found) == len(set(found))


def test_a_template_says_what_to_do_and_offers_choices(
    cluster: Cluster, member: Organisation, tmp_path: Path
) -> None:
    path = template.spreadsheet(KINDS["patent"], cluster, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Claims", "Notes", "Organisations"]
    assert book["Organisations"]["A2"].value == "iit-nagar"
    rules = [rule.formula1 for rule in book["Claims"].data_validations.dataValidation]
    assert '"led,contributed,enabled"' in rules
    assert "Organisations!$A$2:$A$2" in rules
    assert book["Claims"]["A2"].value == "EXAMPLE-1"
    assert book["Claims"].freeze_panes == "B2"


def test_a_spreadsheet_filled_in_by_a_program_becomes_claims(
    staff: Actor, cluster: Cluster, member: Organisation, tmp_path: Path
) -> None:
    path = template.spreadsheet(KINDS["government_partnership"], cluster, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["Claims"]
    places = {one.name: at for at, one in enumerate(columns(KINDS["government_partnership"]), 1)}
    line = _line(date=date(2025, 5, 10), quantity=1, agreement="MoU 12", level="local")
    for name, value in line.items():
        sheet.cell(3, places[name], value)
    book.save(path)
    batch = _receive(staff, cluster, io.BytesIO(path.read_bytes()), name="t.xlsx")
    imports.check(actor=staff, batch=batch, at=makers.AT)
    assert (_problems(batch), batch.rows) == ([], 1)
    imports.apply(actor=staff, batch=batch, at=makers.AT)
    assert Claim.objects.get().facts == {"agreement": "MoU 12", "level": "local"}
    assert Attachment.objects.count() == 0


def test_the_answer_to_a_formula_names_its_cell(
    staff: Actor, cluster: Cluster, member: Organisation
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEAD)
    sheet.append(["A-1", "Film", date(2025, 5, 10), "=1+1", "iit-nagar", "led"])
    kept = io.BytesIO()
    book.save(kept)
    batch = _receive(staff, cluster, kept, name="t.xlsx")
    imports.check(actor=staff, batch=batch, at=makers.AT)
    assert _problems(batch)[0][3].startswith("Cell D2 holds a formula.")
