from __future__ import annotations

from django.urls import path

from marelle.portal.mornings import views

app_name = "mornings"
urlpatterns = [
    path("", views.mornings, name="mornings"),
    path("<id:opening_id>/", views.book, name="book"),
    path("annuler/<id:visit_id>/", views.cancel, name="cancel"),
]
