"""Where news of alerts is sent, and the log of what was sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.field.alerts.rules import AlertSeverity

from .alerts import Alert
from .detectors import Held, ScopedQuerySet


@tracked
class Webhook(Held):
    """An address that is told of alerts of a cluster or organisation.

    Its secret is made of the site's key and ``salt``, so that none is kept: who reads the database cannot sign.
    """

    url = models.URLField(_("address"), max_length=500)
    salt = models.CharField(max_length=64)
    least = models.CharField(
        _("from this severity on"),
        max_length=20,
        choices=AlertSeverity.choices,
        default=AlertSeverity.NOTICE,
    )
    is_active = models.BooleanField(_("on"), default=True)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ScopedQuerySet["Webhook"].as_manager()

    class Meta:
        ordering = ["url", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["url", "cluster", "organisation"],
                nulls_distinct=False,
                name="webhook_once",
            )
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def secret(self) -> str:
        """What its messages are signed with, as 64 hexadecimal digits."""
        return salted_hmac("sankul.alerts.webhook", self.salt, algorithm="sha256").hexdigest()


class Delivery(models.Model):
    """A message to a webhook: what was sent, how often it was tried, and how that ended."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="deliveries")
    verb = models.CharField(_("news"), max_length=80)
    body = models.TextField(_("what was sent"))
    made_at = models.DateTimeField(_("made"))
    tries = models.PositiveIntegerField(_("tries"), default=0)
    tried_at = models.DateTimeField(_("last tried"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    status = models.PositiveIntegerField(_("answer"), null=True)
    error = models.CharField(_("error"), max_length=250, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.webhook_id} {self.verb}"
