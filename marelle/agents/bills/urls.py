from __future__ import annotations

from django.urls import path

from marelle.agents.bills import home_views, payer_views, print_views, views

app_name = "agents_bills"
urlpatterns = [
    path("mois/", views.runs, name="runs"),
    path("mois/nouveau/", views.new, name="new"),
    path("mois/<id:bill_run_id>/", views.run, name="run"),
    path("mois/<id:bill_run_id>/imprimer/<int:part>/", print_views.stack, name="print"),
    path("mois/<id:bill_run_id>/zip/", print_views.archive, name="zip"),
    path("mois/<id:bill_run_id>/foyers/<id:assessment_id>/", views.home, name="home"),
    path("foyers/<id:family_id>/", home_views.months, name="months"),
    path("foyers/<id:family_id>/prises-en-charge/", payer_views.coverages, name="coverages"),
    path("foyers/<id:family_id>/prises-en-charge/<id:coverage_id>/", payer_views.coverage, name="coverage"),
    path("payeurs/", payer_views.payers, name="payers"),
    path("payeurs/<id:payer_id>/", payer_views.payer, name="payer"),
    path("<id:invoice_id>/corriger/", home_views.correct, name="correct"),
    path("facon/<id:authority_id>/", views.terms, name="terms"),
]
