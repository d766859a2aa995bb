from __future__ import annotations

from django.urls import path

from marelle.agents.desk.arrivals import views

app_name = "agents_arrivals"
urlpatterns = [
    path("<id:arrival_id>/", views.page, name="arrival"),
    path("<id:arrival_id>/relier/", views.link, name="link"),
]
