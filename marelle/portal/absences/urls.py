from __future__ import annotations

from django.urls import path

from marelle.portal.absences import views

app_name = "absences"
urlpatterns = [
    path("", views.span, name="span"),
    path("annuler/", views.undo, name="undo"),
    path("<id:booking_id>/", views.absence, name="absence"),
    path("<id:booking_id>/retirer/", views.withdraw, name="withdraw"),
    path("<id:booking_id>/justificatif/", views.proof, name="proof"),
]
