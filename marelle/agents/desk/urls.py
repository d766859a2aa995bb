from __future__ import annotations

from django.urls import path

from marelle.agents.desk import delay_views, shared, together, undoing

app_name = "desk"
urlpatterns = [
    path("delais/", delay_views.page, name="delays"),
    path("ensemble/", together.accept, name="together"),
    path("notes/<id:noted_id>/", shared.note, name="note"),
    path("annuler/<id:decided_id>/", undoing.undo, name="undo"),
]
