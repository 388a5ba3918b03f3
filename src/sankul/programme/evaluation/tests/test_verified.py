"""What verification leaves open is in the package, and moves the intervals where the framework lets data vary."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest

from sankul.core.rules.verdicts import Refused
from sankul.programme.evaluation.actions import package, runs
from sankul.programme.evaluation.models import Run
from sankul.programme.evidence.rules import Design, Finding, VerificationStage
from sankul.programme.evidence.tests import makers as evidence
from sankul.programme.indicators.queries.tallies import values
from sankul.programme.indicators.tests import makers as indicators

pytestmark = pytest.mark.django_db
SOURCE = """
[framework]
id = "small"
title = "Small framework"
version = "1"

[[node]]
id = "index"
title = "Index"

[[indicator]]
id = "items"
title = "Items"
parent = "index"
unit = "items"
measure = "outreach_item"
statistic = "sum"
goalposts = [0, 1000]

[[indicator]]
id = "records"
title = "Records"
parent = "index"
unit = "records"
measure = "outreach_item"
statistic = "count"
goalposts = [0, 100]

[[indicator]]
id = "monthly"
title = "Items a month"
parent = "index"
unit = "items a month"
measure = "outreach_item"
statistic = "per_month"
goalposts = [0, 100]

[[indicator]]
id = "average"
title = "Mean"
parent = "index"
unit = "items"
measure = "outreach_item"
statistic = "mean"
goalposts = [0, 100]

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
VARIES = f'{SOURCE}\n[[vary]]\nwhat = "data"\n'
SAMPLED = Design(precision=Decimal("0.3"), second_share=Decimal(0))


def _season(source: str = VARIES) -> evidence.Season:
    made = evidence.season(claims=40)
    indicators.approved(made.programme, source)
    return made


def _estimated(made: evidence.Season) -> evidence.Season:
    """Every second sampled claim of the first cluster is rejected."""
    evidence.at_stage(VerificationStage.VERIFYING, made, SAMPLED)
    own = [it for it in evidence.looks(made) if it.sampled.cluster == made.clusters[0]]
    for look in own[::2]:
        evidence.find(made, look, Finding.REJECTED)
    evidence.finish(made)
    return made


def _run(made: evidence.Season) -> Run:
    framework = made.programme.frameworks.get()
    return runs.compute(
        actor=None, period=made.period, framework=framework, at=evidence.later(9), draws=256, seed=1
    )


def _limits(made: evidence.Season, code: str) -> list[Any]:
    """Lower limit, value and upper limit of the first cluster."""
    framework = made.programme.frameworks.get()
    found = values(made.period, package.wanted(framework))
    low, high = package.limits(framework, found)
    return [it[code][made.clusters[0].pk] for it in (low, found.values, high)]


def test_limits_hold_the_value_which_holds_the_findings_of_the_sample() -> None:
    made = _season()
    assert _limits(made, "items") == [None, 820, None]
    _estimated(made)
    low, value, high = _limits(made, "items")
    assert low < value == high < 820
    least, records, _most = _limits(made, "records")
    assert least < records < 40
    assert _limits(made, "monthly") == pytest.approx([low / 12, value / 12, high / 12])
    assert _limits(made, "average")[::2] == [None, None]


def test_what_nobody_checked_widens_the_interval_of_the_score() -> None:
    made = _season()
    before = _run(made).standings.get(cluster=made.clusters[0])
    assert before.score_low == before.score_high == pytest.approx(before.score)
    after = _run(_estimated(made)).standings.get(cluster=made.clusters[0])
    assert after.score < before.score
    assert after.score_low < after.score_high <= after.score


def test_a_run_freezes_the_limits_that_it_used() -> None:
    run = _run(_estimated(_season()))
    with run.package.open() as file:
        names = zipfile.ZipFile(io.BytesIO(file.read())).namelist()
    assert {"package/values_low.csv", "package/values_high.csv"} <= set(names)


def test_without_an_estimate_and_without_varying_data_a_package_has_no_limits() -> None:
    made = _season(SOURCE)
    framework = made.programme.frameworks.get()
    found = values(made.period, package.wanted(framework))
    assert "values_low.csv" not in package.assemble(framework, found).texts
    _estimated(made)
    found = values(made.period, package.wanted(framework))
    assert "values_low.csv" in package.assemble(framework, found).texts


def test_a_run_from_before_the_estimate_is_not_published_after_it() -> None:
    made = _season()
    run = _run(made)
    _estimated(made)
    with pytest.raises(Refused, match="Records have changed"):
        runs.publish(actor=None, run=run, at=evidence.later(9))
