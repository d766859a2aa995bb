from __future__ import annotations

from django.urls import path

from marelle.agents.desk.ticks import views

app_name = "agents_ticks"
urlpatterns = [path("<id:unsettled_id>/", views.day, name="day")]
