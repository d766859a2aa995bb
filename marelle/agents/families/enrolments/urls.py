from __future__ import annotations

from django.urls import path

from marelle.agents.families.enrolments import card_views, group_views, planning_views, views

app_name = "agents_enrolments"
urlpatterns = [
    path("nouvelle/", views.new, name="new"),
    path("<id:accepted_id>/groupe/", group_views.group, name="group"),
    path("<id:accepted_id>/cartes/", card_views.cards, name="cards"),
    path("<id:accepted_id>/cartes/<id:card_id>/terminer/", card_views.card_ended, name="card_ended"),
    path("<id:accepted_id>/reservations/", planning_views.planning, name="planning"),
    path("<id:accepted_id>/reservations/prix/", planning_views.prices, name="prices"),
]
