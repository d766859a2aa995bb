from __future__ import annotations

from django.urls import path

from marelle.portal.contact import views

app_name = "contact"
urlpatterns = [
    path("", views.contact, name="contact"),
    path("ecrire/", views.write, name="write"),
    path("echanges/", views.exchanges, name="exchanges"),
    path("echanges/<id:thread_id>/", views.exchange, name="exchange"),
    path("echanges/<id:thread_id>/fichiers/<id:attachment_id>/", views.attachment, name="attachment"),
]
