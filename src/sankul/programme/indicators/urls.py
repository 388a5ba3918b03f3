"""Addresses of the frameworks' pages."""

from django.urls import path

from . import pages

urlpatterns = [
    path(
        "frameworks/<slug:programme>/<slug:code>/<str:version>/", pages.framework, name="framework"
    ),
]
