"""Quality flags: values a second by Sankul's engine, beside ioos_qc and a pass in Polars.

    python -m benchmarks.quality [--quick] [--json FILE]

All make the same tests with the same limits (gross range, spike, rate of change, flat line,
attenuated signal, gap) on the same series of 15 minutes, of which one value in a hundred is
missing. Polars does the tests that fit expressions (gross range, spike, rate of change), the
ceiling for code without a loop of its own. Compiled loops are compiled before the clock starts.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sankul.engines import quality

from . import figures

STEP_S = 900
RULES = {
    "gross_range": {"fail": [0, 14], "suspect": [6, 9]},
    "spike": {"suspect": 1, "fail": 2},
    "rate_of_change": {"suspect_per_s": 0.001, "fail_per_s": 0.002},
    "flat_line": {"suspect_s": 7200, "fail_s": 14400, "tolerance": 0.001},
    "attenuated": {"suspect": 0.05, "fail": 0.01, "period_s": 86400},
    "gap": {"fail_s": 3600},
}
Series = tuple[NDArray[np.int64], NDArray[np.float64]]


def series(size: int) -> Series:
    """A daily swing with noise, one value in a hundred missing."""
    rng = np.random.default_rng(1)
    values = 7.5 + np.sin(np.arange(size) * 2 * np.pi / 96) / 2 + rng.normal(0, 0.1, size)
    values[rng.random(size) < 0.01] = np.nan
    return np.arange(size) * STEP_S * 1_000_000, values


def own(given: Series, streams: int) -> None:
    """All six tests, as many series as said at once."""
    time_us, values = given
    rules = quality.Rules.from_mapping({**RULES, "interval_s": STEP_S})
    starts = np.linspace(0, len(values), streams + 1).astype(np.int64)
    quality.check_many([rules], np.zeros(streams, np.int64), starts, time_us, values)


def by_ioos(given: Series) -> None:
    """The same six tests by ioos_qc, aggregated."""
    from ioos_qc import qartod

    stamps, values = given[0].astype("datetime64[us]"), given[1]
    qartod.qartod_compare(
        [
            qartod.gross_range_test(values, (0, 14), (6, 9)),
            qartod.spike_test(values, 1, 2),
            qartod.rate_of_change_test(values, stamps, 0.001, 0.002),
            qartod.flat_line_test(values, stamps, 7200, 14400, 0.001),
            qartod.attenuated_signal_test(values, stamps, 0.05, 0.01, 86400, min_obs=3),
            qartod.time_gap_test(stamps, 1),
        ]
    )


def by_polars(given: Series) -> None:
    """Gross range, spike and rate of change as expressions."""
    import polars as pl

    x = pl.col("x")
    apart = (x - (x.shift(1) + x.shift(-1)) / 2).abs()
    rate = x.diff().abs() / (pl.col("t").diff() / 1_000_000)
    gross = pl.when(~x.is_between(0, 14)).then(4).when(~x.is_between(6, 9)).then(3).otherwise(1)
    spike = pl.when(apart > 2).then(4).when(apart > 1).then(3).otherwise(1)
    fast = pl.when(rate > 0.002).then(4).when(rate > 0.001).then(3).otherwise(1)
    worst = pl.max_horizontal(gross, spike, fast)
    flag = pl.when(x.is_nan()).then(9).otherwise(worst).cast(pl.Int8)
    pl.DataFrame({"t": given[0], "x": given[1]}).select(flag)


def detected(given: Series) -> None:
    """What stands out by itself."""
    quality.detect(given[1])


def rate(work: Callable[[], Any], size: int, times: int = 3) -> dict[str, float]:
    """The best of a few runs, by the clock and by processor time."""
    found = []
    for _ in range(times):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - wall, time.process_time() - processor))
    return {
        "million_values_per_s": size / min(each[0] for each in found) / 1e6,
        "million_values_per_cpu_s": size / min(each[1] for each in found) / 1e6,
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write."""
    given = figures.arguments(__doc__ or "").parse_args(arguments)
    size = 1_000_000 if given.quick else 10_000_000
    warnings.simplefilter("ignore")
    data, small = series(size), series(size // 10)
    own(series(1000), 10)
    detected(series(1000))
    table = figures.Table(
        f"Quality flags of {size:,} values (ioos_qc and detection: a tenth of them)",
        "Aim: 5 million values a second.",
    )
    for name, work, many in (
        ("Sankul, six tests, one series", lambda: own(data, 1), size),
        ("Sankul, six tests, 5,000 series at once", lambda: own(data, 5000), size),
        ("Sankul, detection without limits", lambda: detected(small), size // 10),
        ("Polars, three tests", lambda: by_polars(data), size),
        ("ioos_qc, six tests", lambda: by_ioos(small), size // 10),
    ):
        table.add(what=name, **rate(work, many))
    return figures.finish([table], given.json)


if __name__ == "__main__":
    raise SystemExit(main())
