"""Outlines for maps: lines that an operator supplied, with where they are from."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import PLATFORM, Actor, narrowed
from sankul.field.streams.rules import RECORD_STREAMS
from sankul.programme.registry.models import Cluster

from .entities import Bounded


class OutlineQuerySet(models.QuerySet["Outline"]):
    """Outlines, which everybody may see."""

    def changeable_by(self, actor: Actor) -> Self:
        """Those of clusters in which the actor may record."""
        if PLATFORM in actor.scopes(RECORD_STREAMS):
            return self
        own = narrowed(actor, RECORD_STREAMS, programme="cluster__programme", cluster="cluster")
        return self.filter(own)


@tracked
class Outline(Bounded):
    """Lines drawn under the points of a cluster's map, and the box around them.

    ``lines`` are lists of positions [longitude, latitude] in degrees (WGS 84), simplified; ``given`` is how many positions the
    file had, ``sha256`` its digest. ``source`` and ``licence`` stand below every map that shows it.
    """

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="outlines")
    name = models.CharField(_("name"), max_length=120)
    source = models.CharField(_("source"), max_length=300)
    licence = models.CharField(_("licence"), max_length=120)
    lines = models.JSONField(editable=False)
    given = models.PositiveIntegerField(editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    made_at = models.DateTimeField(_("supplied"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = OutlineQuerySet.as_manager()

    class Meta:
        ordering = ["cluster", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cluster", "name"], name="outline_named_once"),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="outline_digest_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name
