"""The verifier's desk: his queue, and one claim beside its documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sankul.core import formats
from sankul.core.doors import Request
from sankul.core.rules.documents import INLINE
from sankul.core.rules.roles import require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import Column, Day, Entry, Link, Moment, Notice, Summary, Table, Tone
from sankul.programme.evidence.actions import checks as actions
from sankul.programme.evidence.forms import FindingForm
from sankul.programme.evidence.models import Check
from sankul.programme.evidence.queries import checks as queries
from sankul.programme.evidence.queries import plausibility
from sankul.programme.evidence.rules import VERIFY, Turn, checklist
from sankul.programme.outcomes.models import Attachment, Claim
from sankul.programme.outcomes.rules import Fact, FactType, Unit

from . import findings, shown

SHOWN, RECENT = 50, 20


@require_safe
def queue(request: Request) -> HttpResponse:
    """What waits for the verifier: his own claims, then those that nobody has; and what he found last."""
    if not request.actor.scopes(VERIFY):
        require(request.actor, VERIFY)
    interests = queries.interests(request.actor)
    own = queries.waiting(request.actor, interests)
    mine, pool = list(own[:SHOWN]), list(queries.pool(request.actor, interests)[:SHOWN])
    context = {
        "mine": _looks(mine, _("Yours")),
        "first": mine[0] if mine else None,
        "total": own.count(),
        "pool": _pool(request, pool),
        "has_pool": bool(pool),
        "recent": _recent(list(queries.recorded(request.actor, interests)[:RECENT])),
        "is_demonstration": any(
            it.sampled.claim.programme.is_demonstration for it in (*mine, *pool)
        ),
    }
    return render(request, "evidence/queue.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: Request, number: int) -> HttpResponse:
    """One claim with its facts beside its documents, and the form for what was found."""
    found = _own(request, number)
    claim = queries.claim(found)
    attached = list(claim.attachments.all())
    form = FindingForm(
        request.POST or None,
        items=checklist(claim.kind_of),
        documents=[(it.document_id, str(it.document)) for it in attached if it.document_id],
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.find(actor=request.actor, check=found, at=request.at, **form.given)
        except Forbidden:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return _next(request, found)
    context = {
        "check": found,
        "claim": claim,
        "form": form,
        "is_open": not found.finding,
        "found": _found(found),
        "crumbs": shown.crumbs(),
        "summary": _summary(found, claim),
        "facts": _facts(claim),
        "credits": _credits(claim),
        "papers": [_paper(it) for it in attached],
        "before": _before(list(queries.same_before(claim))),
        "doubts": findings.table_of(
            plausibility.of_claim(request.actor, claim), _("What plausibility rules find")
        ),
        "others": _others(found) if found.turn == Turn.THIRD else None,
        "is_demonstration": claim.programme.is_demonstration,
    }
    return render(request, "evidence/check.html", context, status=422 if form.errors else 200)


@require_POST
def undo(request: Request, number: int) -> HttpResponse:
    """Take one's finding back."""
    found = _own(request, number)
    actions.undo(actor=request.actor, check=found, at=request.at)
    messages.success(request, _("Your finding is taken back. Record it anew."))
    return redirect("check", number)


@require_POST
def take(request: Request, number: int) -> HttpResponse:
    """Take a claim that nobody has."""
    interests = queries.interests(request.actor)
    found = queries.pool(request.actor, interests).filter(pk=number).first()
    if found is None:
        found = queries.entitled(request.actor).filter(pk=number).first()
    if found is None:
        raise Http404
    actions.take(actor=request.actor, check=found, at=request.at)
    return redirect("check", number)


def _own(request: Request, number: int) -> Check:
    try:
        return queries.mine(request.actor, number)
    except Check.DoesNotExist:
        raise Http404 from None


def _next(request: Request, found: Check) -> HttpResponse:
    """To the next claim that waits, with the way back to this one."""
    following = queries.waiting(request.actor, queries.interests(request.actor)).first()
    said = format_html(
        '{} <a href="{}">{}</a>',
        _("Recorded."),
        reverse("check", args=[found.pk]),
        _("Look at it again or take it back"),
    )
    messages.success(request, said)
    return redirect("check", following.pk) if following else redirect("queue")


def _looks(rows: Sequence[Check], caption: str) -> Table:
    columns = [
        Column("claim", _("Claim")),
        Column("kind", _("Kind"), fold=True),
        Column("cluster", _("Cluster"), fold=True),
        Column("quantity", _("Claimed"), numeric=True, fold=True),
        Column("turn", _("What for"), fold=True),
    ]
    lines = [_look(row) for row in rows]
    empty = _("Nothing waits for you.")
    return Table(caption, columns, lines, empty=empty, hide_caption=True)


def _look(row: Check) -> dict[str, Any]:
    claim = row.sampled.claim
    again = _("sent again") if row.round > 1 else ""
    decides = _("two differ: you decide") if row.turn == Turn.THIRD else _("to be verified")
    return {
        "claim": Link(claim.title, reverse("check", args=[row.pk])),
        "kind": claim.kind_of.title,
        "cluster": claim.cluster.name,
        "quantity": shown.quantity(row.sampled.quantity, claim.kind_of.unit),
        "turn": again or decides,
    }


def _pool(request: Request, rows: Sequence[Check]) -> list[dict[str, Any]]:
    return [_look(row) | {"number": row.pk, "claim": row.sampled.claim.title} for row in rows]


def _recent(rows: Sequence[Check]) -> Table:
    columns = [
        Column("claim", _("Claim")),
        Column("finding", _("Your finding")),
        Column("at", _("Recorded"), fold=True),
        Column("state", _("State"), fold=True),
    ]
    lines = [
        {
            "claim": Link(row.sampled.claim.title, reverse("check", args=[row.pk])),
            "finding": shown.finding(row.finding),
            "at": Moment(row.found_at),
            "state": row.sampled.get_state_display() if _is_final(row) else _("can be taken back"),
        }
        for row in rows
    ]
    return Table(_("What you found last"), columns, lines, hide_caption=True)


def _is_final(row: Check) -> bool:
    return row.sampled.state != "open" or row.round != row.sampled.round


def _found(found: Check) -> Notice | None:
    if not found.finding:
        return None
    quantity = shown.quantity(found.quantity, found.sampled.kind_of.unit)
    text = format_html("{}: {} · {}", shown.finding(found.finding), quantity, found.reason or "–")
    return Notice(Tone.GOOD, text, title=_("Your finding is recorded."))


def _summary(found: Check, claim: Claim) -> Summary:
    kind = claim.kind_of
    unit = "" if kind.unit == Unit.INR else kind.unit.label
    claimed = format_html("<strong>{}</strong> {}", shown.quantity(claim.quantity, kind.unit), unit)
    entries = [
        Entry(_("Claimed"), claimed),
        Entry(_("What is counted"), kind.ask),
        Entry(_("Date"), Day(claim.on)),
        Entry(_("Cluster"), claim.cluster.name),
        Entry(_("Kind"), kind.title),
        Entry(_("Reference"), claim.reference),
    ]
    if claim.quantity != found.sampled.quantity:
        closed = shown.quantity(found.sampled.quantity, kind.unit)
        entries.insert(1, Entry(_("Claimed when the claims closed"), closed))
    if claim.rests_on is not None:
        base = reverse("claim", args=[claim.rests_on_id])
        entries.append(Entry(_("Rests on"), Link(claim.rests_on.title, base)))
    entries.append(
        Entry(_("All about it"), Link(_("The claim"), reverse("claim", args=[claim.pk])))
    )
    return Summary(entries)


def _facts(claim: Claim) -> Summary | None:
    entries = [
        Entry(fact.title, _value(fact, claim.facts[fact.code]))
        for fact in claim.kind_of.facts
        if fact.code in claim.facts
    ]
    return Summary(entries) if entries else None


def _value(fact: Fact, value: Any) -> Any:
    match fact.type:
        case FactType.CHOICE:
            return dict(fact.choices).get(value, value)
        case FactType.URL:
            return Link(value, value)
        case FactType.ORGANISATIONS:
            return ", ".join(value)
        case FactType.TABLE:
            return _rows(fact, value)
    return value


def _rows(fact: Fact, rows: Sequence[Mapping[str, Any]]) -> SafeString:
    lines = (
        (" · ".join(f"{it.title}: {row[it.code]}" for it in fact.columns if it.code in row),)
        for row in rows
    )
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", lines))


def _credits(claim: Claim) -> Table:
    columns = [
        Column("organisation", _("Organisation")),
        Column("role", _("Role")),
        Column("share", _("Share"), numeric=True),
    ]
    rows = [
        {
            "organisation": credit.organisation.name,
            "role": credit.get_role_display(),
            "share": formats.percent(credit.share, 1),
        }
        for credit in claim.credits.all()
    ]
    return Table(_("Who is credited"), columns, rows, hide_caption=True)


def _paper(row: Attachment) -> dict[str, Any]:
    """A document as it is shown: in a frame, as a picture, or as a link; a web address as a link alone."""
    document = row.document
    if document is None:
        return {"name": row.url, "href": row.url, "proves": row.proves, "form": "link"}
    form = "link"
    if document.media_type in INLINE:
        form = "image" if document.media_type.startswith("image/") else "frame"
    href = reverse("document", args=[document.sha256])
    return {"name": document.name, "href": href, "proves": row.proves, "form": form}


def _before(rows: Sequence[Claim]) -> Table:
    columns = [
        Column("claim", _("Claim")),
        Column("on", _("Date")),
        Column("quantity", _("Claimed"), numeric=True),
    ]
    lines = [
        {
            "claim": Link(row.title, reverse("claim", args=[row.pk])),
            "on": Day(row.on),
            "quantity": shown.quantity(row.quantity, row.kind_of.unit),
        }
        for row in rows
    ]
    empty = _("No earlier claim of this cluster is like it.")
    return Table(_("Earlier claims like it"), columns, lines, empty=empty, hide_caption=True)


def _others(found: Check) -> Table:
    """What the two found who differ; the third alone sees it, and decides."""
    columns = [
        Column("turn", _("Look")),
        Column("finding", _("Finding")),
        Column("quantity", _("Proved"), numeric=True),
        Column("reason", _("Reason"), fold=True),
    ]
    rows = [
        {
            "turn": row.get_turn_display(),
            "finding": shown.finding(row.finding),
            "quantity": shown.quantity(row.quantity, found.sampled.kind_of.unit),
            "reason": row.reason,
        }
        for row in queries.differing(found)
    ]
    return Table(_("What the two have found"), columns, rows, hide_caption=True)
