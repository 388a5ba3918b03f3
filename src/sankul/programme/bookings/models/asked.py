"""What every request has: when it was made, when its answer is due, what was done about silence, and the answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.programme.bookings.rules import Reason


class Request(models.Model):
    """The clock and the answer of a request (see ``rules.clock``). Without ``requested_at`` nobody was asked."""

    requested_at = models.DateTimeField(_("requested"), null=True, blank=True)
    answer_by_at = models.DateTimeField(_("answer due"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("lab reminded"), null=True, blank=True)
    nodal_at = models.DateTimeField(_("nodal officer told"), null=True, blank=True)
    cluster_at = models.DateTimeField(_("cluster told"), null=True, blank=True)
    decided_at = models.DateTimeField(_("answered"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(
        _("reason of the refusal"), max_length=20, choices=Reason.choices, blank=True
    )
    decision_note = models.TextField(_("note to the answer"), blank=True)

    class Meta:
        abstract = True
