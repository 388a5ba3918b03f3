"""Observations by MQTT (OGC 18-088, clause 14): a message to the topic of a set is a POST to it."""

from __future__ import annotations

import re
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _t

from sankul.core.rules.roles import Actor
from sankul.field.streams.actions.letters import keep_text
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.odata import Unreadable
from sankul.field.streams.rules.odata.topics import VERSION

from .access import Caller, on_trial, with_token
from .answers import Answer, Asked, load, problem
from .dispatch import CREATION, answer

__all__ = ["CREATION", "VERSION", "receive"]
TOPIC = re.compile(r"v1\.1/((?:(?:Datastreams|FeaturesOfInterest)\(\d+\)/)?Observations)")


def receive(*, topic: str, payload: bytes, token: str, at: datetime) -> Answer:
    """Make an observation of a message to v1.1/Observations, or below a Datastream or a FeatureOfInterest.

    The answer is as to a POST. What is refused is kept as a dead letter: by ``ingest`` what it refuses, else the text.
    """
    who = with_token(token, at, DoorName.MQTT) if token else _without_token(at)
    answered = _answered(topic, payload, who, at)
    if answered.status >= 400 and answered.status != 429 and "kept" not in answered.body:
        keep_text(
            text=payload.decode("utf-8", "replace"),
            reason=answered.body["detail"],
            place=topic,
            sender=who.sender or Sender(DoorName.MQTT),
            at=at,
        )
    return answered


def _without_token(at: datetime) -> Caller:
    if settings.STA_OPEN:
        return on_trial(at, DoorName.MQTT)
    return Caller(
        Actor(None, frozenset(), at), None, _t("Show a token, as the user property “token”.")
    )


def _answered(topic: str, payload: bytes, who: Caller, at: datetime) -> Answer:
    found = TOPIC.fullmatch(topic)
    if found is None:
        return problem(404, "Not found", _t("Observations alone are made by messages."))
    if who.sender is None:
        return problem(401, "Not signed in", who.why_not)
    try:
        body = load(payload)
    except Unreadable as error:
        return problem(400, "Not readable", str(error))
    root = f"{settings.SITE_ADDRESS}/sta/v1.1"
    return answer(Asked("POST", found[1], "", body, who.actor, who.sender, at, root))
