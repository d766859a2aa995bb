from __future__ import annotations

from django.urls import path

from marelle.portal.theme import views

app_name = "theme"
urlpatterns = [
    path("couleurs-<int:revision>.css", views.colours, name="colours"),
    path("logo-<int:revision>.png", views.logo, name="logo"),
]
