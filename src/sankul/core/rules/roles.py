"""Who may act in Sankul: roles, the scopes they are granted on, and permissions.

A role is code; a grant of it is a row (``core.models.Grant``). An area declares each of its permissions once, in its own
``rules``, with the roles that hold it; nothing else decides who may do what.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Q, TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from .verdicts import ALLOWED, Forbidden, Verdict, refused

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from sankul.core.models import User


class Role(TextChoices):
    """The roles of a cluster programme; ``PUBLIC`` is held by everybody, signed in or not."""

    PROGRAMME_OFFICER = "programme_officer", _("Programme officer")
    APEX_MEMBER = "apex_member", _("Apex committee member")
    CLUSTER_CEO = "cluster_ceo", _("Cluster CEO")
    CLUSTER_STAFF = "cluster_staff", _("Cluster staff")
    NODAL_OFFICER = "nodal_officer", _("Nodal officer of an institution")
    LAB_MANAGER = "lab_manager", _("Lab manager")
    MEMBER = "member", _("Member of an organisation")
    OPERATOR = "operator", _("Operator of field systems")
    EVALUATOR = "evaluator", _("Evaluator")
    REVIEWER = "reviewer", _("Reviewer")
    APPLICANT = "applicant", _("Applicant")
    RESPONDENT = "respondent", _("Feedback respondent")
    PUBLIC = "public", _("Public")


class ScopeKind(TextChoices):
    """What a grant can be limited to, widest first."""

    PLATFORM = "platform", _("Whole platform")
    PROGRAMME = "programme", _("Programme")
    CLUSTER = "cluster", _("Cluster")
    ORGANISATION = "organisation", _("Organisation")
    PROJECT = "project", _("Project")


class Scope(NamedTuple):
    """One programme, cluster, organisation or project by its id; the platform has id 0."""

    kind: ScopeKind
    id: int


PLATFORM = Scope(ScopeKind.PLATFORM, 0)

GRANTABLE_ON: dict[Role, frozenset[ScopeKind]] = {
    Role.PROGRAMME_OFFICER: frozenset({ScopeKind.PLATFORM, ScopeKind.PROGRAMME}),
    Role.APEX_MEMBER: frozenset({ScopeKind.PROGRAMME}),
    Role.CLUSTER_CEO: frozenset({ScopeKind.CLUSTER}),
    Role.CLUSTER_STAFF: frozenset({ScopeKind.CLUSTER}),
    Role.NODAL_OFFICER: frozenset({ScopeKind.ORGANISATION}),
    Role.LAB_MANAGER: frozenset({ScopeKind.ORGANISATION}),
    Role.MEMBER: frozenset({ScopeKind.ORGANISATION}),
    Role.OPERATOR: frozenset({ScopeKind.CLUSTER, ScopeKind.ORGANISATION}),
    Role.EVALUATOR: frozenset({ScopeKind.PROGRAMME}),
    Role.REVIEWER: frozenset({ScopeKind.PROGRAMME}),
    Role.APPLICANT: frozenset({ScopeKind.PROGRAMME, ScopeKind.ORGANISATION}),
    Role.RESPONDENT: frozenset({ScopeKind.PROGRAMME}),
    Role.PUBLIC: frozenset(),
}


@dataclass(frozen=True)
class Permission:
    """One thing that can be done or seen, and the roles that may, within the scope they hold."""

    code: str
    title: StrOrPromise
    roles: frozenset[Role]

    def __post_init__(self) -> None:
        if PERMISSIONS.setdefault(self.code, self) != self:
            raise ValueError(f"permission {self.code} is declared twice")


PERMISSIONS: dict[str, Permission] = {}


class Held(NamedTuple):
    """A role in force on a scope."""

    role: Role
    scope: Scope


@dataclass(frozen=True)
class Actor:
    """Somebody at a door: the account (None for the public), the roles in force, and the moment.

    A program that acts for the account shows a token: ``token_id`` is its number, and it may be one that ``reads_only``.
    """

    user: User | None
    held: frozenset[Held]
    at: datetime
    token_id: int | None = None
    reads_only: bool = False

    @property
    def user_id(self) -> int | None:
        """Id of the account, or None for the public."""
        return self.user.pk if self.user else None

    @property
    def roles(self) -> frozenset[Role]:
        """Every role held on any scope."""
        return frozenset(held.role for held in self.held) | {Role.PUBLIC}

    def scopes(self, permission: Permission) -> frozenset[Scope]:
        """Scopes on which the actor holds ``permission``; the platform if the public does."""
        if Role.PUBLIC in permission.roles:
            return frozenset({PLATFORM})
        return frozenset(held.scope for held in self.held if held.role in permission.roles)


def verdict(actor: Actor, permission: Permission, *scopes: Scope) -> Verdict:
    """Whether the actor holds ``permission`` on one of ``scopes`` (or on the whole platform)."""
    if actor.scopes(permission) & {PLATFORM, *scopes}:
        return ALLOWED
    return refused(_reason(actor, permission))


def require(actor: Actor, permission: Permission, *scopes: Scope) -> None:
    """Raise ``Forbidden`` with the reason unless the verdict allows."""
    verdict(actor, permission, *scopes).enforce(Forbidden)


def narrowed(actor: Actor, permission: Permission, **paths: str) -> Q:
    """The filter that keeps the rows where the actor holds ``permission``.

    ``paths`` maps a scope kind to the lookup that leads to its id, as in
    ``narrowed(actor, SEE_CLAIMS, programme="programme_id", cluster="cluster_id")``.
    """
    scopes = actor.scopes(permission)
    nothing = Q(pk__in=[])
    if PLATFORM in scopes:
        return ~nothing  # an empty Q would vanish beside an "or"
    wanted = nothing
    for kind, path in paths.items():
        ids = sorted(scope.id for scope in scopes if scope.kind == kind)
        if ids:
            wanted |= Q(**{f"{path}__in": ids})
    return wanted


def _reason(actor: Actor, permission: Permission) -> str:
    who = ", ".join(str(role.label) for role in Role if role in permission.roles)
    if actor.user is None:
        return _t("Sign in first. “%(what)s” is open to: %(who)s.") % {
            "what": permission.title,
            "who": who,
        }
    return _t(
        "Your roles do not cover “%(what)s” here. It is open to: %(who)s. "
        "The programme office grants roles."
    ) % {"what": permission.title, "who": who}
