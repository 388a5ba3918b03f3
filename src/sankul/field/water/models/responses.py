"""Who deals with unsafe water."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import Scope
from sankul.field.water.rules.parameters import CHOICES

from .sources import Source


@tracked
class Response(models.Model):
    """Somebody deals with a parameter above its limit at a source, until it is closed with its cause. One is open at a time."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="responses")
    parameter = models.CharField(_("parameter"), max_length=30, choices=CHOICES)
    owner = models.CharField(_("who deals with it (post)"), max_length=120)
    action = models.CharField(_("what is done"), max_length=250)
    due_on = models.DateField(_("due"))
    opened_at = models.DateTimeField(_("since"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    cause = models.CharField(_("cause"), max_length=250, blank=True)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "parameter"],
                condition=models.Q(closed_at=None),
                name="water_response_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, cause="")
                | models.Q(closed_at__isnull=False) & ~models.Q(cause=""),
                name="water_response_closed_with_cause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parameter} {self.owner}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes of its source, which its reader has at hand."""
        return self.source.scopes
