"""One claim: everything about it, down to its documents."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request
from sankul.core.measures import MEASURES, worth
from sankul.core.models import Event
from sankul.core.ui import (
    Column,
    Crumbs,
    Day,
    Entry,
    Link,
    Moment,
    Money,
    Notice,
    State,
    Step,
    Steps,
    Summary,
    Table,
    Task,
    Tasks,
    Tone,
)
from sankul.programme.outcomes import forms
from sankul.programme.outcomes.models import Attachment, Claim, Credit
from sankul.programme.outcomes.queries import claims as queries
from sankul.programme.outcomes.rules import (
    AMENDABLE,
    ATTACHABLE,
    OUTCOMES,
    ClaimStatus,
    Unit,
    why_not_withdraw,
)

from . import told
from .claims import amount, state

VERBS = {
    "claim.drafted": gettext_lazy("Drafted"),
    "claim.revised": gettext_lazy("Changed"),
    "claim.document_attached": gettext_lazy("Document attached"),
    "claim.document_detached": gettext_lazy("Document taken away"),
    "claim.link_attached": gettext_lazy("Web address added"),
    "claim.link_detached": gettext_lazy("Web address taken away"),
    "claim.submitted": gettext_lazy("Submitted"),
    "claim.withdrawn": gettext_lazy("Withdrawn"),
    "claim.returned": gettext_lazy("Returned"),
    "claim.judged": gettext_lazy("Judged"),
    "claim.amended": gettext_lazy("Taken back to the desk"),
}


@require_safe
def claim(request: Request, number: int) -> HttpResponse:
    """A claim with its partners, documents and history, and what it counts towards."""
    found = get_object_or_404(queries.detailed(request.actor), pk=number)
    may_record = queries.may_record(request.actor, found)
    context = {
        "claim": found,
        "is_demonstration": found.programme.is_demonstration,
        "crumbs": Crumbs([Link(_("Claims"), reverse("claims"))]),
        "notice": _notice(found),
        "judgement": _judgement(request, found),
        "checklist": _checklist(found) if may_record else None,
        "worths": _worths(found) if may_record else [],
        "summary": _summary(found),
        "facts": told.summary(found),
        "tables": told.tables(found),
        "explained": told.explained(found),
        "carried": [_named(one) for one in found.carries.all()],
        "credits": _credits(found),
        "documents": _documents(found, may_record=may_record),
        "measure": MEASURES[found.kind],
        "history": _history(list(queries.history(request.actor, found))),
        "may_record": may_record,
        "may_attach": may_record and found.status in ATTACHABLE and not found.locked_at,
        "may_amend": may_record and found.status in AMENDABLE and not found.locked_at,
        "may_withdraw": may_record
        and not found.locked_at
        and why_not_withdraw(found.status).allowed,
        "attach_form": forms.AttachForm(),
    }
    return render(request, "outcomes/claim.html", context)


def _notice(found: Claim) -> Notice:
    match found.status:
        case ClaimStatus.DRAFT:
            text = _("This is a draft: it does not stand until it is submitted.")
            return Notice(Tone.UNKNOWN, text, title=_("Draft"))
        case ClaimStatus.WITHDRAWN:
            text = _("It stays on record and counts for nothing.")
            return Notice(Tone.PROBLEM, text, title=_("Withdrawn"))
        case ClaimStatus.RETURNED:
            text = _(
                "The verifier sent it back. It does not stand until it is amended and submitted."
            )
            return Notice(Tone.ATTENTION, text, title=_("Returned"))
        case ClaimStatus.REJECTED:
            text = _("It was looked into and nothing of it was found to be so: it counts as zero.")
            return Notice(Tone.PROBLEM, text, title=_("Rejected"))
    if not found.is_evidenced:
        text = _("It stands, but nothing proves it yet. What nobody can check is not counted.")
        return Notice(Tone.ATTENTION, text, title=_("This claim does not count."))
    texts = {
        ClaimStatus.VERIFIED: _("Somebody independent looked into it and found it to be so."),
        ClaimStatus.PARTLY_VERIFIED: _("A part of it was found to be so, and counts."),
    }
    text = texts.get(ClaimStatus(found.status), _("It is submitted and there is evidence for it."))
    return Notice(Tone.GOOD, text, title=_("This claim counts."))


def _judgement(request: Request, found: Claim) -> Summary | None:
    """What verification found; who and why only for those who work with the claim."""
    if found.judged_at is None:
        return None
    entries = [Entry(_("Result"), state(found)), Entry(_("Looked into"), Moment(found.judged_at))]
    if found.verified_quantity is not None:
        claimed, verified = amount(found), amount(found, found.verified_quantity)
        entries.append(Entry(_("Verified"), format_html(_("{} of {} claimed"), verified, claimed)))
    if queries.may_see_judgement(request.actor, found):
        entries.append(Entry(_("Reason"), found.judgement or _("none was given")))
        entries.append(Entry(_("By"), found.judged_by.name if found.judged_by else "–"))
    if found.locked_at is not None:
        entries.append(Entry(_("Locked for good"), Moment(found.locked_at)))
    return Summary(entries)


def _checklist(found: Claim) -> Tasks | None:
    """What a draft still needs, each with a link to its very field, and evidence for what stands."""
    tasks = []
    if found.status == ClaimStatus.DRAFT:
        edit = reverse("claim-edit", args=[found.pk])
        still = queries.still_wanting(found)
        lacks = State(Tone.PROBLEM, _("missing"))
        tasks = [Task(one.title, lacks, f"{edit}#id_{one.field}") for one in still]
    if found.status in ATTACHABLE and not found.is_evidenced:
        lacks = State(Tone.ATTENTION, _("does not count without"))
        tasks.append(Task(_("Evidence"), lacks, "#attach"))
    if not tasks and found.status == ClaimStatus.DRAFT:
        ready = State(Tone.GOOD, _("nothing is missing"))
        tasks.append(Task(_("Submit it"), ready, reverse("claim-submit", args=[found.pk])))
    return Tasks(_("What is missing"), tasks) if tasks else None


def _worths(found: Claim) -> list[dict[str, Any]]:
    """What the claim's own cluster gains by it, as long as it is not settled."""
    if found.status in (ClaimStatus.WITHDRAWN, ClaimStatus.REJECTED) or found.quantity is None:
        return []
    quantity = found.verified_quantity or found.quantity
    own = sum(
        (one.share for one in found.credits.all() if one.cluster_id == found.cluster_id), Decimal(0)
    )
    return [
        {
            "title": one.indicator_title,
            "points": None if one.points is None else _points(one.points),
            "text": one.text,
        }
        for one in worth(found.kind, found.cluster, found.on, quantity * own)
    ]


def _points(points: Decimal) -> str:
    return formats.number(points, 4 if points and abs(points) < Decimal("0.1") else None)


def _named(claim: Claim) -> Link:
    return Link(claim.title, reverse("claim", args=[claim.pk]))


def _summary(found: Claim) -> Summary:
    kind = found.kind_of
    cluster = reverse("cluster", args=[found.programme.slug, found.cluster.slug])
    return Summary(
        [
            Entry(_("Claimed by"), Link(found.cluster.name, cluster)),
            Entry(_("Kind"), kind.title),
            Entry(_("Outcome"), f"{kind.outcome} · {OUTCOMES[kind.outcome]}"),
            Entry(_("Claimed quantity"), format_html("{} ({})", amount(found), kind.ask)),
            Entry(_("Date"), Day(found.on)),
            Entry(_("Status"), state(found)),
            Entry(_("The cluster's reference"), found.reference),
            Entry(_("Recorded"), Moment(found.recorded_at)),
            Entry(_("Submitted"), Moment(found.submitted_at)),
            *_about(found),
        ]
    )


def _about(found: Claim) -> Iterator[Entry]:
    if found.rests_on is not None:
        yield Entry(_("Rests on"), _named(found.rests_on))
    if found.project is not None:
        yield Entry(_("Project"), found.project.title)
    if found.deployment is not None:
        yield Entry(_("Deployment"), found.deployment.title)


def _credits(found: Claim) -> Table:
    columns = [
        Column("organisation", _("Organisation")),
        Column("cluster", _("For the cluster"), fold=True),
        Column("role", _("Role")),
        Column("share", _("Share"), numeric=True),
        Column("quantity", _("Credited"), numeric=True),
    ]
    rows = [_credit_line(found, credit) for credit in found.credits.all()]
    return Table(_("Who is credited"), columns, rows, hide_caption=True)


def _credit_line(found: Claim, credit: Credit) -> dict[str, Any]:
    cluster, organisation = credit.cluster, credit.organisation
    is_money = found.kind_of.unit == Unit.INR
    href = reverse("cluster", args=[cluster.programme.slug, cluster.slug])
    return {
        "organisation": Link(organisation.name, reverse("organisation", args=[organisation.slug])),
        "cluster": Link(cluster.name, href),
        "role": credit.get_role_display(),
        "share": formats.percent(credit.share, 1),
        "quantity": Money(credit.quantity) if is_money else formats.number(credit.quantity),
    }


def _documents(found: Claim, *, may_record: bool) -> Table:
    columns = [
        Column("name", _("Document")),
        Column("proves", _("What it proves")),
        Column("size", _("Size"), numeric=True, unit="kB", fold=True),
        Column("sha256", _("SHA-256 of its bytes"), fold=True),
    ]
    may_detach = may_record and found.status == ClaimStatus.DRAFT
    if may_detach:
        columns.append(Column("detach", _("Change")))
    rows = [_document_line(row) for row in found.attachments.all()]
    empty = _("Nothing is attached. A claim counts only with evidence.")
    return Table(_("Documents"), columns, rows, empty=empty, hide_caption=True)


def _document_line(row: Attachment) -> dict[str, Any]:
    detach = Link(_("Take away"), reverse("attachment-detach", args=[row.pk]))
    told = {"proves": row.proves, "size": "", "sha256": "", "detach": detach}
    document = row.document
    if document is None:
        return told | {"name": Link(row.url, row.url)}
    return told | {
        "name": Link(document.name, reverse("document", args=[document.sha256])),
        "size": formats.number(max(round(document.size_bytes / 1000), 1)),
        "sha256": format_html("<code>{}</code>", document.sha256),
    }


def _history(events: list[Event]) -> Steps:
    steps = [
        Step(
            VERBS.get(event.verb, event.verb),
            done=True,
            at=Moment(event.at),
            text=event.actor.name if event.actor else _("the system"),
        )
        for event in events
    ]
    return Steps(_("History"), steps)
