"""Results older than what they are credited to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import Asked

DAY = r"'^\d{4}-\d\d-\d\d$'"


def before_programme(asked: Asked) -> str:
    """The claim's own day, or one of its facts, before the programme began; of several, the earliest of each fact."""
    codes = asked.rule.parameters["dates"]
    plain = ", ".join(f"('{code}', c.facts->>'{code}')" for code in codes if "." not in code)
    listed = "".join(_listed(*code.split(".")) for code in codes if "." in code)
    return f"""
        , dated AS (
            SELECT c.id, 'on' AS what, c."on"::text AS day FROM subject c
            UNION ALL
            SELECT c.id, d.what, d.day FROM subject c CROSS JOIN LATERAL (VALUES {plain}) AS d (what, day)
            WHERE c.facts <> '{{}}'
            {listed}
        )
        SELECT id, what, '{{}}'::bigint[],
               jsonb_build_object('what', what, 'on', min(day), 'began_on', min(began.starts_on))
        FROM dated, began
        WHERE day ~ {DAY} AND day < began.starts_on::text
        GROUP BY id, what
    """


def _listed(table: str, column: str) -> str:
    return f"""UNION ALL
            SELECT c.id, '{table}', line->>'{column}'
            FROM subject c CROSS JOIN LATERAL jsonb_array_elements(c.facts->'{table}') AS line
            WHERE jsonb_typeof(c.facts->'{table}') = 'array'
    """


def before_membership(_asked: Asked) -> str:
    """Credit for a day before the organisation's first membership of that cluster."""
    return """
        , late AS (
            SELECT m.cluster_id, m.organisation_id, min(m.from_on) AS since_on
            FROM registry_membership m JOIN registry_cluster k ON k.id = m.cluster_id
            WHERE k.programme_id = %(programme)s
            GROUP BY m.cluster_id, m.organisation_id HAVING count(*) = count(m.from_on)
        )
        SELECT c.id, 'organisation/' || o.id || ' cluster/' || k.id, '{}'::bigint[],
               jsonb_build_object('organisation', o.name, 'cluster', k.name, 'on', c."on", 'since_on', l.since_on)
        FROM late l
        JOIN outcomes_credit r ON r.cluster_id = l.cluster_id AND r.organisation_id = l.organisation_id
        JOIN subject c ON c.id = r.claim_id AND c."on" < l.since_on
        JOIN registry_organisation o ON o.id = l.organisation_id
        JOIN registry_cluster k ON k.id = l.cluster_id
    """


def project_before_programme(_asked: Asked) -> str:
    """The claim's project began before the programme."""
    return """
        SELECT c.id, 'project/' || j.id, '{}'::bigint[],
               jsonb_build_object('project', j.code, 'on', j.starts_on, 'began_on', began.starts_on)
        FROM subject c JOIN portfolio_project j ON j.id = c.project_id CROSS JOIN began
        WHERE j.starts_on < began.starts_on
    """


def baseline_after_start(_asked: Asked) -> str:
    """The first baseline of the claim's project was measured after its start."""
    return """
        , first AS (
            SELECT project_id, min(measured_on) AS measured_on FROM portfolio_baseline GROUP BY project_id
        )
        SELECT c.id, 'project/' || j.id, '{}'::bigint[],
               jsonb_build_object('project', j.code, 'on', j.starts_on, 'measured_on', f.measured_on,
                                  'days', f.measured_on - j.starts_on)
        FROM subject c JOIN portfolio_project j ON j.id = c.project_id JOIN first f ON f.project_id = j.id
        WHERE f.measured_on > j.starts_on
    """


CHECKS = {
    "before_programme": before_programme,
    "before_membership": before_membership,
    "project_before_programme": project_before_programme,
    "baseline_after_start": baseline_after_start,
}
