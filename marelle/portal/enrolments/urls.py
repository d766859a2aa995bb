from __future__ import annotations

from django.urls import path

from marelle.portal.enrolments import asking_views, ending_views, views

app_name = "enrolments"
urlpatterns = [
    path("", views.people, name="people"),
    path("plusieurs/", asking_views.ask_many, name="ask_many"),
    path("recu/", views.received, name="received"),
    path("<id:person_id>/", views.person, name="person"),
    path("<id:person_id>/demander/<id:activity_id>/", asking_views.ask, name="ask"),
    path("<id:person_id>/inscription/<id:enrolment_id>/", views.detail, name="detail"),
    path("<id:person_id>/inscription/<id:accepted_id>/fin/", ending_views.end, name="end"),
    path(
        "<id:person_id>/inscription/<id:accepted_id>/fin/<id:end_id>/retirer/",
        ending_views.withdraw_end,
        name="withdraw_end",
    ),
    path("<id:person_id>/retirer/<id:enrolment_id>/", views.withdraw, name="withdraw"),
]
