from __future__ import annotations

from django.urls import path

from marelle.agents.settings.work import views

app_name = "agents_work"
urlpatterns = [path("", views.work, name="work")]
