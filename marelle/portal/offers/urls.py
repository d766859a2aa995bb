from __future__ import annotations

from django.urls import path

from marelle.portal.offers import views

urlpatterns = [path("<id:booking_id>/", views.offer, name="offer")]
