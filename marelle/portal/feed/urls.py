from __future__ import annotations

from django.urls import path

from marelle.portal.feed import views

urlpatterns = [path("<str:token>.ics", views.feed, name="feed")]
