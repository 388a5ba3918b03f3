"""Addresses of the evaluation's pages."""

from django.urls import path

from .pages import certainty, figures, lineage, office, ranking

urlpatterns = [
    path("ranking/", ranking.rankings, name="rankings"),
    path("ranking/<slug:programme>/<str:period>/", ranking.ranking, name="ranking"),
    path(
        "ranking/<slug:programme>/<str:period>/<slug:cluster>/", figures.standing, name="standing"
    ),
    path(
        "ranking/<slug:programme>/<str:period>/<slug:cluster>/<str:indicator>/",
        figures.value,
        name="value",
    ),
    path(
        "ranking/<slug:programme>/<str:period>/<slug:cluster>/<str:indicator>/lineage/",
        lineage.value_lineage,
        name="value-lineage",
    ),
    path("lineage/claims/<int:number>/", lineage.claim_lineage, name="claim-lineage"),
    path("certainty/<slug:programme>/<str:period>/", certainty.sureness, name="certainty"),
    path("evaluation/<slug:programme>/", office.desk, name="desk"),
    path("evaluation/<slug:programme>/compute/", office.compute, name="compute"),
    path("evaluation/<slug:programme>/runs/<int:number>/publish/", office.publish, name="publish"),
]
