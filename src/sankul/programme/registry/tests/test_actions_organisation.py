from datetime import date

import pytest

from sankul.core.actions.constraints import refusing
from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.registry.actions import membership as memberships
from sankul.programme.registry.actions import organisation as actions
from sankul.programme.registry.models import Membership, Organisation
from sankul.programme.registry.rules import MembershipKind, OrganisationKind
from sankul.programme.registry.tests import makers
from sankul.programme.registry.tests.makers import AT

pytestmark = pytest.mark.django_db
ACADEMIA = OrganisationKind.ACADEMIA


def test_cluster_staff_register_an_organisation_with_its_ror_id() -> None:
    staff = makers.actor_with(Role.CLUSTER_STAFF, makers.cluster().scopes[0])
    made = actions.register(
        actor=staff,
        name="Indian Institute of Science",
        kind=ACADEMIA,
        ror="https://ror.org/04dese585",
        city="Bengaluru",
        at=AT,
    )
    assert (made.slug, made.ror) == ("indian-institute-of-science", "04dese585")
    event = Event.objects.get()
    assert (event.verb, event.scopes) == ("organisation.registered", [f"organisation:{made.pk}"])


def test_organisations_without_a_ror_id_stand_side_by_side() -> None:
    officer = makers.officer()
    for name in ("Alpha Works", "Beta Laboratory"):
        actions.register(actor=officer, name=name, kind=ACADEMIA, at=AT)
    assert Organisation.objects.filter(ror=None).count() == 2


def test_a_ror_id_with_wrong_check_digits_is_refused() -> None:
    with pytest.raises(Refused, match="“04dese586” is not a ROR id"):
        actions.register(
            actor=makers.officer(), name="Somewhere", kind=ACADEMIA, ror="04dese586", at=AT
        )
    assert not Organisation.objects.exists()


def test_a_ror_id_is_taken_once_whatever_is_said() -> None:
    taken = makers.organisation(name="Indian Institute of Science", ror="04dese585")
    with pytest.raises(actions.Duplicate, match="“Indian Institute of Science” has this") as error:
        actions.register(
            actor=makers.officer(),
            name="Tata Institute",
            kind=ACADEMIA,
            ror="04dese585",
            is_distinct=True,
            at=AT,
        )
    assert error.value.found == [taken]


def test_the_database_too_keeps_a_ror_id_from_being_taken_twice() -> None:
    makers.organisation(ror="04dese585")
    taken = {"registry_organisation_ror_key": "Another organisation has this ROR id."}
    with pytest.raises(Refused, match="Another organisation"), refusing(taken):
        makers.organisation(ror="04dese585")


@pytest.mark.parametrize(
    "name", ["Panjab University", "panjab university", "Punjab University", "Panjab Universty"]
)
def test_a_near_name_is_refused_with_what_it_may_be(name: str) -> None:
    taken = makers.organisation(name="Panjab University")
    makers.organisation(name="Indian Institute of Science")
    with pytest.raises(actions.Duplicate, match="may be registered already") as error:
        actions.register(actor=makers.officer(), name=name, kind=ACADEMIA, at=AT)
    assert error.value.found == [taken]


def test_an_alias_counts_as_a_name() -> None:
    taken = makers.organisation(name="Andhra Pradesh MedTech Zone")
    makers.name("AMTZ Vizag", organisation=taken)
    with pytest.raises(actions.Duplicate) as error:
        actions.register(actor=makers.officer(), name="AMTZ Vizag", kind=ACADEMIA, at=AT)
    assert error.value.found == [taken]


def test_another_organisation_of_a_near_name_is_registered_when_said_so() -> None:
    makers.organisation(name="Panjab University", slug="panjab-university")
    made = actions.register(
        actor=makers.officer(), name="Panjab University", kind=ACADEMIA, is_distinct=True, at=AT
    )
    assert made.slug == "panjab-university-2"


def test_a_name_in_devanagari_gets_an_address() -> None:
    made = actions.register(actor=makers.officer(), name="पुणे विद्यापीठ", kind=ACADEMIA, at=AT)
    assert made.slug == "organisation"


@pytest.mark.parametrize("role", [Role.APEX_MEMBER, Role.EVALUATOR])
def test_who_only_looks_on_registers_nothing(role: Role) -> None:
    actor = makers.actor_with(role, makers.programme().scopes[0])
    with pytest.raises(Forbidden):
        actions.register(actor=actor, name="X", kind=ACADEMIA, at=AT)


def admit(cluster: object, organisation: object, **fields: object) -> Membership:
    given = {
        "actor": makers.officer(),
        "cluster": cluster,
        "organisation": organisation,
        "kind": MembershipKind.MEMBER,
        "from_on": date(2024, 4, 1),
        "at": AT,
    }
    return memberships.admit(**given | fields)  # type: ignore[arg-type]


def test_staff_of_the_cluster_admit_a_member_and_end_its_membership() -> None:
    cluster = makers.cluster()
    staff = makers.actor_with(Role.CLUSTER_STAFF, cluster.scopes[0])
    membership = admit(cluster, makers.organisation(), actor=staff)
    ended = memberships.end(actor=staff, membership=membership, on=date(2025, 3, 31), at=AT)
    assert ended.until_on == date(2025, 3, 31)
    assert [event.verb for event in Event.objects.all()] == [
        "membership.admitted",
        "membership.ended",
    ]


def test_staff_of_another_cluster_admit_nobody() -> None:
    staff = makers.actor_with(Role.CLUSTER_STAFF, makers.cluster().scopes[0])
    with pytest.raises(Forbidden):
        admit(makers.cluster(), makers.organisation(), actor=staff)


def test_a_member_is_admitted_once_at_a_time() -> None:
    cluster, organisation = makers.cluster(), makers.organisation()
    admit(cluster, organisation, until_on=date(2025, 3, 31))
    admit(cluster, organisation, from_on=date(2025, 4, 1))
    with pytest.raises(Refused, match="member in these days"):
        admit(cluster, organisation, from_on=date(2026, 1, 1))


def test_a_membership_does_not_end_before_it_begins() -> None:
    with pytest.raises(Refused, match="ends before it begins"):
        admit(makers.cluster(), makers.organisation(), until_on=date(2024, 3, 31))


@pytest.mark.parametrize(
    ("fictional_cluster", "reason"), [(True, "demonstration"), (False, "fictional")]
)
def test_real_and_fictional_do_not_mix(fictional_cluster: bool, reason: str) -> None:
    cluster = makers.cluster(makers.programme(is_demonstration=fictional_cluster))
    organisation = makers.organisation(is_demonstration=not fictional_cluster)
    with pytest.raises(Refused, match=reason):
        admit(cluster, organisation)


@pytest.mark.parametrize(
    ("until_on", "on", "reason"),
    [
        (None, date(2024, 3, 31), "ends before it begins"),
        (date(2025, 3, 31), date(2025, 6, 1), "ended already"),
    ],
)
def test_a_membership_ends_once_and_in_order(until_on: date, on: date, reason: str) -> None:
    membership = makers.membership(
        makers.cluster(), makers.organisation(), from_on=date(2024, 4, 1), until_on=until_on
    )
    with pytest.raises(Refused, match=reason):
        memberships.end(actor=makers.officer(), membership=membership, on=on, at=AT)


def test_staff_of_another_cluster_end_no_membership() -> None:
    membership = makers.membership(makers.cluster(), makers.organisation())
    staff = makers.actor_with(Role.CLUSTER_STAFF, makers.cluster().scopes[0])
    with pytest.raises(Forbidden):
        memberships.end(actor=staff, membership=membership, on=date(2025, 1, 1), at=AT)
