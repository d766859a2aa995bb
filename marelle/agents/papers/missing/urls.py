from __future__ import annotations

from django.urls import path

from marelle.agents.papers.missing import views

app_name = "agents_missing"
urlpatterns = [
    path("", views.missing, name="missing"),
    path("relancer/", views.remind, name="remind"),
    path("relances/<id:reminder_id>/", views.reminder, name="reminder"),
]
