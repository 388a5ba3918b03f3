"""The addresses of the area streams."""

from django.urls import URLPattern

app_name = "streams"
urlpatterns: list[URLPattern] = []
