from __future__ import annotations

from django.urls import path

from marelle.agents.papers.publications import views

app_name = "agents_publications"
urlpatterns = [
    path("", views.publications, name="publications"),
    path("nouvelle/", views.publish, name="publish"),
    path("<id:publication_id>/", views.replace, name="publication"),
    path("<id:publication_id>/corriger/", views.correct, name="correct"),
    path("<id:publication_id>/fichier/", views.file, name="file"),
    path("<id:publication_id>/retirer/", views.withdraw, name="withdraw"),
]
