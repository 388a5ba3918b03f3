"""What the forms of billing ask, and how they check."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.core import formats
from sankul.programme.billing.actions.charges import Priced
from sankul.programme.billing.actions.parties import Details, Terms
from sankul.programme.billing.actions.payments import Money
from sankul.programme.billing.models import Invoice
from sankul.programme.billing.models.parties import STATES
from sankul.programme.billing.queries.invoices import Left
from sankul.programme.billing.rules import LAW, Mode, Treatment
from sankul.programme.registry.models import Organisation

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LONG = forms.Textarea(attrs={"rows": 4})


def _rupees(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal(0), max_digits=14, decimal_places=2, **more
    )


class DetailsForm(forms.Form):
    """Under which name, address and registration an organisation is billed and bills."""

    legal_name = forms.CharField(label=_("Legal name"), max_length=250)
    address = forms.CharField(label=_("Address"), max_length=400)
    city = forms.CharField(label=_("City"), max_length=120)
    postcode = forms.CharField(label=_("PIN code"), max_length=12, required=False)
    state = forms.ChoiceField(
        label=_("State or union territory"),
        choices=[("", _("Outside India")), *STATES],
        required=False,
        help_text=_("It decides which tax an invoice bears."),
    )
    country = forms.RegexField(
        r"^[A-Z]{2}$", label=_("Country (two letters)"), initial="IN", max_length=2
    )
    gstin = forms.CharField(
        label=_("GSTIN"),
        max_length=20,
        required=False,
        help_text=_("Fifteen characters, as in 27AAPFU0939F1ZV. Leave it empty if not registered."),
    )
    is_sez = forms.BooleanField(
        label=_("It is a unit or developer of a special economic zone"), required=False
    )
    email = forms.EmailField(label=_("Invoices go to"), required=False)
    from_on = forms.DateField(label=_("These details hold from"), widget=DAY)

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes, once the form is valid."""
        data = dict(self.cleaned_data)
        return {"from_on": data.pop("from_on"), "details": Details(**data)}


class TermsForm(forms.Form):
    """How a host bills."""

    treatment = forms.ChoiceField(
        label=_("Registration and tax"), choices=Treatment.choices, widget=forms.RadioSelect
    )
    exemption = forms.CharField(
        label=_("Why its supplies are exempt"),
        max_length=250,
        required=False,
        help_text=_("The notification and its serial number, as the bill of supply will say."),
    )
    serial_prefix = forms.CharField(
        label=_("Prefix of serial numbers"),
        max_length=4,
        help_text=_("Two to four capitals or digits, as in NIR: documents are NIR/2627/T00001."),
    )
    signatory = forms.CharField(label=_("Signed by (name and post)"), max_length=200)
    bank = forms.CharField(label=_("Bank and branch"), max_length=200, required=False)
    account = forms.CharField(label=_("Account number"), max_length=34, required=False)
    ifsc = forms.CharField(label=_("IFSC"), max_length=11, required=False)
    pay_within_days = forms.IntegerField(
        label=_("Paid within (days)"), min_value=0, max_value=365, initial=30
    )
    turnover_inr = _rupees(
        _("Greatest turnover of a financial year since 2017-18 (₹)"),
        required=False,
        help_text=_(
            "As the accountant says. Thresholds of electronic invoices are read against it."
        ),
    )
    lut = forms.CharField(
        label=_("Letter of undertaking (ARN)"),
        max_length=30,
        required=False,
        help_text=_("With it, supplies to special economic zones bear no tax."),
    )
    lut_until_on = forms.DateField(label=_("In force until"), widget=DAY, required=False)

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes, once the form is valid."""
        data = dict(self.cleaned_data)
        return {"terms": Terms(prefix=data.pop("serial_prefix"), **data)}


class WaiveForm(forms.Form):
    """Why a charge is waived."""

    reason = forms.CharField(
        label=_("Why it is waived"),
        max_length=300,
        help_text=_("Who would have paid can read it, and so can the auditor."),
    )


class ChargeForm(forms.Form):
    """Something that is charged by hand."""

    payer = forms.ModelChoiceField(Organisation.objects.none(), label=_("Charged to"))
    title = forms.CharField(label=_("What was done"), max_length=250)
    sac = forms.ChoiceField(label=_("Service code (SAC)"))
    quantity = forms.DecimalField(
        label=_("Quantity"), min_value=Decimal("0.0001"), max_digits=12, decimal_places=4, initial=1
    )
    unit = forms.CharField(label=_("Unit"), max_length=60, initial=_("piece"))
    rate_inr = _rupees(_("Price of one, without tax (₹)"))
    happened_on = forms.DateField(label=_("Day"), widget=DAY)

    def __init__(self, *args: Any, host: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own: Any = self.fields["payer"]
        same = Organisation.objects.filter(is_demonstration=host.is_demonstration)
        own.queryset = same.exclude(pk=host.pk).order_by("name")
        codes: Any = self.fields["sac"]
        codes.choices = [(one.code, f"{one.code} · {one.title}") for one in LAW.services]

    @property
    def line(self) -> Priced:
        """The one line of the charge, once the form is valid."""
        data = self.cleaned_data
        amount = data["quantity"] * data["rate_inr"]
        return Priced(data["title"], data["quantity"], data["unit"], data["rate_inr"], amount)


class PaymentForm(forms.Form):
    """A payment that came."""

    amount_inr = _rupees(_("Amount received (₹)"))
    deducted_inr = _rupees(
        _("Tax deducted at source (₹)"),
        required=False,
        help_text=_("Counts as paid; its certificate comes from the payer."),
    )
    paid_on = forms.DateField(label=_("Day"), widget=DAY)
    mode = forms.ChoiceField(label=_("How it came"), choices=Mode.choices)
    reference = forms.CharField(
        label=_("Reference"),
        max_length=60,
        help_text=_("UTR, transaction or cheque number: recorded twice, it is one payment."),
    )
    invoice = forms.ModelChoiceField(
        Invoice.objects.none(),
        label=_("For the invoice"),
        required=False,
        empty_label=_("None: the oldest that is open, else on account"),
    )

    def __init__(self, *args: Any, invoices: Sequence[Invoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own: Any = self.fields["invoice"]
        own.queryset = Invoice.objects.filter(pk__in=[one.pk for one in invoices])

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes, once the form is valid."""
        data = dict(self.cleaned_data)
        invoice = data.pop("invoice")
        data["deducted_inr"] = data["deducted_inr"] or Decimal(0)
        data["mode"] = Mode(data["mode"])
        return {"money": Money(**data), "invoice": invoice}


class CreditForm(forms.Form):
    """How much of each line is credited, without tax."""

    reason = forms.CharField(
        label=_("Why it is credited"),
        max_length=300,
        help_text=_("It stands on the credit note."),
    )

    everything = forms.BooleanField(
        label=_("Credit all that is left of the invoice"), required=False
    )

    def __init__(self, *args: Any, left: Sequence[Left], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._left = {one.line.pk: one.taxable_inr for one in left if one.taxable_inr}
        self._lines = {f"line-{one.line.pk}": one.line.pk for one in left if one.taxable_inr}
        for one in left:
            if one.taxable_inr:
                self.fields[f"line-{one.line.pk}"] = _rupees(
                    one.line.description,
                    required=False,
                    max_value=one.taxable_inr,
                    help_text=_("At most %s, without tax") % formats.inr_exact(one.taxable_inr),
                )

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes, once the form is valid."""
        data = self.cleaned_data
        amounts = {pk: data[name] for name, pk in self._lines.items() if data.get(name)}
        if data["everything"]:
            amounts = self._left
        return {"amounts": amounts, "reason": data["reason"]}


class DisputeForm(forms.Form):
    """What is wrong with an invoice."""

    text = forms.CharField(
        label=_("What is wrong"),
        max_length=4000,
        widget=LONG,
        help_text=_("Name the line, and what it should be. The invoice stays due meanwhile."),
    )


class AnswerForm(forms.Form):
    """The host's answer."""

    text = forms.CharField(label=_("Answer"), max_length=4000, widget=LONG)
