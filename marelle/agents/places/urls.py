from __future__ import annotations

from django.urls import path

from marelle.agents.places import register_views, staff_day_views, staff_views, views, waiting_views

app_name = "agents_places"
urlpatterns = [
    path("", views.calendar, name="calendar"),
    path("jour/", views.day, name="day"),
    path("personnel/", staff_views.staff, name="staff"),
    path("personnel/jour/", staff_day_views.staff_day, name="staff_day"),
    path("personnel/registre/", register_views.register, name="register"),
    path("personnel/registre/ajouter/<id:structure_id>/", register_views.add, name="register_add"),
    path("personnel/registre/reprendre/<id:structure_id>/", register_views.carry, name="register_carry"),
    path("personnel/registre/<id:worker_id>/", register_views.member, name="register_member"),
    path("personnel/registre/<id:worker_id>/retirer/", register_views.remove, name="register_remove"),
    path("attente/", waiting_views.waiting, name="waiting"),
    path("attente/<id:waited_id>/", waiting_views.queue, name="queue"),
    path("attente/<id:waited_id>/<id:waiting_id>/", waiting_views.move, name="move"),
    path("attente/<id:waited_id>/proposer/", waiting_views.offer, name="offer"),
]
