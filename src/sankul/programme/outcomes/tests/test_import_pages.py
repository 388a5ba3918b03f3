"""The pages of tables of claims: template, sending, what was found, taking over."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import openpyxl
import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from sankul.core.actions import tokens
from sankul.core.models import User, Work
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Role
from sankul.programme.outcomes import tasks
from sankul.programme.outcomes.models import Claim, Import
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers

from . import makers as made

pytestmark = pytest.mark.django_db
TABLE = (
    "reference,title,date,quantity,partner_1_organisation,partner_1_role,documents\n"
    "A-1,Accord,2025-05-10,1,iit-nagar,led,minutes.txt\n"
)


@pytest.fixture
def cluster() -> Cluster:
    cluster = makers.cluster(makers.programme(starts_on=date(2020, 4, 1)))
    organisation = makers.organisation(slug="iit-nagar")
    makers.membership(cluster, organisation, from_on=date(2020, 4, 1))
    return cluster


@pytest.fixture
def staff(cluster: Cluster, client: Client) -> User:
    user = makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0])
    client.force_login(user)
    return user


def _send(client: Client, cluster: Cluster, table: str = TABLE, **given: Any) -> Any:
    sent = {
        "cluster": cluster.pk,
        "kind": "government_partnership",
        "become": "drafts",
        "file": SimpleUploadedFile("claims.csv", table.encode()),
        "documents": [SimpleUploadedFile("minutes.txt", b"They met.\n")],
    }
    return client.post("/claims/import/", sent | given)


def _check(applies: bool = False) -> Import:
    tasks.check_import(
        work_id=Work.objects.latest("pk").pk, import_id=Import.objects.get().pk, applies=applies
    )
    return Import.objects.get()


def test_a_table_is_sent_checked_and_taken_over(
    client: Client, staff: User, cluster: Cluster
) -> None:
    page = client.get("/claims/import/?kind=government_partnership").content.decode()
    assert "/claims/import/government_partnership.xlsx" in page
    assert "What the columns mean" in page
    answer = _send(client, cluster)
    work = Work.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/work/{work.pk}/")
    batch = _check()
    work.refresh_from_db()
    assert (work.state, work.done, work.href) == ("done", 1, f"/claims/import/{batch.pk}/")
    page = client.get(work.href).content.decode()
    assert "Nothing is wrong." in page
    assert (
        "Take over 1 claim from “claims.csv”?" in client.get(f"{work.href}apply/").content.decode()
    )
    assert not Claim.objects.exists()
    assert client.post(f"{work.href}apply/").status_code == 302
    tasks.apply_import(work_id=Work.objects.latest("pk").pk, import_id=batch.pk)
    assert Claim.objects.get().attachments.get().document.name == "minutes.txt"
    assert "All lines are taken over." in client.get(work.href).content.decode()
    assert client.get(f"{work.href}apply/").status_code == 409


def test_problems_are_listed_and_can_be_taken_along(
    client: Client, staff: User, cluster: Cluster
) -> None:
    _send(client, cluster, TABLE + "A-2,=Accord,yesterday,many,nobody,led,\n")
    batch = _check()
    page = client.get(f"/claims/import/{batch.pk}/").content.decode()
    assert "Nothing was written." in page
    assert "This is no day." in page
    assert "&lt;time" not in page
    body = client.get(f"/claims/import/{batch.pk}/?as=csv").getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [(row["line"], row["column"], row["value"]) for row in rows] == [
        ("3", "date", "yesterday"),
        ("3", "quantity", "many"),
        ("3", "partner_1_organisation", "nobody"),
    ]
    assert client.get(f"/claims/import/{batch.pk}/apply/").status_code == 409
    assert client.post(f"/claims/import/{batch.pk}/again/").status_code == 302


def test_a_table_asked_for_through_to_the_end_is_taken_over_when_sound(
    client: Client, staff: User, cluster: Cluster
) -> None:
    _send(client, cluster)
    assert _check(applies=True).state == "applied"
    assert Claim.objects.count() == 1


def test_what_is_wrong_with_the_form_is_told(client: Client, staff: User, cluster: Cluster) -> None:
    answer = _send(client, cluster, file=SimpleUploadedFile("claims.csv", b""))
    assert answer.status_code == 422
    assert "“claims.csv” is empty." in answer.content.decode()
    answer = _send(client, cluster, documents=[SimpleUploadedFile("a.exe", b"MZ")])
    assert answer.status_code == 422
    assert "is not a file of a kind that is kept here" in answer.content.decode()
    assert _send(client, cluster, kind="feedback_score").status_code == 422
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("form", "start"), [("xlsx", b"PK"), ("csv", b"\xef\xbb\xbfreference,title,date,quantity")]
)
def test_a_template_is_a_file(
    client: Client, staff: User, cluster: Cluster, form: str, start: bytes
) -> None:
    answer = client.get(f"/claims/import/patent.{form}")
    assert answer["Content-Disposition"] == f'attachment; filename="patent-{cluster.slug}.{form}"'
    assert b"".join(answer).startswith(start)
    assert client.get("/claims/import/nothing.csv").status_code == 404
    assert client.get("/claims/import/patent.pdf").status_code == 404


def test_the_tables_of_a_cluster_are_its_own(client: Client, staff: User, cluster: Cluster) -> None:
    _send(client, cluster)
    batch = _check()
    stranger = makers.user_with(Role.CLUSTER_STAFF, makers.cluster(cluster.programme).scopes[0])
    client.force_login(stranger)
    for end in ("", "apply/"):
        assert client.get(f"/claims/import/{batch.pk}/{end}").status_code == 404
    assert client.post(f"/claims/import/{batch.pk}/again/").status_code == 404
    assert "claims.csv" not in client.get("/claims/import/").content.decode()
    assert _send(client, cluster).status_code == 422
    client.force_login(makers.user())
    assert client.get("/claims/import/").status_code == 403
    assert client.get("/claims/import/patent.csv").status_code == 403


def _token(user: User) -> dict[str, str]:
    at = timezone.now()
    made = tokens.create(
        actor=actor_of(user, at), name="Nightly", reads_only=False, at=at,
        expires_on=timezone.localdate(at) + timedelta(30),
    )  # fmt: skip
    return {"Authorization": f"Bearer {made.secret}"}


def _post(headers: dict[str, str], cluster: Cluster, query: str = "", **given: Any) -> Any:
    sent = {
        "programme": cluster.programme.slug,
        "cluster": cluster.slug,
        "kind": "government_partnership",
        "file": SimpleUploadedFile("claims.csv", TABLE.encode()),
        "documents": SimpleUploadedFile("minutes.txt", b"They met.\n"),
    }
    client = Client(enforce_csrf_checks=True, headers=headers)
    return client.post(f"/api/claims/import{query}", sent | given)


def test_a_program_sends_a_table_with_its_token(staff: User, cluster: Cluster) -> None:
    headers = _token(staff)
    answer = _post(headers, cluster)
    told = answer.json()
    assert (answer.status_code, told["state"], told["name"]) == (202, "waiting", "claims.csv")
    _check()
    client = Client(headers=headers)
    told = client.get(f"/api/imports/{told['id']}").json()
    assert (told["state"], told["rows"], told["fresh"]) == ("sound", 1, 1)
    assert not Claim.objects.exists()
    assert Client().get(f"/api/imports/{told['id']}").status_code == 404
    assert _post({}, cluster).status_code == 403
    assert Client().post("/api/claims/import").status_code == 401


def test_a_program_asks_for_the_table_to_be_taken_over(staff: User, cluster: Cluster) -> None:
    assert _post(_token(staff), cluster, "?dry_run=false").status_code == 202
    job = ProcrastinateJob.objects.get(task_name="outcomes.check_import")
    tasks.check_import(**job.args)
    assert Claim.objects.get().reference == "A-1"


def test_problems_are_told_page_by_page(staff: User, cluster: Cluster) -> None:
    headers = _token(staff)
    table = TABLE + "A-2,Accord,yesterday,many,nobody,led,\n"
    number = _post(headers, cluster, file=SimpleUploadedFile("a.csv", table.encode())).json()["id"]
    _check()
    client = Client(headers=headers)
    first = client.get(f"/api/imports/{number}/problems?limit=2").json()
    assert [(one["line"], one["column"]) for one in first["items"]] == [
        (3, "date"), (3, "quantity"),
    ]  # fmt: skip
    rest = client.get(f"/api/imports/{number}/problems?after={first['next']}").json()
    assert ([one["column"] for one in rest["items"]], rest["next"]) == (
        ["partner_1_organisation"], None,
    )  # fmt: skip


def test_a_program_is_refused_as_its_owner_would_be(staff: User, cluster: Cluster) -> None:
    headers = _token(staff)
    other = makers.cluster(cluster.programme)
    assert _post(headers, other).status_code == 403
    answer = _post(headers, Cluster(programme=cluster.programme, slug="nowhere"))
    assert answer.status_code == 409
    assert "has no cluster “nowhere”" in answer.json()["detail"]
    assert _post(headers, cluster, kind="nothing").status_code in (403, 409)
    assert not Import.objects.exists()


@pytest.mark.parametrize("form", ["xlsx", "parquet", "json", "csv"])
def test_the_list_of_claims_can_be_had_in_every_format(
    client: Client, staff: User, cluster: Cluster, form: str
) -> None:
    made.claim(cluster, kind="patent", facts={"office": "IN"}, title="=1+1", detail="")
    made.draft(cluster, kind="patent")
    made.claim(cluster)
    answer = client.get(f"/claims/?kind=patent&as={form}")
    assert answer["Content-Disposition"] == f'attachment; filename="claims.{form}"'
    body = b"".join(answer)
    if form == "parquet":
        rows = pl.read_parquet(io.BytesIO(body)).to_dicts()
        assert rows[0]["on"] == date(2025, 5, 10)
    elif form == "xlsx":
        head, *lines = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0].values
        rows = [dict(zip(head, line, strict=True)) for line in lines]
    elif form == "json":
        rows = json.loads(body)
    else:
        rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert [row["office"] or "" for row in rows] == ["IN", ""]
    assert rows[0]["title"] in ("=1+1", "'=1+1")
    assert {row["status"] for row in rows} == {"submitted", "draft"}
