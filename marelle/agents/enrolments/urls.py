from __future__ import annotations

from django.urls import path

from marelle.agents.enrolments import views

app_name = "agents_enrolments"
urlpatterns = [
    path("nouvelle/", views.new, name="new"),
]
