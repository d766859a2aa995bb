from __future__ import annotations

from django.urls import path

from marelle.portal.enrolments import views

app_name = "enrolments"
urlpatterns = [
    path("", views.people, name="people"),
    path("<id:person_id>/", views.person, name="person"),
    path("<id:person_id>/demander/<id:activity_id>/", views.ask, name="ask"),
    path("<id:person_id>/retirer/<id:enrolment_id>/", views.withdraw, name="withdraw"),
]
