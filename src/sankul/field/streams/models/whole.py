"""An observation with all that it has, as it is read by filters that are not known beforehand."""

from __future__ import annotations

from typing import Self

from django.db import models

from sankul.core.rules.roles import Actor
from sankul.field.streams.rules import Flag

from .entities import Datastream, FeatureOfInterest, within


class WholeObservationQuerySet(models.QuerySet["WholeObservation"]):
    """Observations, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Observations of things that the actor may see."""
        return self.filter(within(actor, "stream__thing__"))


class WholeObservation(models.Model):
    """A row of the view that joins an observation's narrow row, its ``Detail`` and its stream's feature of interest.

    ``time`` is the key in its stream; ``starts_at`` the begin of the phenomenonTime: the key, or for an interval the key without
    its microseconds, which tell apart intervals that begin together. ``ends_at`` is null for an instant. ``number`` is the result
    if it is a number, else ``other`` holds {"result": …} or is null. What a query does not ask for is not joined.
    """

    id = models.BigIntegerField(primary_key=True)
    stream = models.ForeignKey(
        Datastream, models.DO_NOTHING, db_constraint=False, related_name="whole_observations"
    )
    time = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    number = models.FloatField(null=True)
    other = models.JSONField(null=True)
    flag = models.PositiveSmallIntegerField(choices=Flag.choices)
    result_at = models.DateTimeField(null=True)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    parameters = models.JSONField(null=True)
    quality = models.JSONField(null=True)
    feature = models.ForeignKey(
        FeatureOfInterest,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="whole_observations",
    )

    objects = WholeObservationQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "streams_observation_whole"
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.pk)
