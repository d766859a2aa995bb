from __future__ import annotations

from django.urls import path

from marelle.agents.families.moving import views

app_name = "agents_moving"
urlpatterns = [
    path("", views.start, name="start"),
    path("<id:moving_id>/", views.run, name="run"),
    path("<id:moving_id>/rapport/", views.report, name="report"),
    path("<id:moving_id>/oublier/", views.drop, name="drop"),
    path("<slug:moving_kind>/", views.send, name="send"),
    path("<slug:moving_kind>/modele/", views.model, name="model"),
]
