"""Hours of a week and closures, as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.programme.facilities.models import Opening
from sankul.programme.facilities.rules import Weekday
from sankul.programme.facilities.rules.hours import Hours

from .fields import Day

SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*(?:-|–|to)\s*(\d{1,2}):(\d{2})")


class WeekForm(forms.Form):
    """The hours of each day of the week, as in 09:00-13:00, 14:00-17:30; empty: closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in Weekday:
            self.fields[f"day_{day.value}"] = forms.CharField(
                label=day.label,
                required=False,
                max_length=120,
                help_text=_("09:00-13:00, 14:00-17:30; empty: closed. 00:00 ends the day.")
                if day == Weekday.MONDAY
                else "",
            )

    def clean(self) -> dict[str, Any]:
        """The hours of the week, under ``hours``."""
        hours: list[Hours] = []
        for day in Weekday:
            try:
                hours += spans(day.value, self.cleaned_data.get(f"day_{day.value}", ""))
            except ValidationError as error:
                self.add_error(f"day_{day.value}", error)
        return {"hours": hours}


def spans(weekday: int, text: str) -> list[Hours]:
    """The hours of a day, as they are written. Raises ValidationError for what is no time."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = SPAN.fullmatch(part)
        numbers = [int(number) for number in match.groups()] if match else []
        if not numbers or max(numbers[::2]) > 24 or max(numbers[1::2]) > 59:
            raise ValidationError(_t("“%s” is no span of time, such as 09:00-17:30.") % part)
        if numbers[0] == 24 or (numbers[2] == 24 and numbers[3]):
            raise ValidationError(_t("“%s” is no span of time, such as 09:00-17:30.") % part)
        opens, closes = time(numbers[0], numbers[1]), time(numbers[2] % 24, numbers[3])
        found.append(Hours(weekday, opens, closes))
    return found


def written(openings: Iterable[Opening]) -> dict[str, str]:
    """Hours as the form shows them."""
    told: dict[str, list[str]] = {}
    for one in openings:
        span = f"{one.opens:%H:%M}-{one.closes:%H:%M}"
        told.setdefault(f"day_{one.weekday}", []).append(span)
    return {name: ", ".join(parts) for name, parts in told.items()}


class ClosureForm(forms.Form):
    """Days on which something is closed."""

    from_on = Day(label=_("First day"))
    until_on = Day(label=_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("As in Republic Day."))
