from __future__ import annotations

from django.urls import path

from marelle.agents.settings.journal import views

app_name = "agents_journal"
urlpatterns = [
    path("", views.journal, name="journal"),
    path("export/", views.export, name="export"),
]
