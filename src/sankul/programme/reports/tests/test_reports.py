"""Annual reports: what they tell, who makes them, and what stays as it was."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.utils import InternalError, NotSupportedError, ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.tests import makers as core
from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.rules import Phase
from sankul.programme.evaluation.tests import makers as evaluation
from sankul.programme.evaluation.tests import rounds
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.tests import makers
from sankul.programme.reports.actions import chapters, reports
from sankul.programme.reports.models import AnnualReport
from sankul.programme.reports.queries.contents import contents

pytestmark = pytest.mark.django_db


def published() -> Run:
    period, _clusters = evaluation.round_of_three()
    return evaluation.published(period)


def confirmed(run: Run, title: str, quantity: int, *, verified: int) -> Claim:
    """A claim of the strong cluster that a verifier confirmed in part or whole."""
    cluster = run.programme.clusters.get(slug="strong")
    claim = evaluation.evidenced(cluster, "outreach_item", quantity, title=title)
    status = "verified" if verified == quantity else "partly_verified"
    Claim.objects.filter(pk=claim.pk).update(
        status=status, verified_quantity=Decimal(verified), judged_at=makers.AT
    )
    return Claim.objects.get(pk=claim.pk)


def told_of(run: Run, slug: str) -> dict[str, Any]:
    told = contents(run, makers.AT)
    return next(one for one in told["clusters"] if one["slug"] == slug)


def test_highlights_are_confirmed_results_only_and_tell_what_was_claimed() -> None:
    run = published()
    confirmed(run, "Open night at the observatory", 40, verified=25)
    strong = told_of(run, "strong")
    (highlight,) = strong["highlights"]
    assert highlight["title"] == "Open night at the observatory"
    assert (highlight["quantity"], highlight["claimed"]) == ("25", "40")
    assert highlight["is_partly"] is True
    assert len(highlight["evidence"][0]["sha256"]) == 64
    assert told_of(run, "middling")["highlights"] == []


def test_ranks_and_scores_are_those_of_the_run() -> None:
    run = published()
    standing = run.standings.get(cluster__slug="strong")
    strong = told_of(run, "strong")["standing"]
    assert strong["rank"] == standing.rank == 1
    assert strong["score"] == standing.score
    assert told_of(run, "bare")["standing"]["rank"] is None


def test_the_report_takes_as_many_queries_for_one_confirmed_result_as_for_five() -> None:
    run = published()
    confirmed(run, "First", 2, verified=2)
    run = Run.objects.select_related("programme", "period", "framework__decision").get(pk=run.pk)
    with CaptureQueriesContext(connection) as few:
        contents(run, makers.AT)
    for number in range(4):
        confirmed(run, f"More {number}", 3 + number, verified=1)
    run = Run.objects.select_related("programme", "period", "framework__decision").get(pk=run.pk)
    with CaptureQueriesContext(connection) as many:
        contents(run, makers.AT)
    assert len(many) == len(few)


def test_contents_are_plain_data_and_equal_records_give_equal_contents() -> None:
    run = published()
    first, second = contents(run, makers.AT), contents(run, makers.AT)
    assert json.loads(json.dumps(first)) == second
    assert reports.digest_of(first) == reports.digest_of(second)


def test_the_pdf_is_tagged_and_marked_and_kept_under_its_digest(tmp_path: Any) -> None:
    run = published()
    confirmed(run, "Open night at the observatory", 40, verified=25)
    made = reports.make(actor=None, run=run, language="en", at=makers.AT)
    pdf = content(made)
    assert pdf.startswith(b"%PDF-")
    assert b"pdfuaid:part" in pdf  # it says of itself that it keeps to PDF/UA
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf)
    words = _text(path)
    if words is not None:
        assert "Open night" in words
        assert "25 of 40" in words


def content(made: AnnualReport) -> bytes:
    with made.document.open() as file:
        return file.read()


def _text(path: Any) -> str | None:
    """The words of a PDF, where the machine has a reader for it."""
    try:
        run = subprocess.run(
            ["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True
        )
    except FileNotFoundError:
        return None
    return run.stdout.decode()


def test_a_report_is_typeset_in_hindi() -> None:
    run = published()
    made = reports.make(actor=None, run=run, language="hi", at=makers.AT)
    assert content(made).startswith(b"%PDF-")
    assert made.language == "hi"


def test_equal_contents_are_one_report_and_changed_ones_another() -> None:
    run = published()
    first = reports.make(actor=None, run=run, language="en", at=makers.AT)
    again = reports.make(actor=None, run=run, language="en", at=makers.AT + timedelta(days=1))
    assert again == first
    confirmed(run, "Late but confirmed", 3, verified=3)
    other = reports.make(actor=None, run=run, language="en", at=makers.AT + timedelta(days=2))
    assert other != first
    assert AnnualReport.objects.count() == 2


def test_a_report_never_changes() -> None:
    made = reports.make(actor=None, run=published(), language="en", at=makers.AT)
    with pytest.raises((InternalError, ProgrammingError, NotSupportedError)):
        AnnualReport.objects.filter(pk=made.pk).update(language="hi")


def test_only_a_published_run_is_reported_on() -> None:
    period, _clusters = evaluation.round_of_three()
    run = evaluation.computed(period)
    with pytest.raises(Refused, match="not published"):
        reports.make(actor=None, run=run, language="en", at=makers.AT)


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="“xx” is no language"):
        reports.make(actor=None, run=published(), language="xx", at=makers.AT)


def test_cluster_staff_cannot_make_a_report() -> None:
    run = published()
    staff = core.actor_with(Role.CLUSTER_STAFF, run.programme.clusters.get(slug="strong").scopes[0])
    with pytest.raises(Forbidden, match="annual report"):
        reports.make(actor=staff, run=run, language="en", at=makers.AT)


def test_page_and_pdf_are_made_of_the_same_chapters() -> None:
    run = published()
    confirmed(run, "Open night at the observatory", 40, verified=25)
    made = reports.make(actor=None, run=run, language="en", at=makers.AT)
    page = Client().get(f"/reports/{run.programme.slug}/{run.period.label}/en/").content.decode()
    assert "Open night at the observatory" in page
    for chapter in chapters.chapters(made.contents):
        assert f'id="{chapter.anchor}"' in page


def test_hindi_chapters_speak_hindi() -> None:
    told = contents(published(), makers.AT)
    with translation.override("hi"):
        titles = [chapter.title for chapter in chapters.chapters(told)]
    assert titles[1] == "रैंकिंग"


def test_a_report_on_a_period_without_one_is_not_found() -> None:
    run = published()
    assert Client().get(f"/reports/{run.programme.slug}/{run.period.label}/en/").status_code == 404


def test_the_list_of_reports_offers_the_pdf() -> None:
    made = reports.make(actor=None, run=published(), language="en", at=makers.AT)
    page = Client().get("/reports/").content.decode()
    assert f"/documents/{made.document_id}/" in page


def test_the_checkpoint_of_the_seal_is_printed_on_the_report() -> None:
    played = rounds.at_phase(Phase.APPEALS)
    run = played.now.run
    assert run
    found = contents(run, makers.AT)["method"]["seal"]
    assert found == {"root": "ab" * 32, "checkpoint": "sankul"}
    pages = chapters.chapters(contents(run, makers.AT))
    assert ["Merkle root of the seal", "ab" * 32] in _rows(pages)
    assert ["Checkpoint of the seal, line by line", "sankul"] in _rows(pages)


def _rows(pages: list[chapters.Chapter]) -> list[list[str]]:
    """The rows of every table."""
    return [
        row
        for page in pages
        for part in page.parts
        if isinstance(part, chapters.Grid)
        for row in part.rows
    ]
