from __future__ import annotations

from django.urls import path

from marelle.agents.families.importing import views

app_name = "agents_importing"
urlpatterns = [
    path("", views.send, name="send"),
    path("<id:import_id>/", views.run, name="run"),
    path("<id:import_id>/colonnes/", views.columns, name="columns"),
    path("<id:import_id>/mots/", views.said, name="said"),
    path("<id:import_id>/rapport/", views.report, name="report"),
    path("<id:import_id>/oublier/", views.drop, name="drop"),
]
