from __future__ import annotations

from django.urls import path

from marelle.agents.families.importing import pupil_views as views

app_name = "agents_pupils"
urlpatterns = [
    path("", views.send, name="send"),
    path("<id:list_id>/", views.run, name="run"),
    path("<id:list_id>/colonnes/", views.columns, name="columns"),
    path("<id:list_id>/mots/", views.said, name="said"),
    path("<id:list_id>/reponses/", views.answers, name="answers"),
    path("<id:list_id>/inconnus/", views.aside, name="aside"),
    path("<id:list_id>/oublier/", views.drop, name="drop"),
]
