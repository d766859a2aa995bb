from __future__ import annotations

from django.urls import path

from marelle.agents.settings.journal import consulted_views, views

app_name = "agents_journal"
urlpatterns = [
    path("", views.journal, name="journal"),
    path("export/", views.export, name="export"),
    path("consultations/", consulted_views.consulted, name="consulted"),
    path("consultations/export/", consulted_views.export, name="consulted_export"),
    path("consultations/seuils/", consulted_views.bounds, name="bounds"),
]
