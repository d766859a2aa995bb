"""Family side: one include per menu entry, in the menu's order."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

# One line each: path("reservations/", include("marelle.portal.planning.urls")).
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("marelle.portal.access.urls")),
    path("historique/", include("marelle.portal.history.urls")),
    path("compte/", include("marelle.portal.account.urls")),
    path("", include("marelle.portal.home.urls")),
    path("", include("marelle.portal.legal.urls")),
    path("tableau-de-bord/", include("marelle.portal.dashboard.urls")),
    path("famille/", include("marelle.portal.family.urls")),
    path("famille/", include("marelle.portal.care.urls")),
    path("inscriptions/", include("marelle.portal.enrolments.urls")),
    path("actualites/", include("marelle.portal.news.urls")),
    path("factures/prelevement/", include("marelle.portal.debits.urls")),
    path("factures/", include("marelle.portal.invoices.urls")),
    path("payeur/", include("marelle.portal.payer.urls")),
    path("mon-planning/", include("marelle.portal.teen.urls")),
    path("matinees/", include("marelle.portal.childminder.urls")),
    path("contact/", include("marelle.portal.contact.urls")),
    path("guichet-unique/", include("marelle.portal.guichet.urls")),
    path("tarifs/simuler/", include("marelle.portal.simulation.urls")),
    path("voeux/", include("marelle.portal.wishes.urls")),
    path("tirages/", include("marelle.portal.draws.urls")),
    path("reservations/matinees/", include("marelle.portal.mornings.urls")),
    path("reservations/", include("marelle.portal.planning.urls")),
    path("documents/", include("marelle.portal.papers.urls")),
    path("reservations/regles/", include("marelle.portal.house_rules.urls")),
    path("reservations/a-venir/", include("marelle.portal.coming.urls")),
    path("reservations/attente/", include("marelle.portal.waiting.urls")),
    path("reservations/proposition/", include("marelle.portal.offers.urls")),
    path("reservations/pointage/", include("marelle.portal.mismatches.urls")),
    path("reservations/absence/", include("marelle.portal.absences.urls")),
    path("documentation/", include("marelle.portal.publications.urls")),
    path("calendrier/", include("marelle.portal.feed.urls")),
    path("ne-plus-recevoir/", include("marelle.portal.stopping.urls")),
    path("theme/", include("marelle.portal.theme.urls")),
    path("sante/", include("marelle.portal.machines.urls")),
]
