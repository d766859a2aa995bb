from __future__ import annotations

from django.urls import path

from marelle.agents.desk.ends import views

app_name = "agents_ends"
urlpatterns = [
    path("<id:end_id>/", views.end, name="end"),
    path("<id:end_id>/accepter/", views.accept, name="accept"),
    path("<id:end_id>/refuser/", views.refuse, name="refuse"),
]
