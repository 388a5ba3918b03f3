"""The addresses of the area facilities."""

from django.urls import URLPattern

app_name = "facilities"
urlpatterns: list[URLPattern] = []
