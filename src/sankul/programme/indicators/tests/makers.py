"""Makers of frameworks: a small one with two outcomes, drafted and approved through the actions."""

from __future__ import annotations

from sankul.programme.indicators.actions import frameworks
from sankul.programme.indicators.models import Framework
from sankul.programme.registry.models import Programme
from sankul.programme.registry.tests import makers

SMALL = """
[framework]
id = "small"
title = "Small framework"
version = "1"

[[node]]
id = "index"
title = "Index"

[[node]]
id = "outreach"
title = "Outreach"
parent = "index"

[[node]]
id = "money"
title = "Money"
parent = "index"

[[indicator]]
id = "items"
title = "Items"
parent = "outreach"
unit = "items"
measure = "outreach_item"
statistic = "sum"
goalposts = [0, 10]

[[indicator]]
id = "own_share"
title = "Own income against cost"
parent = "money"
unit = "ratio"
measure = "own_income"
statistic = "sum"
denominator = "operating_cost"
goalposts = [0, 1]

[[step]]
do = "denominate"

[[step]]
do = "screen"
min_coverage = 0.6

[[step]]
do = "normalise"
method = "goalposts"

[[step]]
do = "aggregate"
method = "arithmetic"
"""


def draft(programme: Programme, source: str = SMALL) -> Framework:
    """A drafted framework."""
    return frameworks.draft(actor=None, programme=programme, source=source, at=makers.AT)


def approved(programme: Programme, source: str = SMALL) -> Framework:
    """A framework that the apex committee approved."""
    body = programme.bodies.first() or makers.body(programme)
    meeting = body.meetings.first() or makers.meeting(body)
    return frameworks.approve(
        actor=None,
        framework=draft(programme, source),
        decision=makers.decision(meeting),
        at=makers.AT,
    )
