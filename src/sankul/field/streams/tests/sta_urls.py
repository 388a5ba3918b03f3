"""The SensorThings API alone, so that its tests need no other area's pages."""

from django.urls import include, path

from sankul.field.streams.api.sta.urls import urlpatterns as sta

urlpatterns = [path("", include((sta, "streams")))]
