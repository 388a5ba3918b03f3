"""Addresses of annual reports."""

from django.urls import path

from . import pages

urlpatterns = [
    path("reports/", pages.reports, name="reports"),
    path("reports/<slug:programme>/<str:period>/make/", pages.make, name="report-make"),
    path("reports/<slug:programme>/<str:period>/<slug:language>/", pages.report, name="report"),
]
