from __future__ import annotations

from django.urls import path

from marelle.agents.settings.reasons import views

app_name = "agents_reasons"
urlpatterns = [
    path("", views.reasons, name="reasons"),
    path("<id:authority_id>/", views.save, name="save"),
]
