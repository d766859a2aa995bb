from __future__ import annotations

from django.urls import path

from marelle.agents.settings.register import views

app_name = "agents_register"
urlpatterns = [
    path("", views.documents, name="documents"),
    path("<slug:code>/", views.document, name="document"),
]
