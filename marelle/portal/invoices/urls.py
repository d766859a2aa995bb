from __future__ import annotations

from django.urls import path

from marelle.portal.invoices import month_views, views

app_name = "invoices"
urlpatterns = [
    path("", views.invoices, name="invoices"),
    path("mois/", month_views.month, name="month"),
    path("<id:invoice_id>/", views.invoice, name="invoice"),
    path("<id:invoice_id>/pdf/", views.pdf, name="pdf"),
]
