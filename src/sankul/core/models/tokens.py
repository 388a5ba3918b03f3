"""Tokens with which programs act for an account."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Scope, ScopeKind
from sankul.core.rules.tokens import LONGEST

from .history import tracked
from .identity import User


@tracked
class ApiToken(models.Model):
    """Lets a program act for its owner until a day, with the roles that the owner has at each request.

    Only the digest of the secret is kept. ``scope_kind`` and ``scope_id`` narrow it to the roles on that one scope (empty: all).
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    reads_only = models.BooleanField(_("only reads"), default=True)
    scope_kind = models.CharField(max_length=20, choices=ScopeKind.choices, blank=True)
    scope_id = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("ends"))
    last_used_on = models.DateField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at"))
                & models.Q(expires_at__lte=models.F("made_at") + LONGEST + timedelta(days=1)),
                name="token_lasts_a_year_at_most",
            ),
            models.CheckConstraint(
                condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"), name="token_digest_form"
            ),
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=models.Q(revoked_at__isnull=True),
                name="token_name_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> Scope | None:
        """The one scope that it is narrowed to, or None."""
        return Scope(ScopeKind(self.scope_kind), self.scope_id) if self.scope_kind else None
