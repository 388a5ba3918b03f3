"""The event log: append-only and hash-chained."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from .identity import User


class Event(models.Model):
    """What happened, in the transaction in which it happened.

    ``body`` is canonical JSON that holds everything, with the hash of the event before it; ``hash`` is the SHA-256 of
    ``body``. The other columns repeat parts of the body for queries, and ``sankul events verify`` checks that they agree.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    scopes = ArrayField(models.CharField(max_length=60), default=list)
    body = models.TextField()
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["subject", "seq"], name="event_subject"),
            models.Index(fields=["verb", "seq"], name="event_verb"),
            GinIndex(fields=["scopes"], name="event_scopes"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="never_emptied",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'the event log is append-only';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb} {self.subject}"
