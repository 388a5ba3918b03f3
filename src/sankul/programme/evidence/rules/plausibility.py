"""The plausibility rules, read from ``plausibility.toml``, and the life of what they find."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sankul.core.formats import day
from sankul.core.rules import canonical
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused
from sankul.programme.outcomes.rules import KINDS

ANSWER_DAYS = 14
"""For how long a cluster can answer before an evaluator may uphold what was found."""
MOST_FOUND = 50_000
"""A rule that finds more than this in one programme is too loose to be of use: its findings are left as they were."""
EVERY_KIND = "*"


class Severity(TextChoices):
    """How much a finding weighs."""

    HIGH = "high", pgettext_lazy("severity", "High: it cannot stand so")
    MEDIUM = "medium", pgettext_lazy("severity", "Medium: it must be explained")
    LOW = "low", pgettext_lazy("severity", "Low: it may well be right")


class Doubt(TextChoices):
    """Where a finding of a plausibility rule is."""

    OPEN = "open", pgettext_lazy("plausibility", "To be answered")
    ANSWERED = "answered", pgettext_lazy("plausibility", "Answered")
    UPHELD = "upheld", pgettext_lazy("plausibility", "Upheld")
    DISMISSED = "dismissed", pgettext_lazy("plausibility", "Dismissed")
    RESOLVED = "resolved", pgettext_lazy("plausibility", "Resolved by change")


PENDING = frozenset({Doubt.OPEN, Doubt.ANSWERED})
RULED = frozenset({Doubt.UPHELD, Doubt.DISMISSED})


class Consequence(TextChoices):
    """What becomes of a claim about which a finding is upheld."""

    NOTED = "noted", _("Noted: the verifier and the committee read it")
    RETURNED = "returned", _("Given back to its cluster, to be amended")
    REJECTED = "rejected", _("Rejected: it counts as nothing")


@dataclass(frozen=True)
class PlausibilityRule:
    """One rule as ``plausibility.toml`` has it; ``kinds`` are those that it looks at."""

    code: str
    title: str
    says: str
    apart: str
    severity: Severity
    check: str
    kinds: tuple[str, ...]
    why: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def read(source: str) -> dict[str, PlausibilityRule]:
    """The rules of a TOML text by code. Raises ValueError that names the rule and the key where something is wrong."""
    found: dict[str, PlausibilityRule] = {}
    for number, told in enumerate(tomllib.loads(source).get("rule", []), 1):
        code = str(told.get("code", f"number {number}"))
        for fault in _faults(told):
            raise ValueError(f"plausibility rule {code}: {fault}")
        if code in found:
            raise ValueError(f"plausibility rule {code}: there are two of that code")
        kinds = tuple(KINDS) if told["kinds"] == [EVERY_KIND] else tuple(told["kinds"])
        found[code] = PlausibilityRule(
            **told | {"kinds": kinds, "severity": Severity(told["severity"])}
        )
    return found


def _faults(told: Mapping[str, Any]) -> Iterator[str]:
    for key in ("code", "title", "says", "apart", "severity", "check", "why"):
        if not str(told.get(key, "")).strip():
            yield f"“{key}” is missing"
    if told.get("severity") not in Severity.values:
        yield f"“severity” is one of {', '.join(Severity.values)}"
    kinds = told.get("kinds") or []
    if not kinds:
        yield "“kinds” is missing"
    if unknown := [kind for kind in kinds if kind not in KINDS and kinds != [EVERY_KIND]]:
        yield f"there is no kind “{unknown[0]}”"
    known = {"code", "title", "says", "apart", "severity", "check", "kinds", "why", "parameters"}
    if more := sorted(told.keys() - known):
        yield f"“{more[0]}” is not known"


SOURCE = files(__package__).joinpath("plausibility.toml").read_text("utf-8")
PLAUSIBILITY = read(SOURCE)
RULES_DIGEST = canonical.sha256(SOURCE)
"""Which text of the rules is in force, for the log."""


def why_not_answer(state: str, text: str) -> Verdict:
    """Whether a cluster may answer a finding: until somebody has ruled on it."""
    if state not in PENDING:
        return refused(_closed(state))
    if not text.strip():
        return refused(_t("Say in words how it is."))
    return ALLOWED


def why_not_dismiss(state: str, reason: str) -> Verdict:
    """Whether a finding may be dismissed."""
    if state not in PENDING:
        return refused(_closed(state))
    if not reason.strip():
        return refused(_t("Give the reason: the cluster and the committee will read it."))
    return ALLOWED


def why_not_uphold(
    *,
    state: str,
    reason: str,
    consequence: str,
    answer_by: date,
    today: date,
    is_standing: bool,
    is_closed: bool,
    is_sampled: bool,
) -> Verdict:
    """Whether a finding may be upheld with this consequence.

    The cluster is heard first: it answers, or lets ``answer_by`` pass. ``is_closed``: the claims of the period are closed, so
    that nothing can be given back any more; ``is_sampled``: a verifier has the claim before him, who judges it.
    """
    if state not in PENDING:
        return refused(_closed(state))
    if not reason.strip():
        return refused(_t("Give the reason: the cluster and the committee will read it."))
    if consequence not in Consequence.values:
        return refused(_t("Say what becomes of the claim: noted, given back or rejected."))
    if state == Doubt.OPEN and today <= answer_by:
        told = _t("The cluster has not answered yet. It can until %s; after that it may be upheld.")
        return refused(told % day(answer_by))
    if consequence == Consequence.NOTED:
        return ALLOWED
    return _why_not_touch(consequence, is_standing, is_closed, is_sampled)


def _why_not_touch(
    consequence: str, is_standing: bool, is_closed: bool, is_sampled: bool
) -> Verdict:
    if not is_standing:
        return refused(
            _t("The claim does not stand now, or it is locked: the finding can be noted.")
        )
    if is_sampled:
        return refused(
            _t("A verifier has this claim and judges it. Note the finding: he reads it.")
        )
    if consequence == Consequence.RETURNED and is_closed:
        return refused(
            _t("The claims of the period are closed: nothing is given back. Note it, or reject it.")
        )
    return ALLOWED


def _closed(state: str) -> str:
    return _t("This finding is closed: %s.") % Doubt(state).label


def why_not_capacity(
    *, of: str, has_cluster: bool, name: str, amount: int, source: str, url: str
) -> Verdict:
    """Whether this can be declared as a capacity: of one thing that is named, above zero, and with its source."""
    if of == "city" and (not has_cluster or name.strip()):
        return refused(_t("For a city, choose its cluster and leave the name empty."))
    if of == "facility" and not (has_cluster and name.strip()):
        return refused(_t("For a facility, choose its cluster and give its name."))
    if of == "institution" and (has_cluster or not name.strip()):
        return refused(_t("For an institution, give its name and choose no cluster."))
    if of not in ("city", "facility", "institution"):
        return refused(_t("It is the capacity of an institution, a facility or a city."))
    if amount < 1:
        return refused(_t("A capacity lies above zero."))
    if not source.strip():
        return refused(_t("Name the source, so that anybody can look."))
    if url.strip() and not url.strip().startswith(("https://", "http://")):
        return refused(_t("An address begins with https:// or http://."))
    return ALLOWED
