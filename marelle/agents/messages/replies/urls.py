from __future__ import annotations

from django.urls import path

from marelle.agents.messages.replies import views

app_name = "agents_replies"
urlpatterns = [
    path("", views.replies, name="replies"),
    path("nouveau/", views.add, name="add"),
    path("<id:reply_id>/", views.change, name="change"),
    path("<id:reply_id>/supprimer/", views.remove, name="remove"),
]
