"""Family side: one include per menu entry, in the menu's order."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

# One line each: path("reservations/", include("marelle.portal.planning.urls")).
urlpatterns: list[URLPattern | URLResolver] = []
