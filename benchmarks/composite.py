"""Speed and memory of the composite-index engine, beside peers doing the same task.

    python -m benchmarks.composite [--quick] [--json FILE] [--no-peers]

Each figure comes from a process of its own, so that peak memory is its own (with ``--quick`` from a
process for each library, whose peak memory is that of all its tasks so far); compiling loops, or
loading compiled ones, comes before the clock starts, as does importing a peer. The peers
(scikit-criteria, pymcdm, pyrepo-mcda, and a pandas loop as stand-in for COINr, which is R) are
installed into a virtual environment under a temporary folder and are looped over the draws, as
their users must. Where a peer would take long, it does fewer draws, and its time is scaled up:
such a figure is marked ~.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PEERS = ("scikit-criteria==0.10", "pymcdm==1.4.0", "pyrepo-mcda==0.1.15", "pandas==3.1.1")
SIZES = ((8, 12), (50, 50), (1000, 50))
DRAWS = 10_000
ASEM = Path(__file__).resolve().parents[2] / "shared" / "oracles" / "asem" / "package"
ASEM_VARY: list[dict[str, Any]] = [
    {
        "what": "choice",
        "step": "treat",
        "options": ["none", {"method": "winsorise", "max_points": 3}, "winsorise_then_log"],
    },
    {
        "what": "choice",
        "step": "normalise",
        "options": [
            {"method": "min_max", "low": 1, "high": 100},
            {"method": "z_score", "mean": 100, "sd": 10},
            "percentile_rank",
        ],
    },
    {"what": "choice", "step": "aggregate", "options": ["arithmetic", "geometric"]},
    {"what": "weights"},
]


def timed(work: Callable[[], Any]) -> dict[str, float]:
    """Wall and processor seconds of a call, and the peak memory of this process in MiB."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


# --- our own tasks, each in a process of its own ------------------------------------------------


def framework(m: int, groups: int, vary: list[dict[str, Any]], method: str) -> dict[str, Any]:
    """A framework of ``m`` indicators between goalposts 0 and 100, below ``groups`` nodes."""
    nodes = [{"id": "root"}, *({"id": f"p{k}", "parent": "root"} for k in range(groups))]
    return {
        "framework": {"id": "f", "title": "F", "version": "1"},
        "node": nodes,
        "indicator": [
            {"id": f"i{j}", "parent": f"p{j % groups}" if groups else "root"}
            | {"goalposts": [0, 100]}
            for j in range(m)
        ],
        "step": [{"do": "normalise"}, {"do": "aggregate", "method": method}],
        "vary": vary,
    }


def data(n: int, m: int) -> Any:
    import numpy as np

    return np.random.default_rng(0).uniform(1, 100, (n, m))


def made(n: int, m: int, groups: int, method: str = "arithmetic", missing: float = 0.0) -> Any:
    import numpy as np

    from sankul.engines import composite

    values = data(n, m)
    values[np.random.default_rng(1).random(values.shape) < missing] = np.nan
    rows = [
        {"unit": f"u{k:05}", **{f"i{j}": v for j, v in enumerate(row)}}
        for k, row in enumerate(values.tolist())
    ]
    vary = [{"what": "weights", "how": "simplex"}]
    return composite.Package.from_parts(
        framework(m, groups, vary, method), [{"unit": row["unit"]} for row in rows], rows
    )


def own_draws(n: int, m: int, groups: int, draws: int, pairs: bool, *more: Any) -> dict[str, float]:
    """Intervals, acceptability and, with ``pairs``, who stands above whom, under drawn weights."""
    from sankul.engines import composite
    from sankul.engines.composite import robustness

    package = made(n, m, groups, *more)
    usual = robustness.COMPILED_WORK
    robustness.COMPILED_WORK = 0
    composite.uncertainty(package.spec, package.frame, draws=8, seed=1)
    robustness.COMPILED_WORK = usual
    return timed(
        lambda: composite.uncertainty(
            package.spec, package.frame, draws=draws, seed=1, outranking=pairs
        )
    )


def own_data(n: int, m: int, method: str, draws: int) -> dict[str, float]:
    """Every value between bounds of ± 10 %, normalised anew in every draw."""
    from sankul.engines import composite

    content = framework(m, 0, [{"what": "data"}], "arithmetic")
    content["step"][0]["method"] = method
    tables = [
        [
            {"unit": f"u{k:05}", **{f"i{j}": v for j, v in enumerate(row)}}
            for k, row in enumerate((data(n, m) * by).tolist())
        ]
        for by in (1, 0.9, 1.1)
    ]
    package = composite.Package.from_parts(
        content,
        [{"unit": row["unit"]} for row in tables[0]],
        tables[0],
        values_low=tables[1],
        values_high=tables[2],
    )
    composite.uncertainty(package.spec, package.frame, draws=8, seed=1)
    return timed(lambda: composite.uncertainty(package.spec, package.frame, draws=draws, seed=1))


def own_ways(n: int, m: int) -> dict[str, float]:
    """Microseconds a draw, on one thread, of each way to score, to rank and to compare pairs."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when NumPy is imported
    import numpy as np

    from sankul.engines.composite import threads
    from sankul.engines.composite.kernels import count_pairs
    from sankul.engines.composite.ranking import descending_ranks
    from sankul.engines.composite.scoring import Compiled, root_scores
    from sankul.engines.composite.tally import compiled_ranks

    threads.count = lambda: 1
    draws = 512
    package = made(n, m, 0)
    spec, x, units = package.spec, package.frame.values, package.frame.units
    weights = np.random.default_rng(2).dirichlet(np.ones(m + 1), draws)
    ready = Compiled.of(spec, x)
    if ready is None:
        raise SystemExit("the compiled loops do not apply")
    scores, ranks = ready.scores(weights), compiled_ranks(root_scores(spec, x, weights, units))
    above = np.zeros((n, n), dtype=np.int64)
    ways: dict[str, Callable[[], Any]] = {
        "score: NumPy": lambda: root_scores(spec, x, weights, units),
        "score: Numba": lambda: ready.scores(weights),
        "score: BLAS": lambda: weights[:, :m] @ x.T,
        "rank: NumPy": lambda: descending_ranks(scores),
        "rank: Numba and NumPy's sort": lambda: compiled_ranks(scores),
        "pairs: NumPy": lambda: [(row[:, None] < row).sum(axis=0) for row in ranks[:64]],
        "pairs: Numba": lambda: count_pairs(ranks, 0, n, above),
    }
    found = {}
    for name, way in ways.items():
        done = 64 if name == "pairs: NumPy" else draws
        found[name] = min(timed(way)["cpu_s"] for _ in range(3)) / done * 1e6
    return found


def own_ranks(n: int, m: int, draws: int) -> dict[str, float]:
    """The peers' own task and no more: weighted sums and ranks under given weights."""
    import numpy as np

    from sankul.engines import composite

    package = made(n, m, 0)
    weights = np.random.default_rng(2).dirichlet(np.ones(m + 1), draws)
    composite.ranks_under(package.spec, package.frame, weights[:8])  # loads what was compiled
    return timed(lambda: composite.ranks_under(package.spec, package.frame, weights))


def own_asem(draws: int, weights_only: bool) -> dict[str, float]:
    import csv
    import tomllib

    from sankul.engines import composite

    content = tomllib.loads((ASEM / "framework.toml").read_text(encoding="utf-8"))
    content["vary"] = ASEM_VARY[-1:] if weights_only else ASEM_VARY
    tables = [
        list(csv.DictReader((ASEM / name).open(encoding="utf-8-sig", newline="")))
        for name in ("units.csv", "values.csv")
    ]
    package = composite.Package.from_parts(content, *tables)
    composite.uncertainty(package.spec, package.frame, draws=2, seed=1)
    return timed(lambda: composite.uncertainty(package.spec, package.frame, draws=draws, seed=1))


def own_bandwidth() -> dict[str, float]:
    """GB a second that this machine copies (read and write) on all its processors."""
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    threads = os.cpu_count() or 1
    pairs = [(np.ones(8_000_000), np.zeros(8_000_000)) for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        best = min(
            timed(lambda: list(pool.map(lambda p: np.copyto(p[1], p[0]), pairs)))["wall_s"]
            for _ in range(7)
        )
    return {"gb_per_s": threads * 2 * 8_000_000 * 8 / best / 1e9}


# --- the peers' tasks, in their own environment -------------------------------------------------


def peer_task(peer: str, n: int, m: int) -> Callable[[Any], Any]:
    """A function of one weight vector: weighted sum, or TOPSIS, and its ranks, over min–max data."""
    import numpy as np

    x, types = data(n, m), np.ones(m)
    library, _, method = peer.partition(" ")
    if library == "scikit-criteria":
        import skcriteria
        from skcriteria.agg.simple import WeightedSumModel
        from skcriteria.agg.topsis import TOPSIS

        decide = TOPSIS() if method == "TOPSIS" else WeightedSumModel()
        return lambda w: decide.evaluate(skcriteria.mkdm(x, [max] * m, weights=w)).rank_
    if library == "pymcdm":
        from pymcdm.helpers import rrankdata
        from pymcdm.methods import TOPSIS, WSM
        from pymcdm.normalizations import minmax_normalization

        body = TOPSIS() if method == "TOPSIS" else WSM(minmax_normalization)
        return lambda w: rrankdata(body(x, w, types))
    from pyrepo_mcda.additions import rank_preferences
    from pyrepo_mcda.mcda_methods import SAW, TOPSIS

    body = TOPSIS() if method == "TOPSIS" else SAW()
    return lambda w: rank_preferences(body(x, w, types), reverse=True)


def peer_draws(peer: str, n: int, m: int, draws: int) -> dict[str, float]:
    import numpy as np

    weights = np.random.default_rng(2).dirichlet(np.ones(m), draws)
    task = peer_task(peer, n, m)
    task(weights[0])
    return timed(lambda: [task(w) for w in weights])


def peer_pandas(draws: int) -> dict[str, float]:
    """Variations of the ASEM index in pandas: treat, normalise, weigh and aggregate each time."""
    import numpy as np
    import pandas as pd

    values, parents, direction = _pandas_data()
    rng = np.random.default_rng(3)

    def variation() -> Any:
        frame = values.apply(_treated, how=rng.integers(3)) * direction
        frame = _normalised(frame, rng.integers(3))
        weights = parents["weight"].fillna(1) * rng.uniform(0.75, 1.25, len(parents))
        index = _aggregated(frame, parents["parent"], weights, geometric=rng.integers(2) == 1)
        return index.rank(ascending=False, method="min")

    def intervals() -> Any:
        ranks = pd.concat([variation() for _ in range(draws)], axis=1)
        return ranks.quantile([0.05, 0.5, 0.95], axis=1)

    with np.errstate(divide="ignore"):
        variation()
        return timed(intervals)


def _pandas_data() -> tuple[Any, Any, Any]:
    import tomllib

    import pandas as pd

    content = tomllib.loads((ASEM / "framework.toml").read_text(encoding="utf-8"))
    units = pd.read_csv(ASEM / "units.csv", index_col="unit")
    values = pd.read_csv(ASEM / "values.csv", index_col="unit")
    indicators = pd.DataFrame(content["indicator"]).set_index("id")
    for name, size in indicators["denominator"].dropna().items():
        values[name] = values[name] / units[size]
    means = values.groupby(units["EurAsia_group"]).transform("mean")
    parents = pd.DataFrame([*content["node"], *content["indicator"]]).set_index("id")
    return values[indicators.index].fillna(means), parents, indicators["direction"]


def _passes(x: Any) -> bool:
    return bool(abs(x.skew()) < 2 or x.kurt() < 3.5)


def _winsorised(x: Any, most: int) -> Any:
    y = x.sort_values()
    for _ in range(most):
        if _passes(y):
            break
        high = y.skew() >= 0
        kept = y[y < y.max()] if high else y[y > y.min()]
        y = y.clip(upper=kept.max()) if high else y.clip(lower=kept.min())
    return y.reindex(x.index)


def _treated(x: Any, how: int) -> Any:
    import numpy as np

    if how == 0:
        return x
    y = _winsorised(x, 3 if how == 1 else 5)
    if how == 1 or _passes(y):
        return y
    return np.log(x - x.min() + 0.01 * (x.max() - x.min()))


def _normalised(frame: Any, how: int) -> Any:
    if how == 0:
        return 1 + 99 * (frame - frame.min()) / (frame.max() - frame.min())
    if how == 1:
        return 100 + 10 * (frame - frame.mean()) / frame.std()
    return (frame.rank(method="min") - 1) / (len(frame) - 1)


def _aggregated(frame: Any, parents: Any, weights: Any, *, geometric: bool) -> Any:
    import numpy as np

    while list(frame.columns) != ["Index"]:
        depth = {column: _depth(parents, column) for column in frame.columns}
        deepest = [column for column in frame.columns if depth[column] == max(depth.values())]
        for node in parents[deepest].unique():
            children = [column for column in deepest if parents[column] == node]
            w = weights[children] / weights[children].sum()
            part = np.log(frame[children]) if geometric else frame[children]
            mean = (part * w).sum(axis=1)
            frame[node] = np.exp(mean) if geometric else mean
        frame = frame.drop(columns=deepest)
    return frame["Index"]


def _depth(parents: Any, at: str) -> int:
    depth = 0
    while isinstance(parents[at], str):
        at, depth = parents[at], depth + 1
    return depth


TASKS: dict[str, Callable[..., dict[str, float]]] = {
    "own_draws": own_draws,
    "own_ranks": own_ranks,
    "own_asem": own_asem,
    "own_data": own_data,
    "own_ways": own_ways,
    "own_bandwidth": own_bandwidth,
    "peer_draws": peer_draws,
    "peer_pandas": peer_pandas,
}


# --- the run ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """A figure to measure: what is done, by whom, with which Python, and the function to call.

    ``scale`` is how many times fewer draws are done than the task names.
    """

    task: str
    who: str
    python: str
    call: tuple[Any, ...]
    scale: float = 1.0


def apart(python: str, *calls: tuple[Any, ...]) -> list[dict[str, float]]:
    """What functions give, one after another in a process of their own."""
    command = [python, "-W", "ignore", __file__, "--task", json.dumps(calls)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{calls} failed:\n{done.stderr[-2000:]}")
    answer: list[dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def measured(jobs: list[Job], together: bool) -> list[dict[str, Any]]:
    """The rows of the jobs, each in a process of its own, or one process for each library."""
    groups: dict[Any, list[Job]] = {}
    for number, job in enumerate(jobs):
        groups.setdefault(job.who.split()[0] if together else number, []).append(job)
    rows = {}
    for group in groups.values():
        figures = apart(group[0].python, *(job.call for job in group))
        rows |= {job: line(job, found) for job, found in zip(group, figures, strict=True)}
    return [rows[job] for job in jobs]


def peers_python() -> str:
    """The Python of the peers' environment, made on the first run."""
    folder = Path(tempfile.gettempdir()) / "sankul-benchmark-peers"
    python = folder / "bin" / "python"
    wanted = "\n".join(PEERS)
    ready = folder / "ready"
    if not ready.is_file() or ready.read_text(encoding="utf-8") != wanted:
        print(f"Installing {', '.join(PEERS)} into {folder} …", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", *PEERS],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        ready.write_text(wanted, encoding="utf-8")
    return str(python)


def line(job: Job, figures: dict[str, float]) -> dict[str, Any]:
    row: dict[str, Any] = {"task": job.task, "who": job.who, "scaled": job.scale > 1}
    row |= {key: figures[key] * job.scale for key in ("wall_s", "cpu_s")}
    row["peak_mib"] = figures["peak_mib"]
    mark = "~" if job.scale > 1 else " "
    print(
        f"{job.task:54} {job.who:27} {mark}{row['wall_s']:9.3f} s {mark}{row['cpu_s']:9.3f} CPU-s "
        f"{row['peak_mib']:6.0f} MiB",
        flush=True,
    )
    return row


def weighted_sums(python: str | None, quick: bool) -> list[Job]:
    jobs = []
    for n, m in SIZES:
        task = f"scores and ranks, {n} × {m}, {DRAWS:,} draws"
        jobs.append(Job(task, "sankul", sys.executable, ("own_ranks", n, m, DRAWS)))
        more = ("own_draws", n, m, 0, DRAWS, True)
        jobs.append(Job(task, "sankul, with uncertainty", sys.executable, more))
        for library in ("scikit-criteria", "pymcdm", "pyrepo-mcda") if python else ():
            for method in ("weighted sum",) if quick else ("weighted sum", "TOPSIS"):
                scale = 10 if not quick else 100 if n < 1000 else 1000
                who = f"{library} {method}"
                call = ("peer_draws", who, n, m, DRAWS // scale)
                jobs.append(Job(task, who, str(python), call, scale))
    return jobs


def asem(python: str | None, quick: bool) -> list[Job]:
    if not ASEM.is_dir():
        print("ASEM: skipped, ../shared/oracles/asem is not beside the checkout")
        return []
    task = "ASEM, 1,000 variations of methods and weights"
    weights = "ASEM, 1,000 draws of weights"
    jobs = [
        Job(task, "sankul", sys.executable, ("own_asem", 1000, False)),
        Job(weights, "sankul", sys.executable, ("own_asem", 1000, True)),
    ]
    if python:
        scale = 100 if quick else 10
        jobs.append(Job(task, "pandas loop", python, ("peer_pandas", 1000 // scale), scale))
    return jobs


def large(quick: bool) -> list[Job]:
    """The aim: 100,000 draws on 1,000 units × 60 indicators in 60 s and 1 GiB."""
    draws = 5_000 if quick else 100_000
    kinds: list[tuple[str, tuple[Any, ...]]] = [
        ("arithmetic", (True, "arithmetic")),
        ("arithmetic, pairs not compared", (False, "arithmetic")),
        ("geometric", (True, "geometric")),
        ("arithmetic, 5 % missing", (True, "arithmetic", 0.05)),
    ]
    jobs = [
        Job(
            f"1,000 × 60 {words}, {draws:,} draws",
            "sankul",
            sys.executable,
            ("own_draws", 1000, 60, 6, draws, *more),
        )
        for words, more in kinds[: 1 if quick else None]
    ]
    varied = draws // 10
    task = f"50 × 50 data within bounds, min–max, {varied:,} draws"
    call = ("own_data", 50, 50, "min_max", varied)
    return [*jobs, Job(task, "sankul", sys.executable, call)]


def limits(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How near to what the machine can do: memory that has to move, and each way of computing."""
    bandwidth = apart(sys.executable, ("own_bandwidth",))[0]["gb_per_s"]
    ways = apart(sys.executable, ("own_ways", 1000, 60))[0]
    found: list[dict[str, Any]] = [{"task": "memory", "who": "machine", "gb_per_s": bandwidth}]
    print(f"Memory copies at {bandwidth:.1f} GB/s. What has to pass through it takes, of the time:")
    for row in rows:
        moved = _moved_gb(str(row["task"]))
        if row["who"] == "sankul" and moved:
            share = moved / bandwidth / row["wall_s"]
            found.append({"task": row["task"], "who": "memory", "gb": moved, "share": share})
            print(f"  {row['task']}: {moved:.3f} GB, {share:.1%}")
    found.append({"task": "1,000 × 60, µs a draw on one thread", "who": "sankul", **ways})
    print(
        "1,000 × 60, µs of a processor a draw: "
        + ", ".join(f"{k} {v:.1f}" for k, v in ways.items())
    )
    return found


def _moved_gb(task: str) -> float:
    """GB that a task cannot but move: weights and ranks; of an uncertainty its scores and ranks."""
    size = re.match(r"(scores and ranks, )?([0-9,]+) × ([0-9]+).*?([0-9,]+) draws", task)
    if size is None or "data" in task:
        return 0.0
    n, m, draws = (int(size[k].replace(",", "")) for k in (2, 3, 4))
    if size[1]:
        return draws * (8 * (m + 1) + 2 * n) / 1e9
    # a score is written, and read for its rank, its key and for keeping; a rank is written and read
    return draws * n * (4 * 8 + 3 * 8 + 2 * 2) / 1e9


def compared(rows: list[dict[str, Any]]) -> None:
    """Say how many times faster than the fastest peer each task is."""
    for task in dict.fromkeys(row["task"] for row in rows):
        same = [row for row in rows if row["task"] == task]
        peers = [row for row in same if not row["who"].startswith("sankul")]
        if peers:
            best = min(peers, key=lambda row: float(row["wall_s"]))
            own = next(row for row in same if row["who"] == "sankul")
            wall, cpu = (best[key] / own[key] for key in ("wall_s", "cpu_s"))
            print(
                f"{task}: {wall:,.0f} times the fastest peer ({best['who']}) by the clock, "
                f"{cpu:,.0f} times by processor time"
            )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="under a minute")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--no-peers", action="store_true", help="measure Sankul alone")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.task:
        print(json.dumps([TASKS[name](*rest) for name, *rest in json.loads(given.task)]))
        return 0
    python = None if given.no_peers else peers_python()
    jobs = [*weighted_sums(python, given.quick), *asem(python, given.quick), *large(given.quick)]
    rows = measured(jobs, together=given.quick)
    compared(rows)
    rows += limits(rows)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
