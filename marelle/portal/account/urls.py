from __future__ import annotations

from django.urls import path

from marelle.portal.account import choices, devices, identities, rights, second, views

app_name = "account"

urlpatterns = [
    path("", views.account, name="account"),
    path("identifiant/", views.identifier, name="identifier"),
    path("mot-de-passe/", views.password, name="password"),
    path("adresse-mail/", views.email, name="email"),
    path("adresse-mail/<str:token>/", views.confirm_email, name="confirm_email"),
    path("courriels/", choices.notices, name="notices"),
    path("calendrier/", choices.calendar, name="calendar"),
    path("donnees/", rights.data, name="data"),
    path("donnees/telecharger/", rights.download, name="download"),
    path("effacement/", rights.erasure, name="erasure"),
    path("effacement/retirer/", rights.withdraw, name="withdraw"),
    path("confirmer/", second.again, name="again"),
    path("double-authentification/", second.second, name="second"),
    path("double-authentification/application/", second.authenticator, name="authenticator"),
    path(
        "double-authentification/application/image.svg",
        second.authenticator_picture,
        name="authenticator_picture",
    ),
    path(
        "double-authentification/application/retirer/",
        second.authenticator_remove,
        name="authenticator_remove",
    ),
    path("double-authentification/cles/ajouter/", second.passkey_new, name="passkey_new"),
    path("double-authentification/cles/<id:passkey_id>/", second.passkey, name="passkey"),
    path(
        "double-authentification/cles/<id:passkey_id>/retirer/", second.passkey_remove, name="passkey_remove"
    ),
    path("double-authentification/codes/", second.codes, name="codes"),
    path("identites/", identities.identities, name="identities"),
    path("identites/relier/", identities.link, name="identity_link"),
    path("identites/<id:identity_id>/retirer/", identities.unlink, name="identity_unlink"),
    path("appareils/", devices.devices, name="devices"),
    path("appareils/confiance/<id:browser_id>/retirer/", devices.forget, name="forget"),
    path("appareils/fermer/", devices.close_others, name="close_others"),
    path("appareils/partout/", devices.close_all, name="close_all"),
    path("appareils/<id:device_id>/fermer/", devices.close, name="close"),
]
