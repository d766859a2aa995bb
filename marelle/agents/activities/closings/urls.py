from __future__ import annotations

from django.urls import path

from marelle.agents.activities.closings import fewer_views, opening_views, views

app_name = "agents_closings"
urlpatterns = [
    path("", views.closings, name="closings"),
    path("jour/", views.day, name="day"),
    path("ouvrir/", opening_views.opening, name="open"),
    path("places/", fewer_views.fewer, name="fewer"),
    path("capacites/", fewer_views.capacities, name="capacities"),
    path("capacites/<id:gauge_id>/", fewer_views.capacity, name="capacity"),
    path("<id:closure_id>/", views.closing, name="closing"),
    path("<id:closure_id>/annuler/", views.undo, name="undo"),
]
