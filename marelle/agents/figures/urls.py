from __future__ import annotations

from django.urls import path

from marelle.agents.figures import absence_views, views

app_name = "agents_figures"
urlpatterns = [
    path("", views.figures, name="figures"),
    path("absences/", absence_views.absences, name="absences"),
    path("absences/fichier/", absence_views.file, name="absences_file"),
    path("csv/", views.as_csv, name="csv"),
    path("xlsx/", views.as_xlsx, name="xlsx"),
]
