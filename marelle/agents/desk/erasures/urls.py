from __future__ import annotations

from django.urls import path

from marelle.agents.desk.erasures import views

app_name = "agents_erasures"
urlpatterns = [
    path("<id:erased_id>/", views.page, name="erasure"),
    path("<id:erased_id>/effacer/", views.carry_out, name="carry_out"),
]
