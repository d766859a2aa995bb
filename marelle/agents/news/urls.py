from __future__ import annotations

from django.urls import path

from marelle.agents.news import views

app_name = "agents_news"
urlpatterns = [
    path("", views.news, name="news"),
    path("nouvelle/", views.write, name="write"),
    path("<id:news_id>/", views.edit, name="edit"),
    path("<id:news_id>/retirer/", views.withdraw, name="withdraw"),
]
