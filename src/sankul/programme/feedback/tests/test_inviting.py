"""People are invited one by one or by a list, all of it or nothing."""

import pytest

from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.feedback.actions import inviting, lists
from sankul.programme.feedback.models import Invitation, Survey
from sankul.programme.feedback.rules import Invited, TwoGroups

from . import makers

pytestmark = pytest.mark.django_db
AT = makers.AT
HEAD = "name,email,group,clusters\n"


def _person(survey: Survey, group: str = "scientists", number: int = 0, **more: object) -> Invited:
    cluster = survey.programme.clusters.order_by("pk")[number]
    given = {"name": "A Rao", "email": "rao@example.org", "cluster_ids": frozenset({cluster.pk})}
    return Invited(group_id=survey.groups.get(code=group).pk, **given | more)  # type: ignore[arg-type]


def _invite(survey: Survey, *people: Invited) -> tuple[int, int]:
    return inviting.invite(actor=makers.officer(survey), survey=survey, people=people, at=AT)


def test_a_person_is_invited_for_a_group_and_clusters() -> None:
    survey = makers.draft()
    assert _invite(survey, _person(survey)) == (1, 0)
    made = Invitation.objects.get()
    assert (made.group.code, made.clusters.count(), made.is_answered) == ("scientists", 1, False)


def test_a_person_named_twice_rates_the_clusters_of_both() -> None:
    survey = makers.draft()
    _invite(survey, _person(survey))
    assert _invite(survey, _person(survey, number=1, email="RAO@example.org")) == (0, 1)
    assert Invitation.objects.get().clusters.count() == 2


def test_the_same_again_changes_nothing() -> None:
    survey = makers.draft()
    _invite(survey, _person(survey))
    assert _invite(survey, _person(survey)) == (0, 0)


def test_a_person_of_two_groups_answers_for_the_first() -> None:
    survey = makers.draft(two_groups=TwoGroups.PRIORITY)
    _invite(survey, _person(survey, "industry"), _person(survey, "scientists"))
    assert Invitation.objects.get().group.code == "scientists"


def test_or_is_refused_with_the_reason() -> None:
    survey = makers.draft(two_groups=TwoGroups.REFUSE)
    with pytest.raises(Refused, match=r"Line 3: rao@example\.org is invited for another group"):
        _invite(survey, _person(survey, "industry", line=2), _person(survey, "scientists", line=3))
    assert not Invitation.objects.exists()


def test_a_quota_is_kept() -> None:
    survey = makers.draft()
    survey.groups.filter(code="scientists").update(quota=1)
    with pytest.raises(Refused, match="would have 2 invited; its quota is 1"):
        _invite(survey, _person(survey), _person(survey, email="b@example.org"))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"email": "nobody"}, "Line 9: “nobody” is no e-mail address"),
        ({"name": ""}, "Line 9: rao@example.org has no name"),
        ({"cluster_ids": frozenset()}, "Line 9: rao@example.org has no cluster to rate"),
    ],
)
def test_a_person_who_cannot_be_asked_is_refused(given: dict[str, object], reason: str) -> None:
    survey = makers.draft()
    with pytest.raises(Refused, match=reason):
        _invite(survey, _person(survey, line=9, **given))


def test_who_has_answered_is_changed_no_more() -> None:
    survey, _file = makers.opened()
    person, _receipt = makers.answered(survey, clusters=survey.programme.clusters.all()[:1])
    with pytest.raises(Refused, match="has answered already"):
        _invite(survey, _person(survey, number=1, email=person.email))
    with pytest.raises(Refused, match="nobody can find it"):
        inviting.uninvite(actor=makers.officer(survey), invitation=person, at=AT)


def test_nobody_is_invited_to_a_closed_survey() -> None:
    survey, _file = makers.opened()
    makers.closed(survey)
    with pytest.raises(Refused, match="nobody can be invited any more"):
        _invite(survey, _person(survey))


def test_a_person_is_taken_out_with_the_links() -> None:
    survey, _file = makers.opened()
    person = makers.invitation(survey)
    makers.ticket(person)
    inviting.uninvite(actor=makers.officer(survey), invitation=person, at=AT)
    assert not Invitation.objects.exists()


def test_the_evaluator_does_not_invite() -> None:
    survey = makers.draft()
    with pytest.raises(Forbidden, match="Programme officer"):
        inviting.invite(
            actor=makers.evaluator(survey), survey=survey, people=[_person(survey)], at=AT
        )


def test_a_list_is_read_with_comma_or_semicolon() -> None:
    survey = makers.draft()
    one, two = survey.programme.clusters.values_list("slug", flat=True)
    rows = f"A Rao,rao@example.org,scientists,{one} {two}\n"
    semicolons = "﻿Name;Email;Group;Clusters;Language\nB;b@example.org;industry;" + one + ";hi\n"
    (first,) = lists.people((HEAD + rows).encode(), survey)
    (second,) = lists.people(semicolons.encode(), survey)
    assert (first.email, len(first.cluster_ids), first.line) == ("rao@example.org", 2, 2)
    assert (second.language, len(second.cluster_ids)) == ("hi", 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "lacks the columns: name, email, group, clusters"),
        (b"name,email\n", "lacks the columns: group, clusters"),
        (HEAD.replace("\n", ",phone\n").encode(), "unknown columns: phone"),
        (b"name,email,group,clusters,name\n", "names a column twice"),
        (HEAD.encode(), "names nobody"),
        (f"{HEAD}A,a@example.org\n".encode(), "Line 2 has 2 cells; the head has 4"),
        (f"{HEAD}A,a@example.org,martians,\n".encode(), "Line 2: there is no group “martians”"),
        (f"{HEAD}A,a@example.org,industry,mars\n".encode(), "Line 2: there is no cluster “mars”"),
        (f"{HEAD}A,\xff\n".encode("latin-1"), "not in UTF-8: byte 28"),
        (f'{HEAD}A,"a"b,c,d\n'.encode(), "Line 2 cannot be read"),
    ],
)
def test_a_wrong_list_is_refused_with_its_place(content: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        lists.people(content, makers.draft())
