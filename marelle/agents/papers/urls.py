from __future__ import annotations

from django.urls import path

from marelle.agents.papers import views

app_name = "agents_papers"
urlpatterns = [
    path("", views.waiting, name="waiting"),
    path("<id:paper_id>/", views.paper, name="paper"),
    path("<id:paper_id>/accepter/", views.accept, name="accept"),
    path("<id:paper_id>/refuser/", views.refuse, name="refuse"),
    path("<id:paper_id>/pages/<id:page_id>/", views.page, name="page"),
]
