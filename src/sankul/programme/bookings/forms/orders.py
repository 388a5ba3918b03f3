"""Orders of services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sankul.programme.registry.models import Organisation


class OrderForm(forms.Form):
    """What is sent in, how many, and who pays."""

    samples = forms.IntegerField(label=_("Number of samples"), min_value=1, max_value=10_000)
    note = forms.CharField(
        label=_("What they are, and what to look for"), widget=forms.Textarea(attrs={"rows": 4})
    )
    organisation = forms.ModelChoiceField(
        label=_("Paid by"), queryset=Organisation.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        payer: Any = self.fields["organisation"]
        payer.queryset = organisations
