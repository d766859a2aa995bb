from __future__ import annotations

from django.urls import path

from marelle.agents.closings import views

app_name = "agents_closings"
urlpatterns = [
    path("", views.closings, name="closings"),
    path("jour/", views.day, name="day"),
]
