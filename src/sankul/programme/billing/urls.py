"""The addresses of the area billing."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from sankul.programme.billing.pages import accounts, desk, details, documents, public


class MonthConverter(StringConverter):
    """A month in an address: 2026-10."""

    regex = r"20[0-9]{2}-(?:0[1-9]|1[0-2])"


register_converter(MonthConverter, "month")
AT = "billing/institutions/<slug:organisation>/"

urlpatterns = [
    path("billing/", desk.home, name="billing"),
    path("billing/law/", public.law, name="billing-law"),
    path("billing/clusters/<slug:programme>/<slug:cluster>/", public.totals, name="billing-totals"),
    path("billing/charges/", details.charge_list, name="charges"),
    path("billing/charges/<int:number>/waive/", details.waive, name="charge-waive"),
    path(AT, desk.host, name="billing-host"),
    path(f"{AT}details/", details.details, name="billing-details"),
    path(f"{AT}terms/", details.terms, name="billing-terms"),
    path(f"{AT}charge/", details.charge, name="billing-charge"),
    path(f"{AT}accounts/<slug:payer>/", accounts.account, name="billing-account"),
    path(f"{AT}<month:month>/", desk.month, name="billing-month"),
    path(f"{AT}<month:month>/<slug:payer>/", desk.draft, name="billing-draft"),
    path("invoices/", documents.invoices, name="invoices"),
    path("invoices/<int:number>/", documents.invoice, name="invoice"),
    path("invoices/<int:number>/pdf/", documents.pdf, name="invoice-pdf"),
    path("invoices/<int:number>/credit/", documents.credit, name="invoice-credit"),
    path("invoices/<int:number>/dispute/", documents.dispute_it, name="invoice-dispute"),
    path("disputes/", documents.dispute_list, name="disputes"),
    path("disputes/<int:number>/", documents.dispute, name="dispute"),
]
