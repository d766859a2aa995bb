from __future__ import annotations

from django.urls import path

from marelle.agents.settings.authorities import views

app_name = "agents_authorities"
urlpatterns = [
    path("", views.authorities, name="authorities"),
    path("<id:authority_id>/", views.authority, name="authority"),
]
