"""Tickets and papers, as people tell of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.facilities.models import Instrument, Unit
from sankul.programme.facilities.queries.hours import zone_of
from sankul.programme.facilities.rules import Severity, TicketKind

from .fields import Day, Long, Moment, in_zone


class ReportForm(forms.Form):
    """A fault, as a user reports it."""

    title = forms.CharField(
        label=_("What is wrong"), max_length=200, help_text=_("As in: the pump hums.")
    )
    severity = forms.ChoiceField(
        label=_("How bad it is"), choices=Severity.choices, widget=forms.RadioSelect
    )
    text = Long(label=_("What happens, and since when"), required=False)
    unit = forms.ModelChoiceField(
        label=_("Unit"), queryset=Unit.objects.none(), required=False, empty_label=_("All of it")
    )

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        unit.queryset = instrument.units.filter(is_active=True)
        in_zone(self, zone_of(instrument.facility))


class TicketForm(ReportForm):
    """A fault or maintenance, as the instrument's people note it."""

    kind = forms.ChoiceField(label=_("Kind"), choices=TicketKind.choices, widget=forms.RadioSelect)
    blocks_from = Moment(
        label=_("Not usable from"),
        required=False,
        help_text=_("Leave both empty while it can be used. Times are those of the facility."),
    )
    blocks_until = Moment(
        label=_("Not usable until"), required=False, help_text=_("Empty while nobody knows.")
    )
    field_order = ("kind", "title", "severity", "text", "unit", "blocks_from", "blocks_until")


class BlockForm(forms.Form):
    """From when to when a ticket takes an instrument out of use."""

    blocks_from = Moment(
        label=_("Not usable from"), required=False, help_text=_("Empty: it blocks nothing.")
    )
    blocks_until = Moment(
        label=_("Not usable until"), required=False, help_text=_("Empty while nobody knows.")
    )

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_zone(self, zone_of(instrument.facility))


class ResolveForm(forms.Form):
    """What was done."""

    resolution = Long(label=_("What was done"))


class PaperForm(forms.Form):
    """A paper that used an instrument."""

    doi = forms.CharField(label=_("DOI"), max_length=200, help_text="10.1000/182")
    title = forms.CharField(label=_("Title"), max_length=400)
    published_on = Day(label=_("Published"), required=False)
