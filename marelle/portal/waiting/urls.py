from __future__ import annotations

from django.urls import path

from marelle.portal.waiting import views

urlpatterns = [path("", views.waits, name="waits")]
