"""Who bills and who is billed: legal names, addresses, registrations, and how a host bills."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import DateRange, tracked
from sankul.core.rules.roles import Actor, Scope, narrowed
from sankul.programme.billing.rules import LAW, SEE_BILLED, Party, Treatment
from sankul.programme.registry.models import Dated, Organisation

STATES = [(code, f"{code} · {state.name}") for code, state in sorted(LAW.states.items())]


@tracked
class BillingParty(Dated):
    """Under which name, address and registration an organisation is billed and bills, from a day until a day.

    ``state`` is the code of the state, empty for an organisation abroad; ``gstin`` is empty where it is not registered.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="billing_parties")
    legal_name = models.CharField(_("legal name"), max_length=250)
    address = models.CharField(_("address"), max_length=400)
    city = models.CharField(_("city"), max_length=120)
    postcode = models.CharField(_("PIN code"), max_length=12, blank=True)
    state = models.CharField(_("state"), max_length=2, choices=STATES, blank=True)
    country = models.CharField(_("country"), max_length=2, default="IN")
    gstin = models.CharField(_("GSTIN"), max_length=15, blank=True)
    is_sez = models.BooleanField(_("unit or developer of a special economic zone"), default=False)
    email = models.EmailField(_("invoices go to"), blank=True)
    from_on = models.DateField(_("from"))

    class Meta(Dated.Meta):
        ordering = ["-from_on", "-pk"]
        verbose_name_plural = "billing parties"
        constraints = [
            *Dated.Meta.constraints,
            ExclusionConstraint(
                name="billing_party_one_at_a_time",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    (DateRange("from_on", "until_on"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(gstin="")
                | models.Q(gstin__regex=r"^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]{3}$"),
                name="billing_party_gstin_form",
            ),
            models.CheckConstraint(
                condition=models.Q(gstin="") | models.Q(gstin__startswith=models.F("state")),
                name="billing_party_gstin_of_its_state",
            ),
            models.CheckConstraint(
                condition=models.Q(country="IN", state__regex=r"^[0-9]{2}$")
                | (~models.Q(country="IN") & models.Q(state="", gstin="")),
                name="billing_party_state_in_india",
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name

    @property
    def party(self) -> Party:
        """As it stands on a document."""
        lines = ", ".join(filter(None, (self.address, self.city, self.postcode)))
        return Party(self.legal_name, lines, self.state, self.gstin, self.is_sez, self.country)


class SupplierQuerySet(models.QuerySet["Supplier"]):
    """Hosts that bill, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """The actor's own institutions."""
        return self.filter(narrowed(actor, SEE_BILLED, organisation="organisation"))


@tracked
class Supplier(models.Model):
    """How a host bills: treatment, prefix of its serial numbers, bank account, who signs, and in how many days it is paid.

    ``turnover_inr`` is the greatest turnover of a financial year since 2017-18, as its accountant says: thresholds are read
    against it. ``lut`` is its letter of undertaking for supplies to special economic zones, in force until ``lut_until_on``.
    """

    organisation = models.OneToOneField(
        Organisation, models.PROTECT, related_name="billing_supplier"
    )
    treatment = models.CharField(
        _("registration and tax"), max_length=20, choices=Treatment.choices
    )
    exemption = models.CharField(_("why it is exempt"), max_length=250, blank=True)
    prefix = models.CharField(_("prefix of serial numbers"), max_length=4, unique=True)
    signatory = models.CharField(_("signed by (name and post)"), max_length=200)
    bank = models.CharField(_("bank and branch"), max_length=200, blank=True)
    account = models.CharField(_("account number"), max_length=34, blank=True)
    ifsc = models.CharField(_("IFSC"), max_length=11, blank=True)
    pay_within_days = models.PositiveSmallIntegerField(_("paid within (days)"), default=30)
    turnover_inr = models.DecimalField(
        _("greatest turnover of a year since 2017-18 (₹)"),
        max_digits=16, decimal_places=2, null=True, blank=True,
    )  # fmt: skip
    lut = models.CharField(_("letter of undertaking (ARN)"), max_length=30, blank=True)
    lut_until_on = models.DateField(_("in force until"), null=True, blank=True)

    objects = SupplierQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(prefix__regex=r"^[A-Z][A-Z0-9]{1,3}$"),
                name="supplier_prefix_form",
            ),
            models.CheckConstraint(
                condition=~models.Q(treatment=Treatment.EXEMPT) | ~models.Q(exemption=""),
                name="supplier_says_why_exempt",
            ),
        ]

    def __str__(self) -> str:
        return self.prefix

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scope of the host."""
        return self.organisation.scopes
