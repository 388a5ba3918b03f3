"""The addresses of the area water."""

from django.urls import URLPattern

app_name = "water"
urlpatterns: list[URLPattern] = []
