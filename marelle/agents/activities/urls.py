from __future__ import annotations

from django.urls import path

from marelle.agents.activities import views

app_name = "agents_activities"
urlpatterns = [
    path("", views.activities, name="activities"),
    path("<id:activity_id>/", views.activity, name="activity"),
]
