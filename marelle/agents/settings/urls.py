from __future__ import annotations

from django.urls import path

from marelle.agents.settings import views

app_name = "agents_settings"
urlpatterns = [
    path("", views.index, name="index"),
    path("champs/", views.fields, name="fields"),
]
