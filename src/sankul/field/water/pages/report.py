"""The month's report on drinking water."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.field.water.actions import press
from sankul.field.water.queries.monthly import bounds_of, month_of


@require_safe
def monthly(request: Request, month: str) -> HttpResponse:
    """A PDF of a month (as 2026-10), of the sources that its reader may see."""
    span = bounds_of(month, timezone.localdate(request.at))
    if span is None:
        raise Http404(_("There is no report of that month."))
    made = press.pdf(month_of(request.actor, *span))
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="water-{month}.pdf"'
    return answer
