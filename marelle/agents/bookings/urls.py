from __future__ import annotations

from django.urls import path

from marelle.agents.bookings import absence_views, request_views, waiting_views

app_name = "agents_bookings"
urlpatterns = [
    path("attente/", waiting_views.waiting, name="waiting"),
    path("attente/<id:waited_id>/proposer/", waiting_views.offer, name="offer"),
    path("demandes/<id:request_id>/", request_views.answer, name="request"),
    path("absences/<id:proof_id>/", absence_views.proof, name="proof"),
    path("absences/<id:proof_id>/fichier/", absence_views.proof_file, name="proof_file"),
]
