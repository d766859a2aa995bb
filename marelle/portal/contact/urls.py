from __future__ import annotations

from django.urls import path

from marelle.portal.contact import views

app_name = "contact"
urlpatterns = [path("", views.contact, name="contact")]
