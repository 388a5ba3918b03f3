"""Texts are moderated, results released once, and claims rest on the release."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from sankul.core.queries.documents import readable
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.feedback.actions import counting, moderation, releasing
from sankul.programme.feedback.models import Cell, Comment, Survey
from sankul.programme.feedback.queries import results
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.tests import makers as registry

from . import makers

pytestmark = pytest.mark.django_db
AT = makers.AT


def counted(said: str = "", **fields: Any) -> Survey:
    """Six scientists say 4 of two clusters, three of industry 1; each cluster has an anchor."""
    survey, file = makers.opened(**fields)
    for cluster in survey.programme.clusters.all():
        registry.membership(cluster, registry.organisation(), kind="anchor")
    for _number in range(6):
        makers.answered(survey, value=4, said={"besides": said} if said else None)
    for _number in range(3):
        makers.answered(survey, "industry", 1)
    makers.closed(survey)
    actor = makers.evaluator(survey)
    counting.count(actor=actor, survey=survey, key_file=file, passphrase=makers.PASSPHRASE, at=AT)
    survey.refresh_from_db()
    return survey


def _release(survey: Survey) -> Survey:
    return releasing.release(actor=makers.evaluator(survey), survey=survey, at=AT)


def _rows(survey: Survey) -> list[dict[str, str]]:
    assert survey.release
    with survey.release.open() as file:
        return list(csv.DictReader(io.StringIO(file.read().decode())))


def test_the_release_is_a_document_with_the_protected_table() -> None:
    survey = _release(counted())
    rows = _rows(survey)
    assert len(rows) == Cell.objects.count() == 24
    scores = {
        (row["group"], row["state"], row["mean"]) for row in rows if row["question"] == "score"
    }
    assert scores == {
        ("scientists", "shown", "4.0000"),
        ("industry", "small", ""),
        ("all", "shown", "4.0000"),
        ("everybody", "complementary", ""),
    }


def test_scores_of_groups_become_claims_of_the_evaluator() -> None:
    survey = _release(counted())
    claims = Claim.objects.filter(kind="feedback_score")
    assert claims.count() == 2
    claim = claims.first()
    assert claim
    assert claim.quantity == Decimal(4)
    assert (claim.status, claim.is_evidenced) == ("submitted", True)
    assert claim.facts == {"group": "scientists", "respondents": 6}
    assert claim.on == date(2026, 3, 31)
    assert claim.reference == f"360-{survey.period.label}-scientists"
    (attached,) = claim.attachments.all()
    assert attached.document
    with attached.document.open() as file:
        clusters = {row["cluster"] for row in csv.DictReader(io.StringIO(file.read().decode()))}
    assert clusters == {claim.cluster.slug}


def test_there_is_one_release() -> None:
    survey = _release(counted())
    with pytest.raises(Refused, match="one release a survey"):
        _release(survey)


def test_nothing_is_released_before_the_count() -> None:
    survey, _file = makers.opened()
    with pytest.raises(Refused, match="before the ballots are counted"):
        _release(survey)


def test_the_office_releases_nothing() -> None:
    survey = counted()
    with pytest.raises(Forbidden, match="Evaluator"):
        releasing.release(actor=makers.officer(survey), survey=survey, at=AT)


def test_a_cluster_without_members_stops_the_release() -> None:
    survey = counted()
    survey.programme.clusters.first().memberships.all().delete()
    with pytest.raises(Refused, match="had no member on 2026-03-31"):
        _release(survey)
    assert not Claim.objects.exists()


WRITES: list[Callable[[Survey], Any]] = [
    lambda s: s.cells.update(state="small", mean=None),
    lambda s: s.cells.all().delete(),
    lambda s: s.receipts.all().delete(),
    lambda s: s.turnouts.update(answered=1000),
    lambda s: Survey.objects.filter(pk=s.pk).update(released_at=None),
    lambda s: Survey.objects.filter(pk=s.pk).update(release=None),
]


@pytest.mark.parametrize("write", WRITES)
def test_the_database_keeps_what_is_released(write: Callable[[Survey], Any]) -> None:
    survey = _release(counted())
    with pytest.raises(Exception, match=r"Cannot update|are released"), transaction.atomic():
        write(survey)


def test_before_the_release_only_the_evaluator_sees_results() -> None:
    survey = counted()
    cluster = survey.programme.clusters.first()
    assert results.clusters_seen(makers.evaluator(survey), survey).count() == 2
    for actor in (
        makers.officer(survey),
        registry.actor_with(Role.APEX_MEMBER, *survey.programme.scopes),
        registry.actor_with(Role.CLUSTER_CEO, cluster.scopes[0]),
        registry.public(),
    ):
        assert not results.clusters_seen(actor, survey).exists()


def test_after_the_release_a_cluster_sees_its_own_results() -> None:
    survey = _release(counted())
    cluster = survey.programme.clusters.first()
    ceo = registry.actor_with(Role.CLUSTER_CEO, cluster.scopes[0])
    assert list(results.clusters_seen(ceo, survey)) == [cluster]
    assert results.clusters_seen(makers.officer(survey), survey).count() == 2
    assert not results.clusters_seen(registry.public(), survey).exists()


def test_the_release_is_read_by_the_programme_and_in_an_open_period_by_everybody() -> None:
    survey = _release(counted())
    cluster = survey.programme.clusters.first()
    ceo = registry.actor_with(Role.CLUSTER_CEO, cluster.scopes[0])
    assert readable(makers.officer(survey)).filter(pk=survey.release_id).exists()
    assert not readable(ceo).filter(pk=survey.release_id).exists()
    assert not readable(registry.public()).filter(pk=survey.release_id).exists()
    survey.period.opened_at = AT
    survey.period.save()
    assert readable(registry.public()).filter(pk=survey.release_id).exists()


def _decide(comment: Comment, decision: str, **more: Any) -> Comment:
    actor = more.pop("actor", None) or makers.evaluator(comment.survey)
    return moderation.decide(actor=actor, comment=comment, decision=decision, at=AT, **more)


def _comment() -> Comment:
    return Comment.objects.filter(survey=counted("Prof. Rao said so")).order_by("pk")[0]


def test_texts_wait_for_the_moderator_before_the_release() -> None:
    comment = _comment()
    with pytest.raises(Refused, match="6 texts wait"):
        _release(comment.survey)
    for one in comment.survey.comments.all():
        _decide(one, "kept")
    assert _release(comment.survey).status == "released"
    assert results.comments(Survey.objects.get(pk=comment.survey_id), []).count() == 6


def test_words_that_are_taken_out_are_gone() -> None:
    comment = _decide(_comment(), "redacted", words=["prof. rao"], reason="a name")
    assert comment.text == "█████ said so"
    assert not Comment.objects.filter(pk=comment.pk, text__icontains="Rao").exists()


def test_a_withheld_text_is_gone() -> None:
    comment = _decide(_comment(), "withheld", reason="tells who wrote")
    assert (comment.text, comment.state) == ("", "withheld")


@pytest.mark.parametrize(
    ("decision", "more", "reason"),
    [
        ("withheld", {}, "Give the reason"),
        ("redacted", {"words": ["Rao"]}, "Give the reason"),
        ("redacted", {"reason": "a name"}, "Name the words"),
        ("redacted", {"reason": "a name", "words": ["Iyer"]}, "“Iyer” is not in the text"),
    ],
)
def test_a_decision_that_is_not_whole_is_refused(
    decision: str, more: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        _decide(_comment(), decision, **more)


def test_a_text_is_decided_on_once() -> None:
    comment = _decide(_comment(), "kept")
    with pytest.raises(Refused, match="decided on already"):
        _decide(comment, "withheld", reason="second thoughts")


def test_the_office_does_not_moderate() -> None:
    comment = _comment()
    with pytest.raises(Forbidden, match="Evaluator"):
        _decide(comment, "kept", actor=makers.officer(comment.survey))


def test_after_the_release_no_text_is_decided_on() -> None:
    comment = _comment()
    for one in comment.survey.comments.all():
        _decide(one, "kept")
    _release(comment.survey)
    with pytest.raises(Refused, match="before the release"):
        _decide(comment, "withheld", reason="too late")
    with pytest.raises(IntegrityError, match="are released"), transaction.atomic():
        Comment.objects.update(text="Another")
