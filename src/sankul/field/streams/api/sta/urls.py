"""The addresses of the SensorThings API."""

from django.urls import URLPattern, path

from .views import service

urlpatterns: list[URLPattern] = [
    path("sta/v1.1", service, name="sta"),
    path("sta/v1.1/", service),
    path("sta/v1.1/<path:rest>", service, name="sta-resource"),
]
