"""Staff side: one include per menu entry, in the menu's order."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("marelle.agents.requests.urls")),
    path("inscriptions/", include("marelle.agents.enrolments.urls")),
    path("fins/", include("marelle.agents.ends.urls")),
    path("reglages/activites/", include("marelle.agents.activities.urls")),
    path("appels/", include("marelle.agents.calls.urls")),
    path("", include("marelle.agents.invitations.urls")),
    path("effacements/", include("marelle.agents.erasures.urls")),
    path("courriels/", include("marelle.agents.mails.urls")),
    path("messages/", include("marelle.agents.messages.urls")),
    path("actualites/", include("marelle.agents.news.urls")),
    path("familles/", include("marelle.agents.families.urls")),
    path("reservations/", include("marelle.agents.bookings.urls")),
    path("sante/", include("marelle.agents.care.urls")),
    path("reglages/autorisations/", include("marelle.agents.consents.urls")),
    path("modifications/", include("marelle.agents.changes.urls")),
    path("reglages/", include("marelle.agents.settings.urls")),
    path("reglages/collectivite/", include("marelle.agents.authorities.urls")),
    path("documents/", include("marelle.agents.papers.urls")),
    path("documentation/", include("marelle.agents.publications.urls")),
    path("reglages/documents/", include("marelle.agents.paper_types.urls")),
    path("factures/", include("marelle.agents.invoices.urls")),
    path("guichet/", include("marelle.agents.guichet.urls")),
    path("matinees/", include("marelle.agents.mornings.urls")),
    path("fermetures/", include("marelle.agents.closings.urls")),
]
