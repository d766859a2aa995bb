"""Staff side: one include per menu entry, in the menu's order."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("marelle.agents.requests.urls")),
    path("inscriptions/", include("marelle.agents.enrolments.urls")),
    path("", include("marelle.agents.invitations.urls")),
    path("familles/", include("marelle.agents.families.urls")),
]
