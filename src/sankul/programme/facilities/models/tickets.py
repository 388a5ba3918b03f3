"""Faults, maintenance, and the papers that came of use."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import Scope
from sankul.programme.facilities.rules import Severity, TicketKind

from .instruments import Instrument, Unit


@tracked
class Ticket(models.Model):
    """A fault or maintenance of an instrument, or of one of its units.

    It blocks from ``blocks_from`` to ``blocks_until`` (not included; open where empty); where ``blocks_from`` is empty it blocks
    nothing.
    """

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="tickets")
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="tickets", verbose_name=_("unit")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=TicketKind.choices)
    severity = models.CharField(
        _("severity"), max_length=20, choices=Severity.choices, default=Severity.MINOR
    )
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("what happens"), blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened"))
    blocks_from = models.DateTimeField(_("not usable from"), null=True, blank=True)
    blocks_until = models.DateTimeField(_("not usable until"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolution = models.TextField(_("resolution"), blank=True)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        indexes = [
            models.Index(
                fields=["instrument", "blocks_from"],
                name="ticket_blocks",
                condition=models.Q(blocks_from__isnull=False),
            ),
            models.Index(
                fields=["instrument"],
                name="ticket_open",
                condition=models.Q(resolved_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(blocks_until__isnull=True)
                | models.Q(blocks_until__gt=models.F("blocks_from"), blocks_from__isnull=False),
                name="ticket_blocks_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_at__isnull=True)
                | models.Q(blocks_from__isnull=True)
                | models.Q(blocks_until__isnull=False),
                name="ticket_resolved_blocks_no_more",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scope of the instrument's institution."""
        return self.instrument.scopes


@tracked
class Acknowledged(models.Model):
    """A paper that thanks the facility for an instrument."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="acknowledgements")
    doi = models.CharField(_("DOI"), max_length=200)
    title = models.CharField(_("title"), max_length=400)
    published_on = models.DateField(_("published"), null=True, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    reported_at = models.DateTimeField(_("reported"))

    class Meta:
        ordering = ["-published_on", "-pk"]
        verbose_name_plural = "acknowledgements"
        constraints = [
            models.UniqueConstraint(fields=["instrument", "doi"], name="acknowledged_once")
        ]

    def __str__(self) -> str:
        return self.title
