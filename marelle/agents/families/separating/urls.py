from __future__ import annotations

from django.urls import path

from marelle.agents.families.separating import views

app_name = "agents_separating"
urlpatterns = [path("", views.separate, name="separate")]
