"""The plain scripts that an analyst would write over exported rows: they need pandas or Polars, and nothing of Sankul.

    python plain.py LIBRARY FILE

Reads the CSV file of measure rows, tallies what is evidenced by year, cluster and measure (sum, count, mean, different
organisations), and prints seconds, peak memory and the number of cells as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time

NAMES = ("measure", "cluster", "organisation", "on", "quantity", "role", "record", "evidenced")


def with_pandas(source: str) -> int:
    """The tallies by pandas, with its usual float columns; the number of cells."""
    import pandas as pd

    names = ["measure", "cluster", "organisation"]
    rows = pd.read_csv(
        source,
        names=list(NAMES),
        usecols=[*names, "on", "quantity", "evidenced"],
        parse_dates=["on"],
        dtype=dict.fromkeys(names, "category"),
        true_values=["t"],
        false_values=["f"],
    )
    rows = rows[rows["evidenced"]]
    year = rows["on"].dt.year - (rows["on"].dt.month < 4)
    found = rows.groupby([year, "cluster", "measure"], observed=True).agg(
        total=("quantity", "sum"),
        records=("quantity", "size"),
        mean=("quantity", "mean"),
        partners=("organisation", "nunique"),
    )
    return len(found)


def with_polars(source: str) -> int:
    """The tallies by Polars, streaming and in exact decimals; the number of cells."""
    import polars as pl

    types = dict.fromkeys(NAMES, pl.String) | {"on": pl.Date, "quantity": pl.Decimal(30, 10)}
    year = pl.col("on").dt.year() - (pl.col("on").dt.month() < 4).cast(pl.Int32)
    found = (
        pl.scan_csv(source, has_header=False, schema=pl.Schema(types))
        .filter(pl.col("evidenced") == "t")
        .group_by(year.alias("year"), "cluster", "measure")
        .agg(
            pl.col("quantity").sum().alias("total"),
            pl.col("quantity").mean().alias("mean"),
            pl.len().alias("records"),
            pl.col("organisation").n_unique().alias("partners"),
        )
        .collect(engine="streaming")
    )
    return found.height


if __name__ == "__main__":
    library, file = sys.argv[1:]
    before = time.perf_counter()
    cells = {"pandas": with_pandas, "polars": with_polars}[library](file)
    seconds = time.perf_counter() - before
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mib": peak_mib, "cells": cells}))
