from __future__ import annotations

from django.urls import path

from marelle.agents.families import views

app_name = "agents_families"
urlpatterns = [
    path("", views.search, name="search"),
    path("<id:family_id>/", views.family, name="family"),
    path("<id:family_id>/agir/", views.act_for, name="act_for"),
    path("terminer/", views.stop_acting, name="stop_acting"),
]
