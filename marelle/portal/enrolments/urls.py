from __future__ import annotations

from django.urls import path

from marelle.portal.enrolments import views

app_name = "enrolments"
urlpatterns = [
    path("", views.people, name="people"),
    path("<int:person_id>/", views.person, name="person"),
    path("<int:person_id>/demander/<int:activity_id>/", views.ask, name="ask"),
    path("<int:person_id>/retirer/<int:enrolment_id>/", views.withdraw, name="withdraw"),
]
