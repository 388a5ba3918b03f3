"""How far those have come who follow the event log."""

from django.db import models


class Follower(models.Model):
    """Something that does its work after the log: every event up to ``seq`` is behind it."""

    name = models.CharField(max_length=80, primary_key=True)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.seq}"
