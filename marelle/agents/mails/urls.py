from __future__ import annotations

from django.urls import path

from marelle.agents.mails import views

app_name = "agents_mails"
urlpatterns = [
    path("", views.mails, name="mails"),
    path("<str:app>/<str:name>/", views.mail, name="mail"),
    path("<str:app>/<str:name>/apercu/", views.preview, name="preview"),
]
