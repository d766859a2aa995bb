from __future__ import annotations

from django.urls import path

from marelle.agents.messages.news import sending, views

app_name = "agents_news"
urlpatterns = [
    path("", views.news, name="news"),
    path("nouvelle/", views.write, name="write"),
    path("<id:news_id>/", views.edit, name="edit"),
    path("<id:news_id>/envoyer/", sending.send, name="send"),
    path("<id:news_id>/envoi/", sending.sent, name="sent"),
    path("<id:news_id>/retirer/", views.withdraw, name="withdraw"),
]
