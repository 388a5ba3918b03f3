"""Which streams can be a group that a detector of many sites looks at.

A site stands out when a detector of its own stream raises an alert: a group's detector counts these and reads no value.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass

from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused
from sankul.engines.detectors import Network, Spec, needed

LEAST_STREAMS = 3
"""Of fewer streams a share says nothing that their own alerts do not say."""


@dataclass(frozen=True)
class Member:
    """What tells whether a stream fits into a group; it is watched if a detector of its own is on."""

    cluster: Hashable
    observed: Hashable
    unit: str
    is_watched: bool


def why_not_group(members: Collection[Member]) -> Verdict:
    """Whether streams can be looked at together: three of one cluster at least, that observe the same in the same unit."""
    if len(members) < LEAST_STREAMS:
        text = _t("A group has at least %(least)d streams; these are %(given)d.")
        return refused(text % {"least": LEAST_STREAMS, "given": len(members)})
    clusters = {member.cluster for member in members}
    if clusters == {None} or len(clusters) > 1:
        return refused(_t("The streams of a group belong to one cluster."))
    if len({member.observed for member in members}) > 1:
        return refused(_t("The streams of a group observe the same property."))
    if len({member.unit for member in members}) > 1:
        return refused(_t("The streams of a group have the same unit."))
    return ALLOWED


def why_never(members: Collection[Member], spec: Spec) -> Verdict:
    """Whether as many streams as must stand out at once can: those that have a detector of their own that is on."""
    must = needed(spec, len(members)) if isinstance(spec, Network) else 0
    watched = sum(member.is_watched for member in members)
    if watched >= must:
        return ALLOWED
    text = _t(
        "%(must)d of %(all)d streams must stand out at once, and %(watched)d have a detector of their own that is on."
        " Set theirs first, or ask for fewer."
    )
    return refused(text % {"must": must, "all": len(members), "watched": watched})
