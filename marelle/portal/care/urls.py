from __future__ import annotations

from django.urls import path

from marelle.portal.care import consents, health, pickups

app_name = "care"
urlpatterns = [
    path("<id:person_id>/sante/", health.health, name="health"),
    path("<id:person_id>/sante/vaccins/", health.vaccine_add, name="vaccine_add"),
    path(
        "<id:person_id>/sante/vaccins/<id:vaccination_id>/retirer/",
        health.vaccine_remove,
        name="vaccine_remove",
    ),
    path("<id:person_id>/sante/pai/", health.pai_file, name="pai_file"),
    path("<id:person_id>/sante/pai/envoyer/", health.pai_file_send, name="pai_file_send"),
    path("<id:person_id>/sante/pai/retirer/", health.pai_file_take_away, name="pai_file_take_away"),
    path("<id:person_id>/venir-chercher/", pickups.contacts, name="contacts"),
    path("<id:person_id>/venir-chercher/ajouter/", pickups.contact_add, name="contact_add"),
    path("<id:person_id>/venir-chercher/<id:contact_id>/", pickups.contact, name="contact"),
    path(
        "<id:person_id>/venir-chercher/<id:contact_id>/deplacer/", pickups.contact_move, name="contact_move"
    ),
    path(
        "<id:person_id>/venir-chercher/<id:contact_id>/retirer/",
        pickups.contact_remove,
        name="contact_remove",
    ),
    path("<id:person_id>/autorisations/", consents.consents, name="consents"),
    path("<id:person_id>/permission/", pickups.permissions, name="permissions"),
    path(
        "<id:person_id>/permission/<id:permission_id>/reprendre/",
        pickups.permission_take_back,
        name="permission_take_back",
    ),
]
