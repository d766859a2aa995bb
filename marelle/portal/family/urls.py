from __future__ import annotations

from django.urls import path

from marelle.portal.family import views

app_name = "family"
urlpatterns = [
    path("", views.people, name="people"),
    path("<id:person_id>/", views.person, name="person"),
]
