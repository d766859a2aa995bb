from __future__ import annotations

from django.urls import path

from marelle.agents.papers.paper_types import views

app_name = "paper_types"
urlpatterns = [
    path("", views.types, name="types"),
    path("nouveau/", views.new, name="new"),
    path("<id:type_id>/", views.edit, name="edit"),
    path("<id:type_id>/supprimer/", views.remove, name="remove"),
    path("<id:type_id>/activites/", views.needs, name="needs"),
]
