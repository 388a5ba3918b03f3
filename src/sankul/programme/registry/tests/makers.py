"""Makers for tests of every area: each writes one sensible row with a unique name, and takes any field as a keyword.

They write rows directly, past rights and rules, so that a test states only what it is about.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from sankul.core.models import Document, Grant, User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import PLATFORM, Actor, Role, Scope
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

AT = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
"""The moment of tests: noon of 22 Nov 2026 in India."""
TODAY = date(2026, 11, 22)
_numbers = count(1)


def user(**fields: Any) -> User:
    """An account with no role."""
    number = next(_numbers)
    made = User(**{"email": f"person{number}@example.org", "name": f"Person {number}"} | fields)
    made.set_unusable_password()
    made.save()
    return made


def user_with(role: Role, scope: Scope = PLATFORM, **fields: Any) -> User:
    """An account that holds a role on a scope since 2020; ``fields`` are those of the grant."""
    made = user()
    Grant.objects.create(
        **{
            "user": made,
            "role": role,
            "scope_kind": scope.kind,
            "scope_id": scope.id,
            "from_on": date(2020, 1, 1),
            "granted_at": AT,
        }
        | fields
    )
    return made


def actor_with(role: Role, scope: Scope = PLATFORM, at: datetime = AT) -> Actor:
    """The actor for a new account that holds a role on a scope."""
    return actor_of(user_with(role, scope), at)


def public(at: datetime = AT) -> Actor:
    """The actor nobody signed in as."""
    return actor_of(None, at)


def officer(at: datetime = AT) -> Actor:
    """A programme officer of the whole platform."""
    return actor_with(Role.PROGRAMME_OFFICER, PLATFORM, at)


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


def document(content: bytes = b"", **fields: Any) -> Document:
    """A text file with its bytes in the document storage, different for each call unless ``content`` is given."""
    content = content or f"Document {next(_numbers)}\n".encode()
    defaults = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "name": "minutes.txt",
        "media_type": "text/plain",
        "size_bytes": len(content),
        "added_at": AT,
    }
    made = Document.objects.create(**defaults | fields)
    if not storages["documents"].exists(made.path):
        storages["documents"].save(made.path, ContentFile(content))
    return made


# the names above as seen from where a parameter has the same name
_programme, _entity, _person, _body, _meeting = programme, entity, person, body, meeting
