from __future__ import annotations

from django.urls import path

from marelle.agents.settings.mails import views

app_name = "agents_mails"
urlpatterns = [
    path("", views.mails, name="mails"),
    path("signature/<id:authority_id>/", views.signature, name="signature"),
    path("mots/<id:authority_id>/<str:app>/<str:name>/", views.wording, name="wording"),
    path("<str:app>/<str:name>/", views.mail, name="mail"),
    path("<str:app>/<str:name>/apercu/", views.preview, name="preview"),
]
