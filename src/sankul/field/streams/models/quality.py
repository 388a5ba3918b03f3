"""Rules by which observations are flagged, versioned."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .entities import Datastream


class QualityRule(models.Model):
    """The tests of a stream from a version on: a mapping of ``engines.quality.Rules``, such as
    {"gross_range": {"fail": [0, 14]}}."""

    stream = models.ForeignKey(Datastream, models.CASCADE, related_name="quality_rules")
    version = models.PositiveIntegerField(_("version"))
    tests = models.JSONField(_("tests"))
    reason = models.TextField(_("reason"), blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made"))

    class Meta:
        ordering = ["stream", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "version"], name="quality_rule_once")
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} v{self.version}"
