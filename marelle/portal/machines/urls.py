from __future__ import annotations

from django.urls import path

from marelle.portal.machines import views

app_name = "machines"
urlpatterns = [
    path("vivant", views.alive, name="alive"),
    path("pret", views.ready, name="ready"),
    path("metriques", views.metrics, name="metrics"),
]
