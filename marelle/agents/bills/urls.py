from __future__ import annotations

from django.urls import path

from marelle.agents.bills import print_views, views

app_name = "agents_bills"
urlpatterns = [
    path("mois/", views.runs, name="runs"),
    path("mois/nouveau/", views.new, name="new"),
    path("mois/<id:bill_run_id>/", views.run, name="run"),
    path("mois/<id:bill_run_id>/imprimer/<int:part>/", print_views.stack, name="print"),
    path("mois/<id:bill_run_id>/zip/", print_views.archive, name="zip"),
    path("mois/<id:bill_run_id>/foyers/<id:assessment_id>/", views.home, name="home"),
    path("facon/<id:authority_id>/", views.terms, name="terms"),
]
