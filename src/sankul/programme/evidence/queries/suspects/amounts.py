"""Quantities beyond what there is room for, and quantities that their own tables do not bear out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import Asked

WHOLE = r"'^\d{1,12}$'"
CAPACITY = """evidence_capacity k ON k.programme_id = %(programme)s AND k.retracted_at IS NULL AND k.of = '{0}'"""


def rows_of(table: str) -> str:
    """The rows of a table among a claim's facts; none where it is no table."""
    return f"""jsonb_array_elements(CASE WHEN jsonb_typeof(c.facts->'{table}') = 'array'
               THEN c.facts->'{table}' ELSE '[]'::jsonb END)"""


def beyond_institution(asked: Asked) -> str:
    """More people of one institution than it can hold."""
    tables = " UNION ALL ".join(
        f"SELECT line FROM {rows_of(table)} AS line" for table in asked.rule.parameters["tables"]
    )
    return f"""
        SELECT c.id, 'institution ' || lower(k.name), '{{}}'::bigint[],
               jsonb_build_object('people', max((line->>'people')::bigint), 'institution', max(k.name),
                                  'capacity', max(k.amount), 'source', max(k.source))
        FROM subject c CROSS JOIN LATERAL ({tables}) AS told
        JOIN {CAPACITY.format("institution")} AND lower(k.name) = lower(btrim(line->>'institution'))
        WHERE line->>'people' ~ {WHOLE} AND (line->>'people')::bigint > k.amount
        GROUP BY c.id, lower(k.name)
    """


def beyond_facility(asked: Asked) -> str:
    """All hours of a facility of one cluster in a period: more than its units can run. The largest claims are named."""
    near = (
        """AND (c.cluster_id, lower(btrim(c.facts->>'facility'))) IN
               (SELECT cluster_id, lower(btrim(facts->>'facility')) FROM subject)"""
        if asked.narrowed
        else ""
    )
    return f"""
        , used AS (
            SELECT c.cluster_id, lower(btrim(c.facts->>'facility')) AS name, p.id AS period_id,
                   max(btrim(c.facts->>'facility')) AS facility, max(p.label) AS period, sum(c.quantity) AS hours,
                   max(p.ends_on - p.starts_on + 1) AS days,
                   (array_agg(c.id ORDER BY c.quantity DESC, c.id) FILTER (WHERE c.locked_at IS NULL))[1:5] AS ids
            FROM live c JOIN registry_period p ON p.programme_id = %(programme)s
                AND c."on" BETWEEN p.starts_on AND p.ends_on
            WHERE c.facts->>'facility' <> '' {near}
            GROUP BY c.cluster_id, lower(btrim(c.facts->>'facility')), p.id
        ), able AS (
            SELECT u.*, coalesce(k.amount, 1) AS units, coalesce(k.amount, 1) * %(hours_per_day)s * u.days AS available
            FROM used u LEFT JOIN {CAPACITY.format("facility")}
                AND k.cluster_id = u.cluster_id AND lower(k.name) = u.name
        )
        SELECT ids[1], left('facility ' || name, 180) || ' period/' || period_id, ids[2:],
               jsonb_build_object('hours', trim_scale(hours), 'facility', facility, 'period', period, 'units', units,
                                  'available', available)
        FROM able WHERE hours > available AND ids IS NOT NULL
    """


def beyond_city(_asked: Asked) -> str:
    """More users than the cluster's city or region has people."""
    return f"""
        SELECT c.id, 'city', '{{}}'::bigint[],
               jsonb_build_object('users', trim_scale(c.quantity), 'place', u.place, 'capacity', k.amount,
                                  'source', k.source)
        FROM subject c JOIN registry_cluster u ON u.id = c.cluster_id
        JOIN {CAPACITY.format("city")} AND k.cluster_id = c.cluster_id
        WHERE c.quantity > k.amount
    """


def one_institution(_asked: Asked) -> str:
    """A table of institutions that names fewer than a training across institutions has. Where there is no table, nobody knows."""
    listed = " UNION ALL ".join(
        f"SELECT line FROM {rows_of(table)} AS line" for table in ("institutions", "attendance")
    )
    return f"""
        SELECT c.id, '', '{{}}'::bigint[],
               jsonb_build_object('institutions', named.number, 'least', %(least)s::int)
        FROM subject c CROSS JOIN LATERAL (
            SELECT count(DISTINCT lower(btrim(line->>'institution'))) AS number
            FROM ({listed}) AS told WHERE line->>'institution' <> ''
        ) AS named
        WHERE named.number BETWEEN 1 AND %(least)s - 1
    """


def table_sum(asked: Asked) -> str:
    """The claimed quantity is not the sum of a column of its table, or the number of its rows."""
    parts = []
    for kind, (table, column) in asked.rule.parameters["tables"].items():
        value = "1" if not column else f"(line->>'{column}')::numeric"
        fits = "" if not column else f"AND line->>'{column}' ~ {WHOLE}"
        parts.append(f"""
            SELECT c.id, c.quantity, sum({value}) AS total
            FROM subject c CROSS JOIN LATERAL {rows_of(table)} AS line
            WHERE c.kind = '{kind}' {fits} GROUP BY c.id, c.quantity""")
    return f"""
        , summed AS ({" UNION ALL ".join(parts)})
        SELECT id, '', '{{}}'::bigint[],
               jsonb_build_object('quantity', trim_scale(quantity), 'total', trim_scale(total))
        FROM summed WHERE quantity <> total
    """


CHECKS = {
    "beyond_institution": beyond_institution,
    "beyond_facility": beyond_facility,
    "beyond_city": beyond_city,
    "one_institution": one_institution,
    "table_sum": table_sum,
}
