"""The addresses of the area streams."""

from django.urls import URLPattern, path

from sankul.field.streams import pages
from sankul.field.streams.api.sta.urls import urlpatterns as sta
from sankul.field.streams.pages import calibrations, reviewing, rules

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
    path("field/review/", reviewing.queue, name="queue"),
    path("field/streams/<int:number>/review/", reviewing.review, name="review"),
    path("field/streams/<int:number>/review/proposals/", reviewing.answer, name="answer"),
    path("field/streams/<int:number>/review/look/", reviewing.look, name="look"),
    path(
        "field/streams/<int:number>/review/undo/<int:revision>/",
        reviewing.undo,
        name="undo",
    ),
    path(
        "field/streams/<int:number>/calibrations/", calibrations.calibrations, name="calibrations"
    ),
    path(
        "field/streams/<int:number>/calibrations/<int:calibration>/",
        calibrations.calibration,
        name="calibration",
    ),
    path(
        "field/streams/<int:number>/calibrations/<int:calibration>/remove/",
        calibrations.remove,
        name="calibration-remove",
    ),
    path("field/streams/<int:number>/rules/", rules.rules, name="rules"),
    path("field/streams/<int:number>/rules/again/", rules.again, name="rules-again"),
    *sta,
]
