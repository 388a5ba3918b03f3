"""What every role may do, told by real grants: a table for people to read, and docs/roles.md made of it."""

from importlib import import_module
from pkgutil import walk_packages

import pytest
from django.utils import translation

import sankul
from sankul.core.rules.roles import (
    GRANTABLE_ON,
    PERMISSIONS,
    PLATFORM,
    Actor,
    Permission,
    Role,
    Scope,
    ScopeKind,
    verdict,
)
from sankul.programme.registry.tests import makers

from . import golden, roles_page

Scopes = tuple[Scope, ...]
APART = {"tests", "migrations", "cli", "gunicorn", "wsgi", "__main__"}


@pytest.fixture
def places(db: None) -> dict[ScopeKind, tuple[Scopes, Scopes]]:
    """By kind of scope: the scopes of a record where the role is held, and of one beside it."""
    here, elsewhere = makers.programme(), makers.programme()
    own, sibling, far = makers.cluster(here), makers.cluster(here), makers.cluster(elsewhere)
    ours, theirs = makers.organisation(), makers.organisation()
    return {
        ScopeKind.PLATFORM: (own.scopes, far.scopes),
        ScopeKind.PROGRAMME: (own.scopes, far.scopes),
        ScopeKind.CLUSTER: (own.scopes, sibling.scopes),
        ScopeKind.ORGANISATION: (ours.scopes, theirs.scopes),
    }


def _meet_every_permission() -> None:
    for module in walk_packages(sankul.__path__, "sankul."):
        if not APART & set(module.name.split(".")):
            import_module(module.name)


def _holder(role: Role, kind: ScopeKind, own: Scopes) -> Actor:
    scope = PLATFORM if kind == ScopeKind.PLATFORM else next(s for s in own if s.kind == kind)
    return makers.actor_with(role, scope)


def _cell(actor: Actor, permission: Permission, own: Scopes, other: Scopes) -> str:
    here, there = (bool(verdict(actor, permission, *scopes)) for scopes in (own, other))
    assert here or not there, f"{permission.code} is allowed only where the role is not held"
    return "everywhere" if there else "own" if here else ""


def test_every_permission_is_held_by_the_roles_of_the_table(
    places: dict[ScopeKind, tuple[Scopes, Scopes]],
) -> None:
    _meet_every_permission()
    columns = {
        f"{role} on {kind}": (_holder(role, kind, places[kind][0]), *places[kind])
        for role in Role
        for kind in ScopeKind
        if kind in GRANTABLE_ON[role]
    }
    columns["public"] = (makers.public(), *places[ScopeKind.PLATFORM])
    with translation.override("en"):
        rows = [
            (code, str(permission.title), *(_cell(actor, permission, own, other)
             for actor, own, other in columns.values()))
            for code, permission in sorted(PERMISSIONS.items())
        ]  # fmt: skip
    golden.agree("role_matrix.csv", ("permission", "title", *columns), rows)


def test_the_page_about_roles_is_in_step_with_the_table() -> None:
    assert roles_page.PAGE.read_text("utf-8") == roles_page.text(), (
        "write docs/roles.md anew: python tests/roles_page.py"
    )
