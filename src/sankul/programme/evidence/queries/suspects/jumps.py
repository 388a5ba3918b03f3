"""Months that stand out of a cluster's own history."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import Asked

MAD_FACTOR, MEAN_FACTOR = 0.6745, 1.253314
"""Iglewicz and Hoaglin (1993): what makes MAD, and the mean absolute deviation, comparable with a standard deviation."""


def jump(asked: Asked) -> str:
    """A month's total of a cluster and kind with a robust z above the threshold; its largest claims are named.

    The history is every month before it within the window, from the first claim on: a month without claims is a zero. Where there
    is too little of it, or it never varied, nothing is said. Falls are no overclaims and are not looked for.
    """
    near = (
        "WHERE (cluster_id, kind) IN (SELECT cluster_id, kind FROM subject)"
        if asked.narrowed
        else ""
    )
    return f"""
        , cells AS MATERIALIZED (
            SELECT cluster_id, kind, date_trunc('month', "on")::date AS month, sum(quantity) AS total,
                   (array_agg(id ORDER BY quantity DESC, id) FILTER (WHERE locked_at IS NULL))[1:5] AS ids
            FROM live {near} GROUP BY cluster_id, kind, date_trunc('month', "on")
        ), series AS (
            SELECT s.cluster_id, s.kind, m::date AS month, coalesce(c.total, 0)::float8 AS total, c.ids
            FROM (SELECT cluster_id, kind, min(month) AS low, max(month) AS high FROM cells GROUP BY 1, 2) s
            CROSS JOIN generate_series(s.low::timestamp, s.high::timestamp, interval '1 month') AS m
            LEFT JOIN cells c ON c.cluster_id = s.cluster_id AND c.kind = s.kind AND c.month = m::date
        ), before AS (
            SELECT *, array_agg(total) OVER (PARTITION BY cluster_id, kind ORDER BY month
                ROWS BETWEEN %(window_months)s PRECEDING AND 1 PRECEDING) AS history
            FROM series
        ), middles AS (
            SELECT b.*, cardinality(history) AS months, h.median
            FROM before b CROSS JOIN LATERAL (
                SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS median FROM unnest(b.history) AS x
            ) AS h
            WHERE b.ids IS NOT NULL AND cardinality(b.history) >= %(months)s
        ), scored AS (
            SELECT m.*, CASE WHEN d.mad > 0 THEN {MAD_FACTOR} * (m.total - m.median) / d.mad
                             WHEN d.mean > 0 THEN (m.total - m.median) / ({MEAN_FACTOR} * d.mean) END AS z
            FROM middles m CROSS JOIN LATERAL (
                SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(x - m.median)) AS mad, avg(abs(x - m.median)) AS mean
                FROM unnest(m.history) AS x
            ) AS d
            WHERE m.total > m.median
        )
        SELECT ids[1], kind || ' ' || to_char(month, 'YYYY-MM'), ids[2:],
               jsonb_build_object('total', total, 'month', to_char(month, 'YYYY-MM'), 'median', median, 'months', months,
                                  'z', round(z::numeric, 1))
        FROM scored WHERE z > %(z)s
    """


CHECKS = {"jump": jump}
