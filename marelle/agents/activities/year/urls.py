from __future__ import annotations

from django.urls import path

from marelle.agents.activities.year import copy_views, promotion_views, views

app_name = "agents_year"
urlpatterns = [
    path("", views.year, name="year"),
    path("calendrier/<id:calendar_id>/", views.calendar, name="calendar"),
    path("demandes/", views.requests_open, name="requests_open"),
    path("classes/", promotion_views.schools, name="schools"),
    path("classes/<id:school_id>/", promotion_views.school, name="school"),
    path("classes/annuler/<id:promotion_id>/", promotion_views.undo, name="promotion_undo"),
    path("copier/", copy_views.copies, name="copies"),
]
