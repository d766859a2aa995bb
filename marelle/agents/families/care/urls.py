from __future__ import annotations

from django.urls import path

from marelle.agents.families.care import views

app_name = "agents_care"
urlpatterns = [
    path("", views.children, name="children"),
    path("<id:child_id>/", views.child, name="child"),
    path("<id:child_id>/pai/", views.pai_file, name="pai_file"),
    path("<id:child_id>/interdictions/", views.ban_set, name="ban_set"),
    path("<id:child_id>/interdictions/<id:ban_id>/lever/", views.ban_lift, name="ban_lift"),
]
