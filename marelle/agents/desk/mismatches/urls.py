from __future__ import annotations

from django.urls import path

from marelle.agents.desk.mismatches import views

app_name = "agents_mismatches"
urlpatterns = [path("<id:mismatch_id>/", views.mismatch, name="mismatch")]
