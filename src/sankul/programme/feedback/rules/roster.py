"""Who is asked for which group, and what happens to a person of two groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .words import TwoGroups

MAX_NAMED = 20


@dataclass(frozen=True)
class Invited:
    """One person to ask: for which group, about which clusters; ``line`` is where that stands in a file (0: in none)."""

    name: str
    email: str
    group_id: int
    cluster_ids: frozenset[int]
    organisation: str = ""
    language: str = "en"
    line: int = 0


def merged(
    known: Invited, added: Invited, *, order: Sequence[int], rule: str
) -> tuple[Invited, Verdict]:
    """One person named twice becomes one, who rates the clusters of both; of two groups by the rule.

    ``order`` are the groups by priority. The verdict refuses where the rule wants one group to be chosen.
    """
    both = replace(known, cluster_ids=known.cluster_ids | added.cluster_ids)
    if known.group_id == added.group_id:
        return both, ALLOWED
    if rule == TwoGroups.REFUSE:
        return both, refused(
            _(
                "%s is invited for another group already. Each person answers for one group: choose it."
            )
            % added.email
        )
    first = min(known.group_id, added.group_id, key=order.index)
    return replace(both, group_id=first), ALLOWED


def why_not_quota(title: str, invited: int, quota: int | None) -> Verdict:
    """Whether a group may have that many invited."""
    if quota is None or invited <= quota:
        return ALLOWED
    return refused(
        _("“%(group)s” would have %(invited)d invited; its quota is %(quota)d.")
        % {"group": title, "invited": invited, "quota": quota}
    )


def all_faults(faults: Sequence[str]) -> str:
    """Faults as one text, the first twenty of them."""
    more = len(faults) - MAX_NAMED
    told = list(faults[:MAX_NAMED])
    if more > 0:
        told.append(_("And %d more.") % more)
    return " ".join(told)
