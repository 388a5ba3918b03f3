"""Every address of the areas with a table of their own × every role × its own and others' records."""

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from .doors import AREAS
from .matrix import Answer, agree, failed, opened, shut, walk

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", params=AREAS)
def area(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def answers(area: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> list[Answer]:
    with django_db_blocker.unblock(), transaction.atomic():
        found = list(walk(AREAS[area].DOORS, AREAS[area].places()))
        transaction.set_rollback(True)
    return found


def test_no_address_fails(answers: list[Answer]) -> None:
    assert failed(answers) == []


def test_nothing_opens_to_somebody_whose_roles_do_not_cover_it(answers: list[Answer]) -> None:
    assert opened(answers) == []


def test_everything_opens_to_those_whose_roles_cover_it(answers: list[Answer]) -> None:
    assert shut(answers) == []


def test_every_address_answers_as_in_the_table(area: str, answers: list[Answer]) -> None:
    agree(f"page_matrix_{area}.csv", answers)
