from __future__ import annotations

from django.urls import path

from marelle.agents.invoices import parallel_views, views

app_name = "agents_invoices"
urlpatterns = [
    path("", views.runs, name="runs"),
    path("importer/", views.send, name="send"),
    path("importer/<id:run_id>/", views.run, name="run"),
    path("importer/<id:run_id>/confirmer/", views.confirm, name="confirm"),
    path("importer/<id:returned_id>/annuler/", views.undo, name="undo"),
    path("importer/<id:moved_in_id>/relancer/", views.remind, name="remind"),
    path("parallele/<id:parallel_id>/", parallel_views.parallel, name="parallel"),
    path("parallele/<id:parallel_id>/ecarts/", parallel_views.differences, name="differences"),
    path("parallele/<id:parallel_id>/effacer/", parallel_views.forget, name="forget"),
    path("modeles/<slug:moved_kind>/", views.model, name="model"),
    path("tresorerie/", views.treasuries, name="treasuries"),
    path("tresorerie/<id:authority_id>/", views.treasury, name="treasury"),
]
