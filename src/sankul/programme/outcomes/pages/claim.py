"""One claim: everything about it, down to its documents."""

from __future__ import annotations

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
from sankul.core.measures import MEASURES
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
    Step,
    Steps,
    Summary,
    Table,
    Tone,
)
from sankul.programme.outcomes import forms
from sankul.programme.outcomes.models import Attachment, Claim, Credit
from sankul.programme.outcomes.queries import claims as queries
from sankul.programme.outcomes.rules import ATTACHABLE, OUTCOMES, ClaimStatus, Unit

from .claims import amount, state

VERBS = {
    "claim.drafted": gettext_lazy("Drafted"),
    "claim.revised": gettext_lazy("Changed"),
    "claim.document_attached": gettext_lazy("Document attached"),
    "claim.document_detached": gettext_lazy("Document taken away"),
    "claim.submitted": gettext_lazy("Submitted"),
    "claim.withdrawn": gettext_lazy("Withdrawn"),
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
        "summary": _summary(found),
        "credits": _credits(found),
        "documents": _documents(found, may_record=may_record),
        "measure": MEASURES[found.kind],
        "history": _history(list(queries.history(request.actor, found))),
        "may_record": may_record,
        "may_attach": may_record and found.status in ATTACHABLE,
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
    if found.is_evidenced:
        text = _("It is submitted and a document supports it.")
        return Notice(Tone.GOOD, text, title=_("This claim counts."))
    text = _(
        "It is submitted, but no document supports it yet. What nobody can check is not counted."
    )
    return Notice(Tone.ATTENTION, text, title=_("This claim does not count."))


def _summary(found: Claim) -> Summary:
    kind = found.kind_of
    cluster = reverse("cluster", args=[found.programme.slug, found.cluster.slug])
    return Summary(
        [
            Entry(_("Claimed by"), Link(found.cluster.name, cluster)),
            Entry(_("Kind"), kind.title),
            Entry(_("Outcome"), f"{kind.outcome} · {OUTCOMES[kind.outcome]}"),
            Entry(_("Quantity"), format_html("{} ({})", amount(found), kind.ask)),
            Entry(_("Date"), Day(found.on)),
            Entry(_("Status"), state(found)),
            Entry(_("The cluster's reference"), found.reference),
            Entry(_("Recorded"), Moment(found.recorded_at)),
            Entry(_("Submitted"), Moment(found.submitted_at)),
        ]
    )


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
    empty = _("No document is attached. A claim counts only with one.")
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
