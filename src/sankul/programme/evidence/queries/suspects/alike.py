"""Claims that may be one result recorded twice.

Of a group of claims that share something, the first to be submitted is named to all others; the first of another cluster is
named to the first, so that both clusters answer. That is one finding a claim, whatever the size of the group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import Asked

PLAIN = "btrim(regexp_replace(lower({0}), '[^[:alnum:]]+', ' ', 'g'))"
"""A text without signs and capitals, to compare by."""
SAME_KINDS = "kind = ANY(ARRAY(SELECT DISTINCT kind FROM subject))"
"""Claims of the kinds that are asked about; none, and at once, where no claim of a rule's kinds is."""
BARE_LINK = r"regexp_replace(lower({0}), '^https?://(www\.)?|[/?]*(#.*)?$', '', 'g')"


def same_fact(asked: Asked) -> str:
    """The same words in all of some facts, ever or within a period."""
    facts = [f"facts->>'{code}'" for code in asked.rule.parameters["facts"]]
    shown = f"concat_ws(' · ', {', '.join(facts)})"
    told = " AND ".join(f"{fact} <> ''" for fact in facts)
    if asked.rule.parameters["within"] == "period":
        join = """JOIN registry_period p ON p.programme_id = %(programme)s
                  AND c."on" BETWEEN p.starts_on AND p.ends_on"""
        value = f"{PLAIN.format(shown)} || ' ' || p.id"
    else:
        join, value = "", PLAIN.format(shown)
    return f"""
        , named AS (
            SELECT c.id, c.cluster_id, c.submitted_at, c.locked_at, {value} AS value, {shown} AS shown
            FROM live c {join} WHERE {told} AND c.{SAME_KINDS}
        ) {_twice(asked)}
    """


def same_deployment(asked: Asked) -> str:
    """The same deployment of the portfolio."""
    near = "AND deployment_id IN (SELECT deployment_id FROM subject)" if asked.narrowed else ""
    return f"""
        , named AS (
            SELECT id, cluster_id, submitted_at, locked_at, deployment_id::text AS value, '' AS shown
            FROM live WHERE deployment_id IS NOT NULL {near}
        ) {_twice(asked)}
    """


def same_event(asked: Asked) -> str:
    """The same kind, day and title."""
    near = 'AND (kind, "on") IN (SELECT kind, "on" FROM subject)' if asked.narrowed else ""
    return f"""
        , named AS (
            SELECT id, cluster_id, submitted_at, locked_at, '' AS shown,
                   kind || ' ' || "on" || ' ' || {PLAIN.format("title")} AS value
            FROM live WHERE TRUE {near}
        ) {_twice(asked)}
    """


def same_link(asked: Asked) -> str:
    """The same web address behind two claims of a kind, as a fact or as evidence."""
    return f"""
        , links AS (
            SELECT c.id, c.kind, c.cluster_id, c.submitted_at, c.locked_at, c.facts->>'url' AS url
            FROM live c WHERE c.facts->>'url' <> '' AND c.{SAME_KINDS}
            UNION
            SELECT c.id, c.kind, c.cluster_id, c.submitted_at, c.locked_at, a.url
            FROM live c JOIN outcomes_attachment a ON a.claim_id = c.id WHERE a.url <> '' AND c.{SAME_KINDS}
        ), named AS (
            SELECT DISTINCT ON (id, value) id, cluster_id, submitted_at, locked_at, value, shown FROM (
                SELECT id, cluster_id, submitted_at, locked_at, url AS shown,
                       kind || ' ' || {BARE_LINK.format("url")} AS value
                FROM links) every
        ) {_twice(asked)}
    """


def same_document(asked: Asked) -> str:
    """The same document behind claims of two clusters."""
    near = (
        """AND a.document_id IN (SELECT document_id FROM outcomes_attachment
                                 WHERE claim_id = ANY(%(claims)s))"""
        if asked.narrowed
        else ""
    )
    return f"""
        , shared AS (
            SELECT a.document_id
            FROM outcomes_attachment a JOIN live c ON c.id = a.claim_id
            WHERE a.document_id IS NOT NULL {near}
            GROUP BY a.document_id HAVING min(c.cluster_id) <> max(c.cluster_id)
        ), named AS (
            SELECT c.id, c.cluster_id, c.submitted_at, c.locked_at, a.document_id AS value,
                   left(a.document_id, 12) AS shown
            FROM shared JOIN outcomes_attachment a USING (document_id) JOIN live c ON c.id = a.claim_id
        ) {_twice(asked, across=True)}
    """


def shares(asked: Asked) -> str:
    """Claims of several clusters for one result, whose shares add up to more than 1."""
    return f"""
        , named AS (
            SELECT c.id, c.cluster_id, c.submitted_at, c.locked_at, '' AS shown, c.kind || ' ' || CASE c.kind
                WHEN 'patent' THEN {PLAIN.format("c.facts->>'application_number'")}
                WHEN 'deployment' THEN c.deployment_id::text
                WHEN 'venture_supported' THEN {PLAIN.format("c.facts->>'venture'")} || ' ' || p.id
                ELSE c."on" || ' ' || {PLAIN.format("c.title")} END AS value
            FROM live c LEFT JOIN registry_period p ON p.programme_id = %(programme)s
                AND c."on" BETWEEN p.starts_on AND p.ends_on
            WHERE c.{SAME_KINDS}
        ), joint AS (
            SELECT value FROM named WHERE value IS NOT NULL GROUP BY value
            HAVING min(cluster_id) <> max(cluster_id)
        ), summed AS (
            SELECT n.value, sum(k.share) AS shares
            FROM joint JOIN named n USING (value) JOIN outcomes_credit k ON k.claim_id = n.id
            GROUP BY n.value HAVING sum(k.share) > %(most)s
        ), above AS (
            SELECT n.* FROM named n JOIN summed USING (value)
        ) {
        _twice(
            asked,
            of="above",
            across=True,
            figure="jsonb_build_object('shares', (SELECT trim_scale(s.shares) FROM summed s WHERE s.value = found.value))",
        )
    }
    """


def _twice(
    asked: Asked,
    *,
    of: str = "named",
    across: bool = False,
    figure: str = "jsonb_build_object('value', shown, 'times', times)",
) -> str:
    """Findings about ``named`` (id, cluster_id, submitted_at, locked_at, value, shown) that share a value.

    ``across``: only where two clusters do.
    """
    only = "AND r.id = ANY(%(claims)s)" if asked.narrowed else ""
    group = "min(cluster_id) <> max(cluster_id)" if across else "count(*) > 1"
    first = "cluster_id = first_cluster" if across else "place = 1"
    return f"""
        , ranked AS (
            SELECT n.*, row_number() OVER early AS place, first_value(cluster_id) OVER early AS first_cluster
            FROM {of} n WHERE value IS NOT NULL
            WINDOW early AS (PARTITION BY value ORDER BY submitted_at, id)
        ), grouped AS (
            SELECT value, count(*) AS times, min(id) FILTER (WHERE place = 1) AS first_id,
                   (array_agg(id ORDER BY place) FILTER (WHERE cluster_id <> first_cluster))[1] AS elsewhere
            FROM ranked GROUP BY value HAVING {group}
        ), found AS (
            SELECT r.id, r.value, r.shown, g.times,
                   CASE WHEN r.{first} THEN g.elsewhere ELSE g.first_id END AS other
            FROM ranked r JOIN grouped g USING (value) WHERE r.locked_at IS NULL {only}
        )
        SELECT id, 'claim/' || other || ' ' || left(md5(value), 12), ARRAY[other], {figure}
        FROM found WHERE other IS NOT NULL
    """


CHECKS = {
    "same_fact": same_fact,
    "same_deployment": same_deployment,
    "same_event": same_event,
    "same_link": same_link,
    "same_document": same_document,
    "shares": shares,
}
