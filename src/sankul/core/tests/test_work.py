"""Background work: asked for, followed, ended, seen by its asker alone."""

import pytest
from django.test import Client

from sankul.core.actions import work
from sankul.core.models import User, Work
from sankul.core.rules.verdicts import Refused

from . import makers

pytestmark = [pytest.mark.django_db, pytest.mark.urls("sankul.core.tests.urls")]


def _ask(user: User | None = None, **fields: object) -> Work:
    asked = work.ask(
        user=user or makers.user(), title="Evaluation of 2025-26", at=makers.AT, total=4
    )
    Work.objects.filter(pk=asked.pk).update(**fields)
    return asked


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_work_waits_until_somebody_does_it() -> None:
    asked = _ask()
    assert (asked.state, asked.done, asked.total, asked.asked_at) == ("waiting", 0, 4, makers.AT)


def test_a_long_title_is_cut() -> None:
    assert len(work.ask(user=makers.user(), title="a" * 500, at=makers.AT).title) == 200


def test_work_tells_how_far_it_is_and_where_its_result_is() -> None:
    asked = _ask()
    with work.going_on(asked.pk) as (running, advance):
        assert Work.objects.get(pk=asked.pk).state == "running"
        advance(1)
        advance(2)
        assert Work.objects.get(pk=asked.pk).done == 3
        running.href = "/result/"
    done = Work.objects.get(pk=asked.pk)
    assert (done.state, done.href, done.message) == ("done", "/result/", "")
    assert done.ended_at is not None


def test_a_refusal_is_the_end_of_the_work_with_its_reason() -> None:
    asked = _ask()
    with work.going_on(asked.pk):
        raise Refused("Another evaluation is running now.")
    ended = Work.objects.get(pk=asked.pk)
    assert (ended.state, ended.message) == ("refused", "Another evaluation is running now.")
    assert ended.ended_at is not None


def _fail_halfway(asked: Work) -> None:
    with work.going_on(asked.pk) as (_work, advance):
        advance(3)
        raise RuntimeError("the disk is full")


def test_a_fault_is_told_and_passed_on_and_the_work_can_be_done_again() -> None:
    asked = _ask()
    with pytest.raises(RuntimeError, match="the disk is full"):
        _fail_halfway(asked)
    failed = Work.objects.get(pk=asked.pk)
    assert failed.state == "refused"
    assert "unexpected" in failed.message
    assert "disk" not in failed.message
    with work.going_on(asked.pk) as (_work, advance):
        assert Work.objects.get(pk=asked.pk).done == 0
        advance(4)
    done = Work.objects.get(pk=asked.pk)
    assert (done.state, done.done, done.message) == ("done", 4, "")


def test_only_the_asker_sees_the_page_of_the_work() -> None:
    asker = makers.user()
    asked = _ask(asker)
    assert _signed_in(asker).get(f"/work/{asked.pk}/").status_code == 200
    for client in (Client(), _signed_in(makers.user()), _signed_in(makers.officer().user)):
        assert client.get(f"/work/{asked.pk}/").status_code == 404


def test_there_is_no_page_for_work_that_nobody_asked_for() -> None:
    client = _signed_in(makers.user())
    assert client.get("/work/1/").status_code == 404
    assert client.get("/work/99999999999999999999/").status_code == 404


def test_the_page_is_read_and_never_posted_to() -> None:
    asker = makers.user()
    assert _signed_in(asker).post(f"/work/{_ask(asker).pk}/").status_code == 405


def test_the_page_asks_again_while_the_work_goes_on_and_then_no_more() -> None:
    asker = makers.user()
    asked, client = _ask(asker), _signed_in(asker)
    address = f"/work/{asked.pk}/"
    waiting = client.get(address).content.decode()
    assert "Evaluation of 2025-26" in waiting
    assert f'hx-get="{address}"' in waiting
    Work.objects.filter(pk=asked.pk).update(state="done", href="/result/")
    done = client.get(address).content.decode()
    assert "hx-get" not in done
    assert 'href="/result/"' in done


def test_the_page_tells_why_the_work_was_refused() -> None:
    asker = makers.user()
    asked = _ask(asker, state="refused", message="Wait for <it> to finish.")
    page = _signed_in(asker).get(f"/work/{asked.pk}/").content.decode()
    assert "Wait for &lt;it&gt; to finish." in page


def test_htmx_gets_the_part_that_changes() -> None:
    asker = makers.user()
    asked = _ask(asker)
    part = _signed_in(asker).get(f"/work/{asked.pk}/", headers={"HX-Request": "true"}).content
    assert b"<html" not in part
    assert b"Evaluation of 2025-26" in part
