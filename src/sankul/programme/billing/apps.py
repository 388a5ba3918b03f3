"""The area billing as a Django app."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Invoices of the hosts to those who used their facilities."""

    name = "sankul.programme.billing"
    label = "billing"
