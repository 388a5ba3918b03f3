"""How far background work is: a page that can be left and found again."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.core.models import Work
from sankul.core.ui import Progress


@require_safe
def work(request: Request, number: int) -> HttpResponse:
    """One's own work: its progress, its result when done, its reason when refused."""
    found = get_object_or_404(Work, pk=number, asked_by_id=request.actor.user_id)
    going = found.state in (Work.State.WAITING, Work.State.RUNNING)
    progress = Progress(
        found.title,
        done=found.done,
        total=found.total,
        poll=reverse("work", args=[found.pk]) if going else "",
        text=found.get_state_display(),
    )
    context = {"work": found, "progress": progress, "going": going}
    template = "core/_work.html" if request.headers.get("HX-Request") else "core/work.html"
    return render(request, template, context)
