from __future__ import annotations

from django.urls import path

from marelle.portal.planning import repeat_views, views

urlpatterns = [
    path("", views.planning, name="planning"),
    path("prix/", views.prices, name="planning_prices"),
    path("repeter/", repeat_views.repeat, name="planning_repeat"),
]
