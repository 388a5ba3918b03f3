"""Makers for tests of every area: each writes one sensible row with a unique name, and takes any field as a keyword.

They write rows directly, past rights and rules, so that a test states only what it is about.
"""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from sankul.core.tests.makers import (
    AT,
    TODAY,
    actor_with,
    document,
    officer,
    public,
    user,
    user_with,
)
from sankul.programme.registry.models import (
    Body,
    Cluster,
    Decision,
    Fact,
    LegalEntity,
    Meeting,
    Membership,
    Name,
    Organisation,
    Period,
    Person,
    Post,
    Programme,
    Seat,
    Stewardship,
)
from sankul.programme.registry.rules import (
    BodyKind,
    EntityForm,
    FactTopic,
    MembershipKind,
    NameKind,
    OrganisationKind,
)

__all__ = [
    "AT",
    "TODAY",
    "actor_with",
    "body",
    "cluster",
    "decision",
    "document",
    "entity",
    "fact",
    "meeting",
    "membership",
    "name",
    "officer",
    "organisation",
    "period",
    "person",
    "post",
    "programme",
    "public",
    "seat",
    "stewardship",
    "user",
    "user_with",
]
_numbers = count(1)


def programme(**fields: Any) -> Programme:
    """A real programme that began in August 2020."""
    number = next(_numbers)
    defaults = {
        "slug": f"programme-{number}",
        "name": f"Programme {number}",
        "starts_on": date(2020, 8, 1),
    }
    return Programme.objects.create(**defaults | fields)


def period(programme: Programme | None = None, year: int = 2025, **fields: Any) -> Period:
    """The fiscal year that begins on 1 April of ``year``, not open to the public."""
    defaults = {
        "programme": programme or _programme(),
        "label": f"{year}-{(year + 1) % 100:02d}",
        "starts_on": date(year, 4, 1),
        "ends_on": date(year + 1, 3, 31),
    }
    return Period.objects.create(**defaults | fields)


def cluster(programme: Programme | None = None, **fields: Any) -> Cluster:
    """A cluster in some city, launched in 2021."""
    number = next(_numbers)
    defaults = {
        "programme": programme or _programme(),
        "slug": f"cluster-{number}",
        "name": f"Cluster {number}",
        "place": f"City {number}",
        "launched_on": date(2021, 1, 8),
    }
    return Cluster.objects.create(**defaults | fields)


def organisation(**fields: Any) -> Organisation:
    """A real academic institution without a ROR id."""
    number = next(_numbers)
    defaults = {
        "slug": f"organisation-{number}",
        "name": f"Organisation {number}",
        "kind": OrganisationKind.ACADEMIA,
    }
    return Organisation.objects.create(**defaults | fields)


def entity(**fields: Any) -> LegalEntity:
    """A Section 8 company."""
    defaults = {"name": f"Foundation {next(_numbers)}", "form": EntityForm.SECTION_8}
    return LegalEntity.objects.create(**defaults | fields)


def stewardship(cluster: Cluster, entity: LegalEntity | None = None, **fields: Any) -> Stewardship:
    """A legal entity running a cluster, with open ends."""
    return Stewardship.objects.create(cluster=cluster, entity=entity or _entity(), **fields)


def membership(cluster: Cluster, organisation: Organisation, **fields: Any) -> Membership:
    """A membership since 2021, still in force."""
    defaults = {"kind": MembershipKind.MEMBER, "from_on": date(2021, 4, 1)}
    return Membership.objects.create(
        cluster=cluster, organisation=organisation, **defaults | fields
    )


def name(text: str, **fields: Any) -> Name:
    """A name in use of the ``cluster``, ``entity`` or ``organisation`` given."""
    return Name.objects.create(name=text, **{"kind": NameKind.VARIANT} | fields)


def person(**fields: Any) -> Person:
    """A person without account and ORCID iD."""
    return Person.objects.create(**{"name": f"Dr Person {next(_numbers)}"} | fields)


def post(person: Person, **fields: Any) -> Post:
    """A CEO's post since 2021 at the ``cluster`` or ``organisation`` given."""
    defaults = {"title": "Chief Executive Officer", "from_on": date(2021, 4, 1)}
    return Post.objects.create(person=person, **defaults | fields)


def body(programme: Programme | None = None, **fields: Any) -> Body:
    """A programme's apex committee."""
    defaults = {
        "programme": programme or _programme(),
        "kind": BodyKind.APEX,
        "name": "Apex Committee",
    }
    return Body.objects.create(**defaults | fields)


def seat(body: Body, person: Person | None = None, **fields: Any) -> Seat:
    """A person sitting on a body since 2021."""
    defaults = {"capacity": "Member", "from_on": date(2021, 4, 1)}
    return Seat.objects.create(body=body, person=person or _person(), **defaults | fields)


def meeting(body: Body | None = None, **fields: Any) -> Meeting:
    """A meeting of a body in September 2026, without minutes."""
    defaults = {"body": body or _body(), "held_on": date(2026, 9, 15), "title": "Third meeting"}
    return Meeting.objects.create(**defaults | fields)


def decision(meeting: Meeting | None = None, **fields: Any) -> Decision:
    """A decision taken at a meeting."""
    defaults = {
        "meeting": meeting or _meeting(),
        "reference": f"D{next(_numbers)}",
        "text": "The evaluation framework is approved.",
    }
    return Decision.objects.create(**defaults | fields)


def fact(programme: Programme, **fields: Any) -> Fact:
    """A verified statement about a programme or one of its clusters."""
    defaults = {
        "topic": FactTopic.RESULTS,
        "statement": f"Statement {next(_numbers)}.",
        "source_title": "A newspaper",
        "source_url": "https://example.org/report",
        "as_of_on": TODAY,
    }
    return Fact.objects.create(programme=programme, **defaults | fields)


# the names above as seen from where a parameter has the same name
_programme, _entity, _person, _body, _meeting = programme, entity, person, body, meeting
