"""What a tablet opens, without a login: see `cookies`."""

from __future__ import annotations

from django.urls import path

from marelle.agents.attendance import porte_views

app_name = "porte"
urlpatterns = [
    path("", porte_views.home, name="home"),
    path("presences/", porte_views.sheet, name="sheet"),
    path("pointer/", porte_views.tick, name="tick"),
    path("pointages/", porte_views.batch, name="batch"),
    path("enfant/", porte_views.child, name="child"),
    path("urgence/", porte_views.emergency, name="emergency"),
    path("service-worker.js", porte_views.worker, name="worker"),
    path("manifest.webmanifest", porte_views.manifest, name="manifest"),
]
