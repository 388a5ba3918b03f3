"""Addresses of the expert panel."""

from django.urls import path

from .pages import desk, scores, sheet

urlpatterns = [
    path("panels/", desk.index, name="panels"),
    path("panels/new/<slug:programme>/", desk.make, name="panel-make"),
    path("panels/scores/<int:number>/", scores.panel_score, name="panel_score"),
    path("panels/<int:number>/", desk.desk, name="panel"),
    path("panels/<int:number>/rubrics/<slug:criterion>/", desk.rubric, name="panel-rubric"),
    path("panels/<int:number>/members/", desk.members, name="panel-members"),
    path("panels/<int:number>/open/", desk.open_, name="panel-open"),
    path("panels/<int:number>/step/<slug:step>/", desk.move, name="panel-move"),
    path("panels/<int:number>/sheet/<slug:cluster>/", sheet.sheet, name="panel-sheet"),
    path("panels/<int:number>/sheet/<slug:cluster>/recuse/", sheet.recuse, name="panel-recuse"),
    path("panels/<int:number>/send/", sheet.send, name="panel-send"),
    path("panels/<int:number>/visits/<slug:cluster>/", sheet.visit, name="panel-visit"),
    path("panels/<int:number>/discussion/", scores.discussion, name="panel-discussion"),
    path(
        "panels/<int:number>/discussion/<slug:cluster>/<slug:criterion>/",
        scores.item,
        name="panel-item",
    ),
    path("panels/<int:number>/results/", scores.results, name="panel-results"),
]
