from __future__ import annotations

from django.urls import path

from marelle.agents.settings.consents import views

app_name = "agents_consents"
urlpatterns = [
    path("", views.types, name="types"),
    path("ajouter/", views.add, name="add"),
    path("<id:consent_type_id>/", views.change, name="change"),
    path("<id:consent_type_id>/demander/", views.ask, name="ask"),
    path("<id:consent_type_id>/supprimer/", views.remove, name="remove"),
]
