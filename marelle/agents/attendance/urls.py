from __future__ import annotations

from django.urls import path

from marelle.agents.attendance import tablet_views, views

app_name = "agents_attendance"
urlpatterns = [
    path("", views.sheet, name="sheet"),
    path("pointer/", views.tick, name="tick"),
    path("pointages/", views.batch, name="batch"),
    path("enfant/<id:child_id>/", views.child, name="child"),
    path("code/", tablet_views.own_pin, name="own_pin"),
    path("tablettes/", tablet_views.tablets, name="tablets"),
    path("tablettes/ajouter/", tablet_views.enrol, name="enrol"),
    path("tablettes/<id:tablet_id>/code/", tablet_views.code, name="code"),
    path("tablettes/<id:tablet_id>/retirer/", tablet_views.revoke, name="revoke"),
    path("codes/<id:mate_id>/effacer/", tablet_views.forget, name="forget"),
]
