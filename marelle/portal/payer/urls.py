from __future__ import annotations

from django.urls import path

from marelle.portal.payer import views

app_name = "payer"
urlpatterns = [
    path("", views.bills, name="bills"),
    path("<id:payer_bill_id>/", views.bill, name="bill"),
    path("<id:payer_bill_id>/pdf/", views.pdf, name="pdf"),
]
