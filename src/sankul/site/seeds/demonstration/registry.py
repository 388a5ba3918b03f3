"""The registry of the demonstration: programme, periods, clusters, organisations, people, bodies, meetings, accounts."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from sankul.core.actions import documents
from sankul.core.models import Document, Grant, User
from sankul.core.rules.roles import Role, Scope, ScopeKind
from sankul.programme.registry.models import (
    Body,
    Cluster,
    Decision,
    Fact,
    FocusArea,
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
from sankul.programme.registry.rules import BodyKind, FactTopic, NameKind

from .cast import YEARS, bodies, cities, script
from .registers import Press
from .story import FIRST_YEAR

SLUG = "demonstration"
DOMAIN = "sankul.example"
DEMONSTRATION_PASSWORD = "Try-Sankul-2026"  # noqa: S105  a public password, of fictional accounts only
SINCE = date(2023, 4, 1)
VERIFIERS = ("verifier.indu", "verifier.rohan", "verifier.salma")
"""Accounts of verifiers, beside the evaluator's."""


@dataclass(frozen=True)
class Stage:
    """What the claims refer to, by slug and label."""

    programme: Programme
    periods: dict[str, Period]
    clusters: dict[str, Cluster]
    organisations: dict[str, Organisation]
    users: dict[str, User]


def accounts() -> list[tuple[str, Role, str, str]]:
    """Every account: e-mail address, role, whom or what the role is held on (a slug, or nothing), and what it can do."""
    found = [
        (
            "officer",
            Role.PROGRAMME_OFFICER,
            "",
            "changes the programme, grants roles, computes evaluations",
        ),
        ("apex", Role.APEX_MEMBER, "", "approves frameworks, publishes evaluations"),
    ]
    for city in cities():
        found += [
            (
                f"ceo.{city.slug}",
                Role.CLUSTER_CEO,
                city.slug,
                f"claims and nil returns of {city.place}",
            ),
            (f"staff.{city.slug}", Role.CLUSTER_STAFF, city.slug, f"claims of {city.place}"),
        ]
    found += [
        ("nodal", Role.NODAL_OFFICER, bodies()[0].slug, f"speaks for {bodies()[0].name}"),
        ("lab", Role.LAB_MANAGER, bodies()[0].slug, f"runs the labs of {bodies()[0].name}"),
        ("member", Role.MEMBER, bodies()[1].slug, f"books instruments for {bodies()[1].name}"),
        (
            "operator",
            Role.OPERATOR,
            cities()[0].slug,
            f"runs the field systems of {cities()[0].place}",
        ),
        (
            "evaluator",
            Role.EVALUATOR,
            "",
            "records feedback, sees all claims, computes evaluations",
        ),
        *((name, Role.EVALUATOR, "", "verifies claims of the sample") for name in VERIFIERS),
        ("reviewer", Role.REVIEWER, "", "reviews proposals"),
        ("applicant", Role.APPLICANT, "", "applies for grants"),
        ("respondent", Role.RESPONDENT, "", "answers the 360-degree feedback"),
    ]
    return [(f"{name}@{DOMAIN}", role, where, what) for name, role, where, what in found]


def stage(at: datetime) -> Stage:
    """Write the registry. ``at`` is when the documents and grants were recorded."""
    row = script()["programme"]
    programme = Programme.objects.create(
        slug=SLUG,
        name=row["name"],
        summary=row["summary"],
        starts_on=row["starts_on"],
        is_demonstration=True,
    )
    periods = {label: _period(programme, number) for number, label in enumerate(YEARS)}
    clusters = _clusters(programme)
    organisations = _organisations(clusters)
    users = _users(programme, clusters, organisations, at)
    _chiefs(clusters, users)
    _govern(programme, clusters, at)
    return Stage(programme, periods, clusters, organisations, users)


def _period(programme: Programme, number: int) -> Period:
    year = FIRST_YEAR + number
    return Period.objects.create(
        programme=programme,
        label=YEARS[number],
        starts_on=date(year, 4, 1),
        ends_on=date(year + 1, 3, 31),
        opened_at=timezone.make_aware(datetime.combine(date(year + 1, 6, 1), time(9))),
    )


def _clusters(programme: Programme) -> dict[str, Cluster]:
    names = sorted({focus for city in cities() for focus in city.focus})
    areas = {name: FocusArea.objects.create(programme=programme, name=name) for name in names}
    made = {}
    for city in cities():
        cluster = Cluster.objects.create(
            programme=programme,
            slug=city.slug,
            name=city.name,
            place=city.place,
            region=city.region,
            launched_on=city.launched_on,
        )
        cluster.focus_areas.set(areas[name] for name in city.focus)
        entity = LegalEntity.objects.create(
            name=city.entity, form=city.form, registered_on=city.launched_on - timedelta(days=40)
        )
        Stewardship.objects.create(cluster=cluster, entity=entity, from_on=city.launched_on)
        Name.objects.create(cluster=cluster, name=city.short, kind=NameKind.SHORT)
        Fact.objects.create(
            programme=programme,
            cluster=cluster,
            topic=FactTopic.RESULTS,
            statement=city.story,
            source_title="The story of the demonstration (fictional)",
            as_of_on=date(2026, 6, 1),
        )
        made[city.slug] = cluster
    return made


def _organisations(clusters: dict[str, Cluster]) -> dict[str, Organisation]:
    made = Organisation.objects.bulk_create(
        Organisation(
            slug=body.slug,
            name=body.name,
            kind=body.kind,
            country=body.country,
            is_demonstration=True,
        )
        for body in bodies()
    )
    found = {one.slug: one for one in made}
    Membership.objects.bulk_create(
        Membership(
            cluster=clusters[one.city],
            organisation=found[body.slug],
            kind=one.kind,
            from_on=one.since,
        )
        for body in bodies()
        for one in body.belongs
    )
    return found


def _users(
    programme: Programme,
    clusters: dict[str, Cluster],
    organisations: dict[str, Organisation],
    at: datetime,
) -> dict[str, User]:
    password = make_password(DEMONSTRATION_PASSWORD)
    made = User.objects.bulk_create(
        User(email=email, name=_name_of(email), password=password)
        for email, _role, _where, _what in accounts()
    )
    users = {user.email: user for user in made}
    scopes = {
        "": programme.scopes[0],
        **{slug: cluster.scopes[0] for slug, cluster in clusters.items()},
        **{slug: Scope(ScopeKind.ORGANISATION, it.pk) for slug, it in organisations.items()},
    }
    Grant.objects.bulk_create(
        Grant(
            user=users[email],
            role=role,
            scope_kind=scopes[where].kind,
            scope_id=scopes[where].id,
            from_on=SINCE,
            granted_at=at,
        )
        for email, role, where, _what in accounts()
    )
    return users


def _name_of(email: str) -> str:
    chief = {f"ceo.{city.slug}@{DOMAIN}": city.ceo[-1] for city in cities()}
    return chief.get(email) or email.split("@", 1)[0].replace(".", " ").title()


def _chiefs(clusters: dict[str, Cluster], users: dict[str, User]) -> None:
    for city in cities():
        starts = [city.launched_on, date(2024, 7, 1)]
        for number, name in enumerate(city.ceo):
            is_last = number == len(city.ceo) - 1
            user = users[f"ceo.{city.slug}@{DOMAIN}"] if is_last else None
            Post.objects.create(
                person=Person.objects.create(name=name, user=user),
                cluster=clusters[city.slug],
                title="Chief Executive Officer",
                from_on=starts[number],
                until_on=None if is_last else starts[number + 1] - timedelta(days=1),
            )


def _govern(programme: Programme, clusters: dict[str, Cluster], at: datetime) -> None:
    row = script()
    made = {
        "apex": _body(programme, BodyKind.APEX, row["programme"]["apex"]),
        "office": _body(programme, BodyKind.OFFICE, row["programme"]["office"]),
    }
    for key, body in made.items():
        for seat in row[key]:
            person = Person.objects.create(name=seat["name"])
            Seat.objects.create(body=body, person=person, capacity=seat["capacity"], from_on=SINCE)
    for city in cities():
        name = f"{city.place} cluster management office"
        _body(programme, BodyKind.OFFICE, name, clusters[city.slug])
    press = Press()
    for told in row["meeting"]:
        _meet(press, made[told["body"]], told, at)


def _body(programme: Programme, kind: str, name: str, cluster: Cluster | None = None) -> Body:
    return Body.objects.create(programme=programme, cluster=cluster, kind=kind, name=name)


def _meet(press: Press, body: Body, told: dict[str, Any], at: datetime) -> None:
    held_on: date = told["held_on"]
    decided = [(it["reference"], it["text"]) for it in told["decision"]]
    lines = [f"Held on {held_on:%d %b %Y}.", *(f"{name}: {text}" for name, text in decided)]
    content = press.pdf(title=f"Minutes: {told['title']}", author=body.name, lines=lines)
    minutes = kept(content, f"minutes-{held_on}.pdf", at)
    meeting = Meeting.objects.create(
        body=body, held_on=held_on, title=told["title"], minutes=minutes
    )
    Decision.objects.bulk_create(
        Decision(meeting=meeting, reference=name, text=text) for name, text in decided
    )


def kept(content: bytes, name: str, at: datetime) -> Document:
    """The document of these bytes."""
    return documents.keep(actor=None, file=io.BytesIO(content), name=name, at=at)
