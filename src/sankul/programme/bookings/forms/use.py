"""The end of a use."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.bookings.rules import Condition
from sankul.programme.facilities.models import Consumable


class StopForm(forms.Form):
    """How the instrument was left, and what was used up."""

    condition = forms.ChoiceField(
        label=_("How did you leave the instrument?"),
        choices=Condition.choices,
        widget=forms.RadioSelect,
        initial=Condition.GOOD,
    )
    note = forms.CharField(label=_("What was noticed"), max_length=1000, required=False)

    def __init__(self, *args: Any, consumables: Iterable[Consumable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in consumables:
            self.fields[f"used-{one.pk}"] = forms.DecimalField(
                label=f"{one.name} ({one.unit_name})",
                min_value=Decimal(0),
                max_digits=10,
                decimal_places=3,
                required=False,
            )

    def consumed(self) -> dict[int, Decimal]:
        """Quantities by the number of the consumable."""
        return {
            int(name.removeprefix("used-")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("used-") and value
        }
