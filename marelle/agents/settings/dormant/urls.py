from __future__ import annotations

from django.urls import path

from marelle.agents.settings.dormant import views

app_name = "agents_dormant"
urlpatterns = [
    path("", views.homes, name="homes"),
    path("bordereau/", views.slip, name="slip"),
    path("visa/", views.visa, name="visa"),
    path("<id:family_id>/garder/", views.keep, name="keep"),
]
