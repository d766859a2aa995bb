from __future__ import annotations

from django.urls import path

from marelle.portal.wishes import views

app_name = "wishes"
urlpatterns = [
    path("", views.campaigns, name="campaigns"),
    path("<id:wished_id>/", views.campaign, name="campaign"),
    path("<id:wished_id>/reponse/", views.answer, name="answer"),
    path("<id:wished_id>/retirer/", views.withdraw, name="withdraw"),
]
