from __future__ import annotations

from django.urls import path

from marelle.agents.desk import asking_views
from marelle.agents.desk.requests import views

app_name = "requests"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("demandes/<id:case_id>/piece/", asking_views.ask, name="ask"),
    path("inscriptions/<id:enrolment_id>/", views.request_page, name="request"),
    path("inscriptions/<id:enrolment_id>/accepter/", views.accept, name="accept"),
    path("inscriptions/<id:enrolment_id>/refuser/", views.refuse, name="refuse"),
]
