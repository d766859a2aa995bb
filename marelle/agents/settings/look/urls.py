from __future__ import annotations

from django.urls import path

from marelle.agents.settings.look import views

app_name = "agents_look"
urlpatterns = [
    path("apparence/", views.look, name="look"),
    path("textes/", views.texts, name="texts"),
]
