from __future__ import annotations

from django.urls import path

from marelle.agents.invoices import views

app_name = "agents_invoices"
urlpatterns = [
    path("", views.runs, name="runs"),
    path("importer/", views.send, name="send"),
    path("importer/<id:run_id>/", views.run, name="run"),
    path("importer/<id:run_id>/confirmer/", views.confirm, name="confirm"),
    path("tresorerie/", views.treasuries, name="treasuries"),
    path("tresorerie/<id:authority_id>/", views.treasury, name="treasury"),
]
