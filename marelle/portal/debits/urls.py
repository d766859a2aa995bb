from __future__ import annotations

from django.urls import path

from marelle.portal.debits import views

app_name = "debits"
urlpatterns = [
    path("", views.debits, name="debits"),
    path("<id:authority_id>/", views.account, name="account"),
    path("<id:authority_id>/accepter/", views.accept, name="accept"),
    path("mandats/<id:mandate_id>/", views.mandate, name="mandate"),
    path("mandats/<id:mandate_id>/arreter/", views.stop, name="stop"),
]
