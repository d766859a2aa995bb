from __future__ import annotations

from django.urls import path

from marelle.portal.house_rules import views

urlpatterns = [
    path("", views.house_rules, name="house_rules"),
    path("<id:ruled_id>/", views.month, name="house_rules_month"),
]
