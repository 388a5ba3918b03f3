"""Addresses of the registry; the profile of a cluster (``cluster``) is put together by the site."""

from django.urls import path

from sankul.programme.registry import pages
from sankul.programme.registry.pages import changes

urlpatterns = [
    path("clusters/", pages.clusters, name="clusters"),
    path("organisations/", pages.organisations, name="organisations"),
    path("organisations/register/", changes.organisation_register, name="organisation-register"),
    path("organisations/<slug:slug>/", pages.organisation, name="organisation"),
    path("organisations/<slug:slug>/admit/", changes.organisation_admit, name="organisation-admit"),
    path("memberships/<int:number>/end/", changes.membership_end, name="membership-end"),
    path("governance/<slug:programme>/", pages.governance, name="governance"),
    path("bodies/<int:number>/hold/", changes.meeting_hold, name="meeting-hold"),
    path("meetings/<int:number>/decide/", changes.decision_record, name="decision-record"),
]
