from __future__ import annotations

from django.urls import path

from marelle.portal.papers import views

app_name = "papers"
urlpatterns = [
    path("", views.people, name="people"),
    path("foyer/", views.folder, name="home"),
    path("foyer/<id:type_id>/", views.paper, name="home_paper"),
    path("<id:person_id>/", views.folder, name="folder"),
    path("<id:person_id>/<id:type_id>/", views.paper, name="paper"),
    path("envois/<id:paper_id>/retirer/", views.withdraw, name="withdraw"),
    path("pages/<id:page_id>/", views.page, name="page"),
    path("pages/<id:page_id>/retirer/", views.remove_page, name="remove_page"),
]
