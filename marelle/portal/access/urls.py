from __future__ import annotations

from django.urls import path

from marelle.portal.access import first_visit, provider_views, views

app_name = "access"

urlpatterns = [
    path("connexion/", views.connection, name="connection"),
    path("connexion/cle/", views.passkey, name="passkey"),
    path("connexion/code/", views.second, name="second"),
    path("connexion/avec/<slug:provider>/", provider_views.leave, name="leave"),
    path("connexion/avec/<slug:provider>/retour/", provider_views.back, name="back"),
    path("connexion/avec/<slug:provider>/sortie/", provider_views.out, name="out"),
    path("connexion/premiere-visite/", first_visit.first_visit, name="first_visit"),
    path("deconnexion/", views.disconnection, name="disconnection"),
    path("mot-de-passe/", views.forgotten_password, name="forgotten_password"),
    path("mot-de-passe/envoye/", views.forgotten_password_sent, name="forgotten_password_sent"),
    path("mot-de-passe/<str:token>/", views.new_password, name="new_password"),
    path("activation/<str:token>/", views.activation, name="activation"),
]
