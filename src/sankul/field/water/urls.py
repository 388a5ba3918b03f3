"""The addresses of the area water."""

from django.urls import path

from sankul.field.water.pages import keeping, plain, planning, reference, report, risk, sources

urlpatterns = [
    path("water/", plain.places, name="water-places"),
    path("water/risks/", risk.risks, name="water-risks"),
    path("water/limits/", reference.limits, name="water-limits"),
    path("water/limits/new/", reference.limit_new, name="water-limit-new"),
    path("water/reports/<str:month>.pdf", report.monthly, name="water-report"),
    path("water/villages/", keeping.village_list, name="water-villages"),
    path("water/villages/new/", keeping.village_new, name="water-village-new"),
    path("water/villages/<int:number>/", plain.village, name="water-village"),
    path("water/schemes/", planning.schemes, name="water-schemes"),
    path("water/plans/", planning.plans, name="water-plans"),
    path("water/villages/<int:number>/source/", keeping.source_new, name="water-source-new"),
    path("water/sources/<int:number>/sensor/", keeping.sensor_new, name="water-sensor-new"),
    path("water/sources/<int:number>/plan/", keeping.plan_new, name="water-plan"),
    path("water/samples/<int:number>/", keeping.sample, name="water-sample"),
    path("water/samples/<int:number>/hand-on/", keeping.hand_on, name="water-hand-on"),
    path("water/samples/<int:number>/results/", keeping.results, name="water-results"),
    path("water/rivers/", reference.rivers, name="water-rivers"),
    path("water/rivers/new/", reference.rivers_new, name="water-rivers-new"),
    path("water/rivers/tables/", reference.imports, name="water-imports"),
    path("water/places/<int:number>/", plain.place, name="water-place"),
    path("water/sources/<int:number>/", sources.source, name="water-source"),
    path("water/sources/<int:number>/sample/", sources.sample_new, name="water-sample-new"),
    path("water/sources/<int:number>/respond/", sources.respond, name="water-respond"),
    path("water/responses/<int:number>/close/", sources.close, name="water-close"),
]
