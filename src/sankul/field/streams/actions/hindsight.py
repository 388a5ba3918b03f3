"""A spike is known only when the next value has come: then the one before gets its flag, as a new version."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from django.utils.translation import gettext as _t

from sankul.field.streams.models import Revision
from sankul.field.streams.queries.existing import Before
from sankul.field.streams.queries.reviewing import reviewed
from sankul.field.streams.rules import VersionKind
from sankul.field.streams.rules.numbers import moment

from .revising import Change, write


def flag(*, spikes: Before, at: datetime) -> None:
    """Give observations the flags in ``spikes``, each under a revision of its stream; what somebody reviewed stays.

    The caller has locked the streams, and the observations lie in open spans.
    """
    for place, stream_id in enumerate(spikes.stream_ids.tolist()):
        time = moment(int(spikes.time_us[place]))
        if reviewed(stream_id, time, time):
            continue
        one = slice(place, place + 1)
        revision = Revision.objects.create(
            stream_id=stream_id,
            kind=VersionKind.RULES,
            reason=_t("A spike, as the value after it shows"),
            method={"n": 1, "since": time.isoformat(), "until": time.isoformat()},
            made_at=at,
        )
        write(
            revision=revision,
            change=Change(
                spikes.time_us[one], spikes.values[one], spikes.flags[one], np.zeros(1, bool)
            ),
        )
