from __future__ import annotations

from django.urls import path

from marelle.agents.families.merging import views

app_name = "agents_merging"
urlpatterns = [
    path("", views.choose, name="choose"),
    path("<id:left_id>/", views.people, name="people"),
    path("<id:left_id>/verifier/", views.check, name="check"),
]
