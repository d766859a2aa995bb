from __future__ import annotations

from django.urls import path

from marelle.agents.places import staff_views, views, waiting_views

app_name = "agents_places"
urlpatterns = [
    path("", views.calendar, name="calendar"),
    path("jour/", views.day, name="day"),
    path("personnel/", staff_views.staff, name="staff"),
    path("attente/", waiting_views.waiting, name="waiting"),
    path("attente/<id:waited_id>/", waiting_views.queue, name="queue"),
    path("attente/<id:waited_id>/<id:waiting_id>/", waiting_views.move, name="move"),
    path("attente/<id:waited_id>/proposer/", waiting_views.offer, name="offer"),
]
