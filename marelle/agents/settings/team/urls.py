from __future__ import annotations

from django.urls import path

from marelle.agents.settings.team import views

app_name = "agents_team"
urlpatterns = [
    path("", views.team, name="team"),
    path("inviter/", views.invite, name="invite"),
    path("<id:colleague_id>/", views.colleague, name="colleague"),
    path("<id:colleague_id>/suspendre/", views.suspend, name="suspend"),
    path("<id:colleague_id>/rendre/", views.resume, name="resume"),
    path("<id:colleague_id>/laisser-entrer/", views.let_in, name="let_in"),
    path("<id:colleague_id>/inviter/", views.invite_again, name="invite_again"),
]
