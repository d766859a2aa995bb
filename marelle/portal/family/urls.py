from __future__ import annotations

from django.urls import path

from marelle.portal.family import caf, confirmation, newcomers, teens, views

app_name = "family"
urlpatterns = [
    path("", views.people, name="people"),
    path("foyer/", views.home, name="home"),
    path("quotient/", caf.quotient, name="quotient"),
    path("quotient/<id:agreement_id>/redemander/", caf.ask_again, name="quotient_again"),
    path("quotient/<id:agreement_id>/retirer/", caf.end, name="quotient_end"),
    path("ajouter/", newcomers.add, name="add"),
    path("confirmer/", confirmation.confirm, name="confirm"),
    path("modifications/<id:change_id>/reprendre/", views.withdraw, name="withdraw"),
    path("modifications/<id:change_id>/justificatif/", views.proof, name="proof"),
    path("<id:person_id>/", views.person, name="person"),
    path("<id:person_id>/compte/", teens.teen, name="teen"),
    path("<id:person_id>/compte/<id:teen_id>/permissions/", teens.allow, name="teen_allow"),
    path("<id:person_id>/compte/<id:teen_id>/inviter/", teens.invite_again, name="teen_again"),
    path("<id:person_id>/compte/<id:teen_id>/fermer/", teens.end, name="teen_end"),
    path("<id:person_id>/retirer/", newcomers.remove, name="remove"),
]
