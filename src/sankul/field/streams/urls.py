"""The addresses of the area streams."""

from django.urls import URLPattern, path

from sankul.field.streams import pages
from sankul.field.streams.api.sta.urls import urlpatterns as sta

app_name = "streams"
urlpatterns: list[URLPattern] = [
    path("streams/upload/", pages.upload, name="upload"),
    path("streams/refused/", pages.letters, name="letters"),
    path("streams/refused/<int:number>/", pages.letter, name="letter"),
    *sta,
]
