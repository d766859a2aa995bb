from __future__ import annotations

from django.urls import path

from marelle.agents.settings.evening import views

app_name = "agents_evening"
urlpatterns = [
    path("", views.places, name="places"),
    path("<id:structure_id>/", views.place, name="place"),
    path("<id:structure_id>/regler/", views.settle, name="settle"),
    path("<id:structure_id>/envoyer/", views.send, name="send"),
    path("<id:structure_id>/mot-de-passe/", views.password, name="password"),
    path("<id:structure_id>/mot-de-passe/nouveau/", views.renew, name="renew"),
]
