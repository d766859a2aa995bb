from __future__ import annotations

from django.urls import path

from marelle.agents.settings.second import views

app_name = "agents_second"
urlpatterns = [
    path("", views.rules, name="rules"),
    path("durees/", views.lives, name="lives"),
]
