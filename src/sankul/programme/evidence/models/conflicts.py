"""Conflicts of interest that were declared; others are computed from the registry."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.evidence.rules import MANAGE_CONFLICTS
from sankul.programme.registry.models import Cluster, Organisation, Programme


class ConflictQuerySet(models.QuerySet["Conflict"]):
    """Declared conflicts, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """The actor's own, and all where the actor may declare those of others."""
        managed = narrowed(actor, MANAGE_CONFLICTS, programme="programme")
        if actor.user_id is None:
            return self.none()
        return self.filter(managed | models.Q(verifier=actor.user_id))

    def standing(self) -> Self:
        """Those not taken back."""
        return self.filter(retracted_at=None)


@tracked
class Conflict(models.Model):
    """A verifier's declared conflict with a cluster or an organisation, and why."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    verifier = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="conflicts",
        verbose_name=_("verifier"),
    )
    cluster = models.ForeignKey(
        Cluster, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cluster")
    )
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    reason = models.CharField(_("reason"), max_length=250)
    declared_at = models.DateTimeField(_("declared"))
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    retracted_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        ordering = ["-declared_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cluster__isnull=False, organisation=None)
                | models.Q(cluster=None, organisation__isnull=False),
                name="conflict_with_one_party",
            ),
            models.UniqueConstraint(
                fields=["programme", "verifier", "cluster"],
                condition=models.Q(retracted_at=None, cluster__isnull=False),
                name="conflict_once_with_a_cluster",
            ),
            models.UniqueConstraint(
                fields=["programme", "verifier", "organisation"],
                condition=models.Q(retracted_at=None, organisation__isnull=False),
                name="conflict_once_with_an_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verifier}: {self.cluster or self.organisation}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The programme's scope."""
        return (Scope(ScopeKind.PROGRAMME, self.programme_id),)
