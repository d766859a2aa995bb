from __future__ import annotations

from django.urls import path

from marelle.agents.desk.bookings import absence_views, alone_views, place_views, request_views

app_name = "agents_bookings"
urlpatterns = [
    path("demandes/<id:request_id>/", request_views.answer, name="request"),
    path("places/<id:waited_id>/", place_views.place, name="place"),
    path("seules/<id:alone_id>/", alone_views.alone, name="alone"),
    path("absences/<id:proof_id>/", absence_views.proof, name="proof"),
    path("absences/<id:proof_id>/fichier/", absence_views.proof_file, name="proof_file"),
]
