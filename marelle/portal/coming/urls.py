from __future__ import annotations

from django.urls import path

from marelle.portal.coming import views

urlpatterns = [path("", views.coming, name="coming")]
