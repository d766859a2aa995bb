from __future__ import annotations

from django.urls import path

from marelle.portal.publications import views

app_name = "publications"
urlpatterns = [
    path("", views.publications, name="publications"),
    path("<id:publication_id>/fichier/", views.file, name="file"),
    path("<id:publication_id>/accepter/", views.accept, name="accept"),
]
