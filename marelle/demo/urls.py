from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from marelle.demo import views

app_name = "demo"

urlpatterns: list[URLPattern | URLResolver] = [
    path("courriels/", views.mails, name="mails"),
    path("courriels/<int:message_id>/", views.mail, name="mail"),
]
