from __future__ import annotations

from django.urls import path

from marelle.portal.legal import views

app_name = "legal"
urlpatterns = [
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("donnees-personnelles/", views.personal_data, name="personal_data"),
    path("mentions-legales/", views.notices, name="notices"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
]
