from __future__ import annotations

from django.urls import path

from marelle.agents.bills import (
    home_views,
    mandate_views,
    payer_views,
    print_views,
    returned_views,
    tax_views,
    tresor_views,
    views,
)

app_name = "agents_bills"
urlpatterns = [
    path("mois/", views.runs, name="runs"),
    path("mois/nouveau/", views.new, name="new"),
    path("mois/<id:bill_run_id>/", views.run, name="run"),
    path("mois/<id:bill_run_id>/imprimer/<int:part>/", print_views.stack, name="print"),
    path("mois/<id:bill_run_id>/zip/", print_views.archive, name="zip"),
    path("mois/<id:bill_run_id>/foyers/<id:assessment_id>/", views.home, name="home"),
    path("foyers/<id:family_id>/", home_views.months, name="months"),
    path("foyers/<id:family_id>/frais-de-garde/", tax_views.years, name="tax"),
    path("foyers/<id:family_id>/frais-de-garde/<id:authority_id>/<int:year>/", tax_views.pdf, name="tax_pdf"),
    path("foyers/<id:family_id>/prises-en-charge/", payer_views.coverages, name="coverages"),
    path("foyers/<id:family_id>/prises-en-charge/<id:coverage_id>/", payer_views.coverage, name="coverage"),
    path("foyers/<id:family_id>/prelevement/", mandate_views.mandates, name="mandates"),
    path("foyers/<id:family_id>/prelevement/<id:mandate_id>/", mandate_views.mandate, name="mandate"),
    path(
        "foyers/<id:family_id>/prelevement/<id:mandate_id>/papier/",
        mandate_views.paper,
        name="mandate_paper",
    ),
    path("prelevement/", mandate_views.to_check, name="to_check"),
    path("payeurs/", payer_views.payers, name="payers"),
    path("payeurs/<id:payer_id>/", payer_views.payer, name="payer"),
    path("<id:invoice_id>/corriger/", home_views.correct, name="correct"),
    path("tresor/", tresor_views.tresor, name="tresor"),
    path("tresor/mois/<id:bill_run_id>/", tresor_views.report, name="tresor_report"),
    path("tresor/mois/<id:bill_run_id>/avoirs/", tresor_views.credit_notes, name="tresor_credits"),
    path("tresor/fichiers/<id:tresor_export_id>/", tresor_views.export, name="tresor_export"),
    path("tresor/fichiers/<id:tresor_export_id>/fichier/", tresor_views.file, name="tresor_file"),
    path("tresor/factures/<id:invoice_id>/", tresor_views.bill, name="tresor_bill"),
    path("tresor/rejets/", returned_views.rejected, name="tresor_rejected"),
    path("tresor/encaissements/", returned_views.strays, name="strays"),
    path("tresor/encaissements/<id:stray_id>/", returned_views.stray, name="stray"),
    path("tresor/reglages/<id:authority_id>/", tresor_views.terms, name="tresor_terms"),
    path("facon/<id:authority_id>/", views.terms, name="terms"),
]
