from __future__ import annotations

from django.urls import path

from marelle.portal.news import views

app_name = "news"
urlpatterns = [path("", views.news, name="news")]
