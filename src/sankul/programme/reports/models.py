"""Annual reports, kept as they were typeset."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document
from sankul.core.rules.roles import Actor
from sankul.programme.evaluation.models import Run
from sankul.programme.reports.rules import Language


class ReportQuerySet(models.QuerySet["AnnualReport"]):
    """Reports, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Reports on runs that the actor may see."""
        return self.filter(run__in=Run.objects.visible_to(actor))


class AnnualReport(models.Model):
    """What was told of a programme's year: its contents as data, from which page and PDF are both made, and the PDF.

    It never changes; a report made again on other contents is another one, and the latest is the one shown.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="reports")
    language = models.CharField(_("language"), max_length=5, choices=Language.choices)
    contents = models.JSONField(_("contents"))
    contents_sha256 = models.CharField(_("digest of the contents"), max_length=64)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "language", "contents_sha256"], name="report_once_a_content"
            )
        ]
        triggers = [
            pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.run} ({self.language})"
