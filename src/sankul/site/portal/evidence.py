"""Verification on the pages that cross areas: its datasets, and what it asks of people today."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.exports import Dataset, Field, Type
from sankul.core.formats import number
from sankul.core.rules.roles import Actor
from sankul.core.ui import State, Task, Tone
from sankul.programme.evidence.models import Estimate, Sampled
from sankul.programme.evidence.queries import checks
from sankul.programme.evidence.rules import VERIFY

OF_PERIOD = (
    Field(
        "programme",
        Type.TEXT,
        _("short name of the programme"),
        "verification__programme__slug",
    ),
    Field(
        "is_demonstration",
        Type.TRUTH,
        _("whether the programme is the fictional demonstration"),
        "verification__programme__is_demonstration",
    ),
    Field("period", Type.TEXT, _("reporting period"), "verification__period__label"),
    Field("cluster", Type.TEXT, _("short name of the cluster"), "cluster__slug"),
)
VERIFICATION = (
    Dataset(
        "verified-totals",
        _("Verified totals"),
        _("What stands of every cluster's totals, estimated from the claims that were verified."),
        (
            *OF_PERIOD,
            Field("measure", Type.TEXT, _("what is counted; empty for all of it, in points")),
            Field("of", Type.TEXT, _("quantity, records or points")),
            Field("claims", Type.WHOLE, _("claims")),
            Field("sampled", Type.WHOLE, _("claims that were looked at")),
            Field("claimed", Type.NUMBER, _("total that was claimed")),
            Field("verified", Type.NUMBER, _("total that stands; empty: nothing was looked at")),
            Field("low", Type.NUMBER, _("its lower limit")),
            Field("high", Type.NUMBER, _("its upper limit")),
            Field("overstatement", Type.NUMBER, _("share that does not stand, 0 to 1")),
            Field("overstatement_high", Type.NUMBER, _("upper bound of that share")),
        ),
        Estimate.objects.visible_to,
    ),
    Dataset(
        "verification-sample",
        _("Samples of verification"),
        _("Every claim that a public number chose, with its chance and what was found of it."),
        (
            *OF_PERIOD,
            Field("claim", Type.WHOLE, _("number of the claim"), "claim_id"),
            Field("reference", Type.TEXT, _("the cluster's own reference"), "claim__reference"),
            Field("kind", Type.TEXT, _("kind of claim")),
            Field("quantity", Type.DECIMAL, _("what was claimed when the claims closed")),
            Field("size", Type.NUMBER, _("points of an index that it can move")),
            Field("probability", Type.NUMBER, _("chance to come into the sample")),
            Field("finding", Type.TEXT, _("what was found; empty until it is settled")),
            Field("verified_quantity", Type.DECIMAL, _("what stands of it")),
        ),
        Sampled.objects.visible_to,
    ),
)


def tasks(actor: Actor) -> Iterator[Task]:
    """What waits for a verifier."""
    if actor.scopes(VERIFY):
        waiting = checks.waiting(actor, checks.interests(actor)).count()
        told = _t("%s waiting") % number(waiting) if waiting else _t("nothing waits")
        state = State(Tone.ATTENTION if waiting else Tone.GOOD, told)
        yield Task(_t("Verify claims"), state, reverse("queue"))
