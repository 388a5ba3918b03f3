"""The addresses of the area streams."""

from django.urls import URLPattern

from sankul.field.streams.api.sta.urls import urlpatterns as sta

app_name = "streams"
urlpatterns: list[URLPattern] = [
    *sta,
]
