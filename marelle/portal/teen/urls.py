from __future__ import annotations

from django.urls import path

from marelle.portal.teen import views

app_name = "teen"
urlpatterns = [path("", views.planning, name="planning")]
