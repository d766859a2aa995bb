from __future__ import annotations

from django.urls import path

from marelle.agents.lists import views

app_name = "agents_lists"
urlpatterns = [
    path("", views.day, name="list"),
    path("fichier/", views.file, name="file"),
]
