from __future__ import annotations

from django.urls import path

from marelle.agents.desk.no_shows import views

app_name = "agents_no_shows"
urlpatterns = [
    path("<id:no_show_id>/", views.no_show, name="no_show"),
    path("<id:no_show_id>/lever/", views.lift, name="lift"),
]
