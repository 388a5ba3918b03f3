"""Observations: one narrow row each, what does not fit it beside it, their versions, and what is told of a stream."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Actor
from sankul.field.streams.rules import Flag, SpanState, VersionKind
from sankul.field.streams.rules.numbers import day_of_id, midnight

from .entities import Datastream, FeatureOfInterest, within


class ObservationQuerySet(models.QuerySet["Observation"]):
    """Observations, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Observations of things that the actor may see."""
        return self.filter(within(actor, "stream__thing__"))

    def numbered(self, observation_id: int) -> Self:
        """The observation of this id, looked for in its day alone."""
        day = day_of_id(observation_id)
        if day is None:
            return self.none()
        since = midnight(day)
        return self.filter(pk=observation_id, time__gte=since, time__lt=since + timedelta(days=1))


class Observation(models.Model):
    """The current version of an observation that lies in an open span; closed ones are in files.

    ``time`` is the phenomenonTime, or where that begins; ``value`` the result if it is a number, NaN if it is something else
    (then in ``detail``) or missing; ``is_detailed`` says that there is a ``Detail``. The table is partitioned by spans of days,
    and unique by (stream, time). No foreign key, which would be checked for each row: a stream is locked by its ``Latest``.
    """

    id = models.BigIntegerField(primary_key=True)
    time = models.DateTimeField(_("time"))
    value = models.FloatField(_("value"))
    stream = models.ForeignKey(
        Datastream, models.DO_NOTHING, db_constraint=False, related_name="observations"
    )
    flag = models.PositiveSmallIntegerField(_("flag"), choices=Flag.choices)
    is_detailed = models.BooleanField(default=False)

    objects = ObservationQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "streams_observation"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.time:%Y-%m-%dT%H:%M:%S%z} {self.value}"


class Detail(models.Model):
    """What an observation has beyond its narrow row; ``observation_id`` is its id.

    ``result`` is a result that is no number ({"result": …}, null if it is a number); ``ends_at`` where an interval ends;
    ``result_at`` null if it is the time of the phenomenon (or the interval's end).
    """

    observation_id = models.BigIntegerField(primary_key=True)
    stream = models.ForeignKey(Datastream, models.CASCADE, related_name="+", db_index=False)
    time = models.DateTimeField()
    result = models.JSONField(null=True)
    ends_at = models.DateTimeField(null=True)
    result_at = models.DateTimeField(null=True)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    parameters = models.JSONField(null=True)
    quality = models.JSONField(null=True)
    feature = models.ForeignKey(FeatureOfInterest, models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "time"], name="detail_once"),
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gte=models.F("time")),
                name="detail_interval_in_order",
            ),
        ]

    def __str__(self) -> str:
        return str(self.observation_id)


class Latest(models.Model):
    """The last observation of a stream, how many it has, and their extents; kept in the transaction that brings them."""

    stream = models.OneToOneField(
        Datastream, models.CASCADE, primary_key=True, related_name="latest"
    )
    time = models.DateTimeField(null=True)
    value = models.FloatField(null=True)
    flag = models.PositiveSmallIntegerField(null=True, choices=Flag.choices)
    observation_id = models.BigIntegerField(null=True)
    count = models.BigIntegerField(default=0)
    first_time = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    first_result_at = models.DateTimeField(null=True)
    last_result_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(count__gte=0), name="latest_count_not_below")
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}: {self.count}"


class DayCount(models.Model):
    """How many observations a stream has on a day (UTC), how many are suspect or failed, how many of those are reviewed."""

    pk = models.CompositePrimaryKey("stream_id", "day")
    stream = models.ForeignKey(
        Datastream, models.CASCADE, related_name="day_counts", db_index=False
    )
    day = models.DateField()
    count = models.IntegerField()
    flagged = models.IntegerField(default=0)
    reviewed = models.IntegerField(default=0, db_default=0)

    class Meta:
        indexes = [
            models.Index(fields=["day"], name="day_count_day"),
            models.Index(
                fields=["stream", "day"],
                condition=models.Q(flagged__gt=models.F("reviewed")),
                name="day_count_to_review",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.day}: {self.count}"


class Revision(models.Model):
    """Why observations of a stream have a new version: what was done, by whom (null: by a rule), and the reason."""

    stream = models.ForeignKey(Datastream, models.CASCADE, related_name="revisions")
    kind = models.CharField(_("kind"), max_length=20, choices=VersionKind.choices)
    reason = models.TextField(_("reason"))
    method = models.JSONField(_("method"), default=dict, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made"))

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"


class Version(models.Model):
    """One version of an observation: number 0 as received, then one for each revision; never changed.

    An observation without versions is as received. ``result`` is that of ``Detail``; ``is_reviewed`` says that the flag is
    somebody's word, which rules do not change.
    """

    stream_id = models.IntegerField()
    time = models.DateTimeField()
    number = models.PositiveSmallIntegerField()
    observation_id = models.BigIntegerField()
    value = models.FloatField()
    flag = models.PositiveSmallIntegerField(choices=Flag.choices)
    result = models.JSONField(null=True)
    revision = models.ForeignKey(Revision, models.DO_NOTHING, null=True, db_constraint=False)
    is_reviewed = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["stream_id", "time", "number"]
        constraints = [
            models.UniqueConstraint(fields=["stream_id", "time", "number"], name="version_once")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.time} v{self.number}"


class SpanFile(models.Model):
    """A span of days whose observations are kept together: in a partition while open, in a Parquet file once closed.

    All of a span is in one place at any time. ``path`` is below the folder of the archive; ``sha256``, ``size_bytes``, ``rows``
    and the bounds are of the file. ``generation`` counts how often it was closed, and names the file.
    """

    start = models.DateField(_("from"), unique=True)
    end = models.DateField(_("to before"))
    state = models.CharField(max_length=10, choices=SpanState.choices, default=SpanState.OPEN)
    generation = models.PositiveIntegerField(default=0)
    path = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField(null=True)
    rows = models.BigIntegerField(null=True)
    first_stream = models.IntegerField(null=True)
    last_stream = models.IntegerField(null=True)
    first_time = models.DateTimeField(null=True)
    last_time = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["start"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="span_days_in_order"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=SpanState.CLOSED)
                | models.Q(sha256__regex=r"^[0-9a-f]{64}$", rows__isnull=False),
                name="span_closed_with_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start} – {self.end}"

    @property
    def table(self) -> str:
        """The partition that holds it while it is open."""
        return f"streams_observation_{self.start:%Y%m%d}"
