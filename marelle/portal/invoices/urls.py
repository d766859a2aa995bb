from __future__ import annotations

from django.urls import path

from marelle.portal.invoices import contest_views, month_views, presence_views, tax_views, views

app_name = "invoices"
urlpatterns = [
    path("", views.invoices, name="invoices"),
    path("mois/", month_views.month, name="month"),
    path("presence/", presence_views.presences, name="presences"),
    path("presence/<id:child_id>/<id:authority_id>/", presence_views.presence, name="presence"),
    path("frais-de-garde/", tax_views.years, name="tax"),
    path("frais-de-garde/<id:authority_id>/<int:year>/", tax_views.pdf, name="tax_pdf"),
    path("<id:invoice_id>/", views.invoice, name="invoice"),
    path("<id:invoice_id>/contester/<id:line_id>/", contest_views.contest, name="contest"),
    path("<id:invoice_id>/contestations/<id:contest_id>/retirer/", contest_views.withdraw, name="withdraw"),
    path("<id:invoice_id>/pdf/", views.pdf, name="pdf"),
]
