"""Accounts and the roles granted to them, dated and scoped."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import GRANTABLE_ON, Role, Scope, ScopeKind

from .history import tracked


class UserManager(BaseUserManager["User"]):
    """Finds accounts by e-mail, whatever its case."""

    def get_by_natural_key(self, email: str | None) -> User:
        """The account with this e-mail address."""
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """An account: signs in by e-mail. What it may do is told by its grants alone."""

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=8, default="en")
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)
    seen_at = models.DateTimeField(_("dashboard last opened"), null=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name, as mail and account pages show it."""
        return self.name


class DateRange(models.Func):
    """SQL ``daterange(from, until, '[]')``: both ends belong to it, an empty end is open."""

    function = "DATERANGE"
    output_field: models.Field[Any, Any] = DateRangeField()

    def __init__(self, start: str, end: str) -> None:
        super().__init__(start, end, models.Value("[]"))


@tracked
class Grant(models.Model):
    """A role held by an account on a scope, from a day until a day (open if empty), both included."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.CharField(_("role"), max_length=30, choices=Role.choices)
    scope_kind = models.CharField(_("scope"), max_length=20, choices=ScopeKind.choices)
    scope_id = models.BigIntegerField(_("scope id"), default=0)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(_("granted"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True)
                | models.Q(until_on__gte=models.F("from_on")),
                name="grant_dates_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(scope_kind=ScopeKind.PLATFORM, scope_id=0)
                | (~models.Q(scope_kind=ScopeKind.PLATFORM) & models.Q(scope_id__gt=0)),
                name="grant_scope_named",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    *(
                        models.Q(role=role, scope_kind__in=sorted(kinds))
                        for role, kinds in GRANTABLE_ON.items()
                        if kinds
                    ),
                    _connector=models.Q.OR,
                ),
                name="grant_role_fits_scope",
            ),
            ExclusionConstraint(
                name="grant_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("scope_kind", RangeOperators.EQUAL),
                    ("scope_id", RangeOperators.EQUAL),
                    (DateRange("from_on", "until_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.scope_kind} {self.scope_id}"

    @property
    def scope(self) -> Scope:
        """Where the role is held."""
        return Scope(ScopeKind(self.scope_kind), self.scope_id)
