"""Numbers whose form or check digit is wrong, and claims without what they must rest on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sankul.programme.outcomes.rules import KINDS, FactType
from sankul.programme.outcomes.rules.identifiers import SCHEMES
from sankul.programme.registry.rules.identifiers import CROCKFORD

if TYPE_CHECKING:
    from . import Asked

IDENTIFIERS = sorted(
    (kind.code, fact.code, fact.scheme)
    for kind in KINDS.values()
    for fact in kind.facts
    if fact.type == FactType.IDENTIFIER
)
"""Every fact that is an identifier: kind, fact and scheme."""

ROR_NUMBER = f"""(SELECT sum((strpos('{CROCKFORD}', substr(o.ror, place, 1)) - 1) * 32::bigint ^ (7 - place))::bigint
    FROM generate_series(1, 7) AS place)"""
"""What the first seven signs of a ROR id spell in Crockford's base 32; ISO 7064 mod 97-10 is taken of it."""


def identifier(_asked: Asked) -> str:
    """Every identifier of a claim, and the ROR ids of those it credits; which are wrong is for ``is_wrong`` to tell."""
    known = ", ".join(f"('{kind}', '{code}', '{scheme}')" for kind, code, scheme in IDENTIFIERS)
    return f"""
        SELECT c.id, i.code, '{{}}'::bigint[],
               jsonb_build_object('what', i.code, 'value', c.facts->>i.code, 'scheme', CASE
                   WHEN i.scheme = 'patent' AND i.code = 'application_number' AND c.facts->>'office' = 'IN'
                   THEN 'patent_in' ELSE i.scheme END)
        FROM subject c JOIN (VALUES {known}) AS i (kind, code, scheme) ON i.kind = c.kind
        WHERE c.facts->>i.code <> ''
        UNION ALL
        SELECT c.id, 'organisation/' || o.id, '{{}}'::bigint[],
               jsonb_build_object('what', o.name, 'value', o.ror, 'scheme', 'ror')
        FROM registry_organisation o JOIN outcomes_credit r ON r.organisation_id = o.id
        JOIN subject c ON c.id = r.claim_id
        WHERE o.ror IS NOT NULL AND mod({ROR_NUMBER} * 100 + right(o.ror, 2)::bigint, 97) <> 1
    """


def is_wrong(row: tuple[Any, ...]) -> bool:
    """Whether the identifier of a row is none by the published form of its scheme."""
    figure = row[3] if isinstance(row[3], dict) else json.loads(row[3])
    return not SCHEMES[figure["scheme"]].spell(figure["value"])


def without_base(_asked: Asked) -> str:
    """Money received under a licence, without a licence that stands."""
    return """
        SELECT c.id, '', '{}'::bigint[], '{}'::jsonb
        FROM subject c LEFT JOIN outcomes_claim b ON b.id = c.rests_on_id AND b.kind = 'licence' AND b.status = ANY(%(live)s)
        WHERE b.id IS NULL
    """


CHECKS = {"identifier": identifier, "without_base": without_base}
JUDGES = {"identifier": is_wrong}
