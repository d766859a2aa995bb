from __future__ import annotations

from django.urls import path

from marelle.agents.settings.vitals import views

app_name = "agents_vitals"
urlpatterns = [path("", views.page, name="page")]
