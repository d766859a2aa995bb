from __future__ import annotations

from django.urls import path

from marelle.portal.mismatches import views

app_name = "mismatches"
urlpatterns = [
    path("", views.mismatches, name="mismatches"),
    path("<id:mismatch_id>/", views.answer, name="answer"),
]
