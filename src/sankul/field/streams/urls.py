"""The addresses of the area streams."""

from django.urls import URLPattern, path

from sankul.field.streams import pages
from sankul.field.streams.api.sta.urls import urlpatterns as sta

app_name = "streams"
urlpatterns: list[URLPattern] = [
    path("streams/upload/", pages.upload, name="upload"),
    path("streams/refused/", pages.letters, name="letters"),
    path("streams/refused/<int:number>/", pages.letter, name="letter"),
    path("field/", pages.fleet, name="fleet"),
    path("field/things/<int:number>/", pages.thing, name="thing"),
    path("field/things/<int:number>/data/", pages.thing_data, name="thing-data"),
    path("field/things/<int:number>/observations.<slug:form>", pages.thing_file, name="thing-file"),
    path("field/streams/<int:number>/", pages.stream, name="stream"),
    path("field/streams/<int:number>/data/", pages.stream_data, name="stream-data"),
    path(
        "field/streams/<int:number>/observations.<slug:form>",
        pages.stream_file,
        name="stream-file",
    ),
    path("field/outlines/", pages.outlines, name="outlines"),
    path("field/outlines/new/", pages.outline_new, name="outline-new"),
    path("field/outlines/<int:number>/remove/", pages.outline_remove, name="outline-remove"),
    *sta,
]
