"""News by MQTT (OGC 18-088, clause 14.2): what a topic asked for tells of what was made or changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings

from sankul.core.rules.roles import Actor
from sankul.field.streams.queries.sta.reading import Reader
from sankul.field.streams.rules.odata import Unreadable
from sankul.field.streams.rules.odata.resources import Unknown
from sankul.field.streams.rules.odata.topics import Change, Topic

from .access import on_trial
from .answers import dump
from .dispatch import property_told

__all__ = ["messages"]


def messages(*, topic: Topic, changes: Sequence[Change], at: datetime) -> Iterator[bytes]:
    """The messages to a topic: of each entity that it leads to and everybody may see, JSON as a GET of it would answer.

    On a trial server everybody may see everything.
    """
    own = topic.of(changes)
    if not own:
        return
    actor = on_trial(at).actor if settings.STA_OPEN else Actor(None, frozenset(), at)
    reader = Reader(actor, f"{settings.SITE_ADDRESS}/sta/v1.1")
    try:
        if topic.resource.into:
            yield _property(reader, topic, own)
            return
        for one in reader.among(topic.resource, topic.options, own):
            yield dump(one)
    except (Unknown, Unreadable):
        return


def _property(reader: Reader, topic: Topic, changes: Sequence[Change]) -> bytes:
    key = reader.key(topic.resource)
    if key not in {one.key for one in changes}:
        raise Unknown(topic.text)
    told = property_told(reader, topic.resource).body
    return dump(told or {topic.resource.into[-1]: None})
