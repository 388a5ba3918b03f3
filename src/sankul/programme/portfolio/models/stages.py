"""How projects move: dated changes of stage, and the sites that owners agreed to."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.programme.portfolio.rules import PUBLIC_STAGES, Stage
from sankul.programme.registry.models import Organisation

from .projects import Project

_PUBLIC = ", ".join(f"'{stage}'" for stage in PUBLIC_STAGES)


class StageChange(models.Model):
    """A project entered a stage on a day. Rows are added and never changed; the last one is the project's stage."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="changes")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    on = models.DateField(_("since"))
    note = models.TextField(_("note"), blank=True)
    changed_at = models.DateTimeField(_("recorded"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["on", "pk"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="project_follows",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=f"""
                    UPDATE portfolio_project SET stage = NEW.stage, stage_on = NEW."on",
                        shared_at = CASE WHEN NEW.stage IN ({_PUBLIC})
                            THEN coalesce(shared_at, NEW.changed_at) ELSE shared_at END
                    WHERE id = NEW.project_id;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.stage}"


@tracked
class Site(models.Model):
    """A place for a pilot, to which a public body agreed."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="sites")
    place = models.CharField(_("place"), max_length=200)
    agreed_by = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("agreed by")
    )
    agreed_on = models.DateField(_("agreed on"))
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["agreed_on", "pk"]

    def __str__(self) -> str:
        return self.place
