from __future__ import annotations

from django.urls import path

from marelle.agents.settings.delays import views

app_name = "agents_delays"
urlpatterns = [path("", views.delays, name="delays")]
