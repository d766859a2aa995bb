from __future__ import annotations

from django.urls import path

from marelle.agents.lists.meals import views

app_name = "agents_meals"
urlpatterns = [
    path("", views.week, name="week"),
    path("fichier/", views.file, name="file"),
]
