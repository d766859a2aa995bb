from __future__ import annotations

from django.urls import path

from marelle.agents.families import (
    guardians,
    income_imports,
    incomes,
    notes,
    opening,
    records,
    restrictions,
    subscriptions,
    teens,
    traits,
    views,
)

app_name = "agents_families"
urlpatterns = [
    path("", views.search, name="search"),
    path("revenus/", income_imports.send, name="income_send"),
    path("revenus/<id:sheet_id>/", income_imports.run, name="income_sheet"),
    path("revenus/<id:sheet_id>/oublier/", income_imports.drop, name="income_forget"),
    path("nouvelle/", opening.new, name="new"),
    path("restrictions/", restrictions.every, name="restrictions"),
    path("restrictions/<id:restriction_id>/", restrictions.one, name="restriction"),
    path("restrictions/<id:restriction_id>/jugement/", restrictions.proof, name="restriction_proof"),
    path("<id:family_id>/", views.family, name="family"),
    path("<id:family_id>/agir/", views.act_for, name="act_for"),
    path("<id:family_id>/notes/", notes.add, name="note_add"),
    path("<id:family_id>/notes/<id:note_id>/epingler/", notes.pin, name="note_pin"),
    path("<id:family_id>/notes/<id:note_id>/retirer/", notes.remove, name="note_remove"),
    path("<id:family_id>/adresse/", records.residence, name="residence"),
    path("<id:family_id>/aides/", traits.situations, name="situations"),
    path("<id:family_id>/aides/<id:trait_id>/", traits.end, name="situation_end"),
    path("<id:family_id>/abonnements/", subscriptions.subscriptions, name="subscriptions"),
    path("<id:family_id>/abonnements/<id:subscription_id>/", subscriptions.end, name="subscription_end"),
    path("<id:family_id>/revenus/", incomes.history, name="incomes"),
    path("<id:family_id>/revenus/noter/", incomes.note, name="income_note"),
    path("<id:family_id>/revenus/caf/<id:agreement_id>/", incomes.ask_caf, name="income_ask"),
    path("<id:family_id>/revenus/<id:income_id>/", incomes.correct, name="income"),
    path("<id:family_id>/depart/", records.departure, name="departure"),
    path("<id:family_id>/garde/<id:person_id>/", records.custody, name="custody"),
    path("<id:family_id>/responsables/<id:person_id>/", guardians.guardians, name="guardians"),
    path("<id:family_id>/restriction/<id:person_id>/", restrictions.write, name="restrict"),
    path("<id:family_id>/ecole/<id:person_id>/", records.schooling, name="schooling"),
    path("comptes/<id:teen_id>/", teens.teen, name="teen"),
    path("terminer/", views.stop_acting, name="stop_acting"),
]
