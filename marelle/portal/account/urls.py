from __future__ import annotations

from django.urls import path

from marelle.portal.account import views

app_name = "account"

urlpatterns = [
    path("", views.account, name="account"),
    path("identifiant/", views.identifier, name="identifier"),
    path("mot-de-passe/", views.password, name="password"),
    path("adresse-mail/", views.email, name="email"),
    path("adresse-mail/<str:token>/", views.confirm_email, name="confirm_email"),
]
