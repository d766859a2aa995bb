from __future__ import annotations

from django.urls import path

from marelle.agents.desk.changes import views

app_name = "agents_changes"
urlpatterns = [
    path("<id:change_id>/", views.change, name="change"),
    path("<id:change_id>/justificatif/", views.proof, name="proof"),
]
