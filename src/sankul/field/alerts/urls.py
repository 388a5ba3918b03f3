"""Addresses of the area alerts."""

from django.urls import path

from sankul.field.alerts.pages import alert, alerts, detectors, groups

urlpatterns = [
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/<int:number>/", alert.alert, name="alert"),
    path("alerts/<int:number>/acknowledge/", alert.acknowledge, name="alert-acknowledge"),
    path("alerts/<int:number>/act/", alert.act, name="alert-act"),
    path("alerts/<int:number>/close/", alert.close, name="alert-close"),
    path("alerts/actions/<int:number>/done/", alert.done, name="alert-action-done"),
    path("alerts/counted/<int:number>/", alert.counted, name="alert-counted"),
    path("alerts/streams/<int:number>/", detectors.detectors, name="detectors"),
    path("alerts/streams/<int:number>/<str:kind>/", detectors.detector_new, name="detector-new"),
    path("alerts/detectors/<int:number>/", detectors.detector, name="detector"),
    path(
        "alerts/detectors/<int:number>/switch/", detectors.detector_switch, name="detector-switch"
    ),
    path("alerts/groups/", groups.groups, name="detector-groups"),
    path("alerts/groups/new/", groups.group_new, name="detector-group-new"),
    path("alerts/groups/<int:number>/", groups.group, name="detector-group"),
    path("alerts/groups/<int:number>/change/", groups.group_change, name="detector-group-change"),
    path("alerts/silences/", detectors.silences, name="silences"),
    path("alerts/silences/new/", detectors.silence_new, name="silence-new"),
    path("alerts/silences/<int:number>/end/", detectors.silence_end, name="silence-end"),
    path("alerts/webhooks/", detectors.webhooks, name="webhooks"),
    path("alerts/webhooks/new/", detectors.webhook_new, name="webhook-new"),
    path("alerts/webhooks/<int:number>/stop/", detectors.webhook_stop, name="webhook-stop"),
]
