from __future__ import annotations

from django.urls import path

from marelle.portal.draws import views

app_name = "draws"
urlpatterns = [
    path("verificateur.py", views.verifier, name="verifier"),
    path("<id:drawn_id>/", views.draw, name="draw"),
    path("<id:drawn_id>/tirage.json", views.file, name="file"),
]
