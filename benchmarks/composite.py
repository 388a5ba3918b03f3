"""Speed and memory of the composite-index engine, beside peers doing the same task.

    python -m benchmarks.composite [--quick] [--json FILE] [--no-peers]

Each figure comes from a process of its own, so that peak memory is its own. The peers
(scikit-criteria, pymcdm, pyrepo-mcda, and a pandas loop as stand-in for COINr, which is R) are
installed into a virtual environment under a temporary folder and are looped over the draws, as
their users must. Where a peer would take long, it does fewer draws, and its time is scaled up:
such a figure is marked ~.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
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


def own_draws(n: int, m: int, groups: int, draws: int, *more: Any) -> dict[str, float]:
    from sankul.engines import composite
    from sankul.engines.composite import robustness

    package = made(n, m, groups, *more)
    usual = robustness.COMPILED_WORK
    robustness.COMPILED_WORK = 0  # compiling, or loading what was compiled, is not the task
    composite.uncertainty(package.spec, package.frame, draws=8, seed=1)
    robustness.COMPILED_WORK = usual
    return timed(lambda: composite.uncertainty(package.spec, package.frame, draws=draws, seed=1))


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
    "own_bandwidth": own_bandwidth,
    "peer_draws": peer_draws,
    "peer_pandas": peer_pandas,
}


# --- the run ------------------------------------------------------------------------------------


def apart(python: str, task: str, *arguments: Any) -> dict[str, float]:
    """A task in a process of its own."""
    command = [python, "-W", "ignore", __file__, "--task", json.dumps([task, *arguments])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{task} {arguments} failed:\n{done.stderr[-2000:]}")
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


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


def line(task: str, who: str, figures: dict[str, float], scale: float = 1.0) -> dict[str, Any]:
    row: dict[str, Any] = {"task": task, "who": who, "scaled": scale > 1}
    row |= {"wall_s": figures["wall_s"] * scale, "cpu_s": figures["cpu_s"] * scale}
    row["peak_mib"] = figures["peak_mib"]
    mark = "~" if scale > 1 else " "
    print(
        f"{task:44} {who:26} {mark}{row['wall_s']:10.3f} s {mark}{row['cpu_s']:10.3f} CPU-s "
        f"{row['peak_mib']:7.0f} MiB",
        flush=True,
    )
    return row


def weighted_sums(python: str | None, quick: bool) -> list[dict[str, Any]]:
    rows = []
    for n, m in SIZES:
        task = f"scores and ranks, {n} × {m}, {DRAWS:,} draws"
        rows.append(line(task, "sankul", apart(sys.executable, "own_ranks", n, m, DRAWS)))
        figures = apart(sys.executable, "own_draws", n, m, 0, DRAWS)
        rows.append(line(task, "sankul, with uncertainty", figures))
        for library in ("scikit-criteria", "pymcdm", "pyrepo-mcda") if python else ():
            for method in ("weighted sum",) if quick else ("weighted sum", "TOPSIS"):
                draws = DRAWS // (10 if not quick else 100 if n < 1000 else 1000)
                figures = apart(str(python), "peer_draws", f"{library} {method}", n, m, draws)
                rows.append(line(task, f"{library} {method}", figures, DRAWS / draws))
    return rows


def asem(python: str | None, quick: bool) -> list[dict[str, Any]]:
    if not ASEM.is_dir():
        print("ASEM: skipped, ../shared/oracles/asem is not beside the checkout")
        return []
    task = "ASEM, 1,000 variations of methods and weights"
    rows = [line(task, "sankul", apart(sys.executable, "own_asem", 1000, False))]
    rows.append(
        line(
            "ASEM, 1,000 draws of weights", "sankul", apart(sys.executable, "own_asem", 1000, True)
        )
    )
    if python:
        draws = 10 if quick else 100
        rows.append(line(task, "pandas loop", apart(python, "peer_pandas", draws), 1000 / draws))
    return rows


def large(quick: bool) -> list[dict[str, Any]]:
    draws = 5_000 if quick else 100_000
    rows = []
    for words, *more in (("arithmetic", "arithmetic"), ("geometric", "geometric")):
        task = f"1,000 × 60 {words}, {draws:,} draws"
        rows.append(
            line(task, "sankul", apart(sys.executable, "own_draws", 1000, 60, 6, draws, *more))
        )
    task = f"1,000 × 60 arithmetic, 5 % missing, {draws:,} draws"
    more = ["arithmetic", 0.05]
    rows.append(line(task, "sankul", apart(sys.executable, "own_draws", 1000, 60, 6, draws, *more)))
    bandwidth = apart(sys.executable, "own_bandwidth")["gb_per_s"]
    # a score is written and read for its rank, for its order and for keeping; a rank twice
    moved = draws * 1000 * (5 * 8 + 8 + 2 * 2) / 1e9
    share = moved / bandwidth / rows[0]["wall_s"]
    pairs = draws * 1000**2 / rows[0]["wall_s"] / 1e9
    print(
        f"Memory copies at {bandwidth:.1f} GB/s; the arithmetic run moves about {moved:.1f} GB of "
        f"scores and ranks,\nwhich takes {share:.0%} of its time: it is bound by comparing pairs "
        f"({pairs:.1f} thousand million a second) and sorting, not by memory."
    )
    return [*rows, {"task": "memory", "who": "machine", "gb_per_s": bandwidth, "share": share}]


def compared(rows: list[dict[str, Any]]) -> None:
    """Say how many times faster than the fastest peer each task is."""
    for task in dict.fromkeys(row["task"] for row in rows):
        same = [row for row in rows if row["task"] == task and "wall_s" in row]
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
        name, *rest = json.loads(given.task)
        print(json.dumps(TASKS[name](*rest)))
        return 0
    python = None if given.no_peers else peers_python()
    rows = [*weighted_sums(python, given.quick), *asem(python, given.quick), *large(given.quick)]
    compared(rows)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
