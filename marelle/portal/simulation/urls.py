from __future__ import annotations

from django.urls import path

from marelle.portal.simulation import views

app_name = "simulation"
urlpatterns = [
    path("", views.activities, name="activities"),
    path("<id:activity_id>/", views.simulate, name="simulate"),
]
