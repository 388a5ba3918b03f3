"""Addresses of the area alerts."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
