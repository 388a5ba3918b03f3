"""Verification by sampling: time and memory of planning, drawing and estimating, beside peers.

    python -m benchmarks.sampling [--quick] [--json FILE] [--no-peers]

One population of claims in 96 strata, of which 10,000 are verified and totals of 240 domains
estimated. Peers draw and estimate in one process each: samplics (systematic sampling in proportion to size, Taylor
linearisation), and what an analyst writes in pandas (weighted sampling by stratum, ratios and
variances by groups). Neither freezes the population, nor can its draw be repeated from public texts; both take sizes
as given here, without records that would be certain, which samplics refuses.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import figures

PEERS = ("samplics==0.6.1", "pandas==3.1.1")
STRATA, DOMAINS, SAMPLE = 96, 240, 10_000


def data(records: int) -> dict[str, Any]:
    """Ids, strata, domains, sizes and what truly stands, equal in every process."""
    import numpy as np

    rng = np.random.default_rng(1)
    return {
        "ids": [f"claim-{k:08}" for k in rng.permutation(records)],
        "strata": [f"stratum-{k:02}" for k in rng.integers(0, STRATA, records)],
        "domains": [f"domain-{k:03}" for k in rng.integers(0, DOMAINS, records)],
        "size": rng.lognormal(0, 0.5, records),
        "stands": (rng.random(records) > 0.05).astype(float),
    }


def own(records: int, sample: int) -> dict[str, Any]:
    """Sankul, step by step."""
    from sankul.engines import sampling

    given, watch = data(records), figures.Stopwatch()
    with watch.running("population checked and frozen (SHA-256)"):
        population = sampling.Population.of(given["ids"], given["strata"], given["size"])
        population.digest  # noqa: B018
    with watch.running("plan for a given sample"):
        plan = sampling.plan(population, sample=sample)
    with watch.running("draw"):
        drawn = sampling.draw(population, plan, public_number="48 17 3", round_id="2026")
    stands = {name: given["stands"][row] for name, row in zip(drawn.ids, drawn.rows, strict=True)}
    with watch.running("estimates and limits by domain"):
        amounts = sampling.Amounts.of(population, given["ids"], given["domains"], given["size"])
        made = sampling.estimate(population, drawn, stands, amounts)
    peak = figures.own_peak_mib()
    with watch.running("plan for a wished precision (beside)"):
        wished = sampling.plan_for(population, half_width=0.05)
    return {
        "seconds": watch.seconds,
        "peak_mib": peak,
        "drawn": plan.sample,
        "wished": wished.sample,
        "total": float(made.value.sum()),
        "truth": float(given["size"] @ given["stands"]),
    }


def with_samplics(records: int, sample: int) -> dict[str, Any]:
    """Systematic sampling in proportion to size, and ratios by domain, by samplics."""
    import warnings

    import numpy as np

    warnings.simplefilter("ignore")
    from samplics.estimation import TaylorEstimator
    from samplics.sampling import SampleSelection
    from samplics.utils.types import PopParam, SelectMethod

    given = data(records)
    strata, domains = np.array(given["strata"]), np.array(given["domains"])
    size, stands = given["size"], given["stands"]
    begun = time.perf_counter()
    counts = dict.fromkeys(np.unique(strata).tolist(), sample // STRATA)
    selection = SampleSelection(method=SelectMethod.pps_sys, strat=True, wr=False)
    taken, _, chance = selection.select(np.array(given["ids"]), counts, strata, size)
    taken = taken.astype(bool)
    drawn = time.perf_counter()
    TaylorEstimator(PopParam.ratio).estimate(
        y=(size * stands)[taken],
        x=size[taken],
        samp_weight=1 / chance[taken],
        stratum=strata[taken],
        domain=domains[taken],
    )
    return _peer(begun, drawn)


def with_pandas(records: int, sample: int) -> dict[str, Any]:
    """Weighted sampling in each stratum, and ratios and variances by domain, by pandas."""
    import pandas as pd

    frame = pd.DataFrame(data(records))
    begun = time.perf_counter()
    groups = frame.groupby("strata")
    drawn = groups.sample(sample // STRATA, weights=frame["size"], random_state=1).copy()
    totals = groups["size"].sum()
    drawn["chance"] = sample // STRATA * drawn["size"] / drawn["strata"].map(totals)
    done = time.perf_counter()
    drawn["c"] = drawn["size"] / drawn["chance"]
    drawn["y"] = drawn["c"] * drawn["stands"]
    sums = drawn.groupby("domains")[["c", "y"]].sum()
    drawn["e"] = drawn["y"] - drawn["c"] * drawn["domains"].map(sums["y"] / sums["c"])
    drawn.groupby(["domains", "strata"])["e"].agg(["sum", "var", "size"])
    return _peer(begun, done)


def _peer(begun: float, drawn: float) -> dict[str, Any]:
    import resource

    return {
        "draw": drawn - begun,
        "estimate": time.perf_counter() - drawn,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "own": own,
    "samplics": with_samplics,
    "pandas": with_pandas,
}


def peers_python() -> str:
    """The Python of the peers' environment, made on the first run."""
    folder = Path(tempfile.gettempdir()) / "sankul-benchmark-sampling"
    python, ready = folder / "bin" / "python", folder / "ready"
    wanted = "\n".join(PEERS)
    if not ready.is_file() or ready.read_text("utf-8") != wanted:
        print(f"Installing {', '.join(PEERS)} into {folder} …", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        command = [python, "-m", "pip", "install", "--quiet", "psutil", *PEERS]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        ready.write_text(wanted, "utf-8")
    return str(python)


def peers(records: int, sample: int) -> figures.Table:
    """What the peers take."""
    table = figures.Table(f"Peers, {records:,} records, {sample // STRATA} drawn of each stratum")
    python = peers_python()
    for name in ("samplics", "pandas"):
        command = ["-W", "ignore", "-m", "benchmarks.sampling", "--task"]
        task = json.dumps([name, records, sample])
        done = subprocess.run(
            [python, *command, task],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=Path(__file__).parents[1],
        )
        found = json.loads(done.stdout.splitlines()[-1])
        table.add(
            peer=name,
            draw_s=found["draw"],
            estimate_s=found["estimate"],
            peak_mib=found["peak_mib"],
        )
    return table


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write."""
    parser = figures.arguments(__doc__ or "")
    parser.add_argument("--no-peers", action="store_true", help="measure Sankul alone")
    given = parser.parse_args(arguments)
    if given.task:
        name, *rest = json.loads(given.task)
        print(json.dumps(TASKS[name](*rest)))
        return 0
    records, sample = (100_000, 2_000) if given.quick else (1_000_000, SAMPLE)
    found = figures.apart("benchmarks.sampling", "own", records, sample)
    table = figures.Table(
        f"Sankul, {records:,} records in {STRATA} strata, {found['drawn']:,} drawn",
        note=f"{found['wished']} would do for ± 5 % of the total. Estimated total over the true one: "
        f"{found['total'] / found['truth']:.4f}.",
    )
    for step, seconds in found["seconds"].items():
        table.add(step=step, seconds=seconds)
    table.add(step="peak memory, MiB (up to the estimates)", seconds=found["peak_mib"])
    tables = [table] if given.no_peers else [table, peers(records, sample)]
    return figures.finish(tables, given.json)


if __name__ == "__main__":
    raise SystemExit(main())
