"""The national aggregate is the same on DuckDB and on Spark, cell by cell."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pytest

from sankul.field.streams.actions import files
from sankul.field.streams.queries.archive import read
from sankul.field.streams.queries.national import daily, daily_here
from sankul.field.streams.rules.numbers import DAY_US
from sankul.field.streams.rules.rows import Rows, together

pytestmark = pytest.mark.filterwarnings("ignore")  # of Ibis 12 on DuckDB 2 and of Spark
JAVA = Path("/usr/lib/jvm/java-17-openjdk-amd64")


def written(folder: Path) -> list[str]:
    """Three days of twenty streams with gaps, failures and missing values, one file a day."""
    chance = np.random.default_rng(20)
    paths = []
    for day in range(20_000, 20_003):
        stream_ids = np.repeat(np.arange(1, 21), 96)
        time_us = day * DAY_US + np.tile(np.arange(96) * 900_000_000, 20)
        values = chance.normal(5, 2, len(stream_ids))
        flags = chance.choice(np.array([1, 2, 3, 4, 9], np.int8), len(stream_ids))
        values[flags == 9] = np.nan
        left = chance.random(len(stream_ids)) < 0.9
        rows = Rows(
            np.arange(len(stream_ids)),
            time_us,
            values,
            stream_ids,
            flags,
            np.zeros(len(stream_ids), bool),
        )
        path = folder / f"{day}.parquet"
        files.write(rows.at(left), path)
        paths.append(str(path))
    return paths


def cells(table: Any) -> list[tuple[Any, ...]]:
    frame = table.execute()
    frame["day"] = frame["day"].astype(str)
    return list(
        frame[["stream_id", "day", "n", "flagged", "mean", "low", "high"]].itertuples(
            index=False, name=None
        )
    )


def test_here_it_is_what_numpy_says(tmp_path: Path) -> None:
    found = cells(daily_here(written(tmp_path)))
    assert len(found) == 60
    rows = written_rows(tmp_path)
    chosen = (rows.stream_ids == 7) & (rows.time_us // DAY_US == 20_001)
    counted = chosen & np.isin(rows.flags, (1, 2, 3))
    [row] = [one for one in found if one[0] == 7 and one[1].startswith("2024-10-05")]
    assert row[2:4] == (int(chosen.sum()), int((chosen & np.isin(rows.flags, (3, 4))).sum()))
    assert row[4:] == pytest.approx(
        (rows.values[counted].mean(), rows.values[counted].min(), rows.values[counted].max())
    )


def written_rows(folder: Path) -> Rows:
    return together([read(path) for path in sorted(folder.glob("*.parquet"))])


@pytest.fixture
def spark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    if not JAVA.is_dir() and os.environ.get("CI") != "true":
        pytest.skip("Java 17 is not installed (Debian: openjdk-17-jre-headless)")
    monkeypatch.setenv("JAVA_HOME", str(JAVA))
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession  # noqa: PLC0415  slow, and only here

    session = (
        SparkSession.builder.master("local-cluster[2,1,700]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executor.memory", "700m")
        .config("spark.local.dir", str(tmp_path / "spark"))
        .config("spark.sql.warehouse.dir", str(tmp_path / "warehouse"))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
    shutil.rmtree("artifacts", ignore_errors=True)


def test_on_spark_it_is_the_same_cell_by_cell(tmp_path: Path, spark: Any) -> None:
    paths = written(tmp_path)
    here = cells(daily_here(paths))
    many = ibis.pyspark.connect(spark)
    spark.read.parquet(*paths).createOrReplaceTempView("observations")
    there = cells(daily(many.table("observations")))
    assert [one[:4] for one in there] == [one[:4] for one in here]
    for left, right in zip(there, here, strict=True):
        assert left[4:] == pytest.approx(right[4:], rel=1e-12, nan_ok=True)
