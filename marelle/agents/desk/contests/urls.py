from __future__ import annotations

from django.urls import path

from marelle.agents.desk.contests import views

app_name = "agents_contests"
urlpatterns = [
    path("<id:contest_id>/", views.contest, name="contest"),
    path("<id:contest_id>/reprendre/", views.take_back, name="take_back"),
]
