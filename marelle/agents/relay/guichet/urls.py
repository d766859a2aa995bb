from __future__ import annotations

from django.urls import path

from marelle.agents.relay.guichet import views

app_name = "agents_guichet"
urlpatterns = [
    path("", views.demands, name="demands"),
    path("<id:demand_id>/", views.demand, name="demand"),
    path("<id:demand_id>/contact/", views.contact, name="contact"),
    path("<id:demand_id>/dossier/", views.file, name="file"),
    path("<id:demand_id>/reponse/", views.close, name="close"),
]
