from __future__ import annotations

from django.urls import path

from marelle.agents.figures import views

app_name = "agents_figures"
urlpatterns = [
    path("", views.figures, name="figures"),
    path("csv/", views.as_csv, name="csv"),
    path("xlsx/", views.as_xlsx, name="xlsx"),
]
