"""Access tokens in the account area: made, shown once, listed, revoked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from sankul.core.actions import tokens as actions
from sankul.core.doors import Request
from sankul.core.models import ApiToken
from sankul.core.queries import tokens as queries
from sankul.core.rules.roles import Actor, Scope
from sankul.core.rules.tokens import MAKE_TOKEN
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import Column, Confirm, Day, Link, State, Table, Tone
from sankul.site.portal.dashboard import place_of

USUAL = timedelta(days=90)
READ, WRITE = "read", "write"
ALL = "all"
asks = require_http_methods(["GET", "HEAD", "POST"])


class TokenForm(forms.Form):
    """What a token is for, what it may do, and how long."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Which program will use it, and where it runs.")
    )
    may = forms.ChoiceField(
        label=_("It may"),
        choices=[(READ, _("read")), (WRITE, _("read and write"))],
        widget=forms.RadioSelect,
        initial=READ,
    )
    on = forms.ChoiceField(
        label=_("For"),
        help_text=_("It never has more than your own roles at the moment of each request."),
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("A year from now at the latest."),
    )

    def __init__(self, *args: Any, scopes: dict[str, tuple[Scope, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["on"]
        named = [(key, name) for key, (_scope, name) in scopes.items()]
        field.choices = [(ALL, _("all my roles")), *named]


@asks
def tokens(request: Request) -> HttpResponse:
    """One's own tokens, and the form for another; the answer to it shows the new token once, and is never stored."""
    if request.actor.user is None:
        return redirect_to_login(request.get_full_path())
    scopes = _scopes(request.actor)
    start = {"expires_on": _day(request) + USUAL}
    form = TokenForm(request.POST or None, scopes=scopes, initial=start)
    made = _made(request, form, scopes) if request.method == "POST" and form.is_valid() else None
    context = {
        "form": TokenForm(scopes=scopes, initial=start) if made else form,
        "made": made,
        "table": _table(request),
        "may_make": bool(request.actor.scopes(MAKE_TOKEN)),
    }
    status = 422 if form.errors else 200
    response = render(request, "front/tokens.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@asks
def token_revoke(request: Request, number: int) -> HttpResponse:
    """End a token, after asking."""
    if request.actor.user is None:
        return redirect_to_login(request.get_full_path())
    token = get_object_or_404(queries.own(request.actor), pk=number)
    if request.method == "POST":
        actions.revoke(actor=request.actor, token=token, at=request.at)
        messages.success(request, _t("The token “%s” is revoked.") % token.name)
        return redirect("tokens")
    confirm = Confirm(
        _t("Revoke the token “%s”?") % token.name,
        _t("The program that uses it is refused from its next request on. This cannot be undone."),
        _t("Revoke the token"),
        reverse("tokens"),
    )
    return render(request, "front/confirm.html", {"confirm": confirm})


def _made(
    request: Request, form: TokenForm, scopes: dict[str, tuple[Scope, str]]
) -> actions.Made | None:
    given = form.cleaned_data
    try:
        return actions.create(
            actor=request.actor,
            name=given["name"],
            expires_on=given["expires_on"],
            reads_only=given["may"] == READ,
            scope=scopes[given["on"]][0] if given["on"] in scopes else None,
            at=request.at,
        )
    except Forbidden:
        raise
    except Refused as refusal:
        form.add_error(None, refusal.reason)
    return None


def _scopes(actor: Actor) -> dict[str, tuple[Scope, str]]:
    """The scopes of the actor's roles with their names, by a word for the form."""
    return {
        f"{scope.kind}-{scope.id}": (scope, str(place_of(scope) or scope.kind.label))
        for scope in sorted(actor.scopes(MAKE_TOKEN))
    }


def _table(request: Request) -> Table:
    columns = [
        Column("name", _t("Name")),
        Column("begins", _t("Begins with")),
        Column("may", _t("It may"), fold=True),
        Column("used", _t("Last used"), fold=True),
        Column("until", _t("Last day"), fold=True),
        Column("state", _t("State"), fold=True),
        Column("next", _t("Next")),
    ]
    rows = [_line(request, token) for token in queries.own(request.actor)]
    empty = _t("You have no token. A program needs one to act for you.")
    return Table(_t("Your tokens"), columns, rows, empty=empty)


def _line(request: Request, token: ApiToken) -> dict[str, Any]:
    ended = token.expires_at <= request.at
    state = State(Tone.PROBLEM, _t("ended")) if ended else State(Tone.GOOD, _t("valid"))
    may = _t("read") if token.reads_only else _t("read and write")
    where = str(place_of(token.scope) or "") if token.scope else _t("all my roles")
    return {
        "name": token.name,
        "begins": f"{token.prefix}…",
        "may": f"{may}, {where}",
        "used": Day(token.last_used_on) if token.last_used_on else _t("never"),
        "until": Day(timezone.localdate(token.expires_at - timedelta(seconds=1))),
        "state": state,
        "next": Link(_t("Revoke"), reverse("token-revoke", args=[token.pk])),
    }


def _day(request: Request) -> date:
    return timezone.localdate(request.at)
