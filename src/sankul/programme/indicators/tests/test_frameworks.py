"""Frameworks: drafted from a file, approved by the apex committee, frozen."""

from decimal import Decimal

import pytest
from django.db.utils import ProgrammingError

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.indicators.actions import frameworks
from sankul.programme.indicators.models import Framework
from sankul.programme.indicators.queries.frameworks import default_source, in_force
from sankul.programme.indicators.tests.makers import SMALL, approved, draft
from sankul.programme.registry.tests import makers

pytestmark = pytest.mark.django_db


def test_the_default_framework_covers_the_twelve_outcomes_and_the_two_of_the_rules() -> None:
    framework = draft(makers.programme(), default_source())
    outcomes = [
        node.title for node in framework.nodes.order_by("position") if node.code[1:].isdigit()
    ]
    assert [int(title.split()[0]) for title in outcomes] == list(range(1, 15))
    assert framework.indicators.count() == 23
    assert all(
        node.indicators.exists() for node in framework.nodes.all() if node.code[1:].isdigit()
    )


def test_a_draft_keeps_the_tree_with_weights_and_goalposts() -> None:
    framework = draft(makers.programme())
    item = framework.indicators.get(code="own_share")
    assert item.node.code == "money"
    assert item.node.parent is not None
    assert item.node.parent.code == "index"
    assert (item.goalpost_low, item.goalpost_high) == (0, 1)
    assert item.denominator == "operating_cost"
    assert framework.coverage_floor == Decimal("0.6")
    assert Event.objects.get().verb == "framework.drafted"


def test_the_same_file_again_is_the_same_framework() -> None:
    programme = makers.programme()
    assert draft(programme) == draft(programme)
    assert Framework.objects.count() == 1


def test_a_changed_file_needs_a_new_version() -> None:
    programme = makers.programme()
    draft(programme)
    with pytest.raises(Refused, match="new version"):
        draft(programme, SMALL.replace("[0, 10]", "[0, 20]"))
    later = draft(programme, SMALL.replace("[0, 10]", "[0, 20]").replace('"1"', '"2"'))
    assert later.version == "2"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            SMALL.replace('"outreach_item"', '"likes"'),
            r"indicator items measure: 'likes' is not a measure",
        ),
        (
            SMALL.replace('"sum"', '"mode"', 1),
            r"indicator items statistic: 'mode' is not a statistic",
        ),
        (SMALL.replace('"operating_cost"', '"luck"'), r"indicator own_share denominator: 'luck'"),
        (SMALL.replace("[0, 10]", "[10, 0]"), "goalposts"),
        (SMALL.replace('id = "index"\n', 'id = "index"\nparent = "money"\n'), "cycle|root|above"),
        (SMALL.replace('parent = "outreach"', 'parent = "nowhere"'), "nowhere"),
        (SMALL.replace('unit = "items"', 'unit = "items"\nweight = -1'), "weight"),
        (SMALL + "\n[[indicator", "TOML|line"),
    ],
)
def test_a_wrong_framework_is_refused_with_the_place_and_nothing_is_written(
    wrong: str, told: str
) -> None:
    programme = makers.programme()
    with pytest.raises(Refused, match=told):
        draft(programme, wrong)
    assert not Framework.objects.exists()
    assert not Event.objects.exists()


def test_only_an_officer_drafts() -> None:
    programme = makers.programme()
    actor = makers.actor_with(Role.APEX_MEMBER, programme.scopes[0])
    with pytest.raises(Forbidden):
        frameworks.draft(actor=actor, programme=programme, source=SMALL, at=makers.AT)


def test_only_an_apex_member_of_the_programme_approves() -> None:
    programme = makers.programme()
    framework = draft(programme)
    decision = makers.decision(makers.meeting(makers.body(programme)))
    elsewhere = makers.actor_with(Role.APEX_MEMBER, makers.programme().scopes[0])
    for actor in (makers.officer(), elsewhere, makers.public()):
        with pytest.raises(Forbidden):
            frameworks.approve(actor=actor, framework=framework, decision=decision, at=makers.AT)
    member = makers.actor_with(Role.APEX_MEMBER, programme.scopes[0])
    done = frameworks.approve(actor=member, framework=framework, decision=decision, at=makers.AT)
    assert done.status == "approved"
    assert in_force(programme) == framework


def test_a_framework_is_approved_by_its_own_apex_committee() -> None:
    framework = draft(makers.programme())
    decision = makers.decision(makers.meeting(makers.body(makers.programme())))
    with pytest.raises(Refused, match="apex committee"):
        frameworks.approve(actor=None, framework=framework, decision=decision, at=makers.AT)


def test_an_approved_framework_is_not_approved_twice() -> None:
    framework = approved(makers.programme())
    assert framework.decision is not None
    with pytest.raises(Refused, match="frozen already"):
        frameworks.approve(
            actor=None, framework=framework, decision=framework.decision, at=makers.AT
        )


def test_the_database_itself_keeps_an_approved_framework_frozen() -> None:
    framework = approved(makers.programme())
    with pytest.raises(ProgrammingError, match="Cannot update"):
        Framework.objects.filter(pk=framework.pk).update(source="other")


def test_an_illustrative_framework_is_frozen_and_gives_way_to_an_approved_one() -> None:
    programme = makers.programme()
    shown = frameworks.illustrate(framework=draft(programme), at=makers.AT)
    assert in_force(programme) == shown
    assert shown.approved_at is None
    later = approved(programme, SMALL.replace('"1"', '"2"'))
    assert in_force(programme) == later
    with pytest.raises(Refused, match="frozen already"):
        frameworks.illustrate(framework=later, at=makers.AT)
