from __future__ import annotations

from django.urls import path

from marelle.agents.families.invitations import views

app_name = "agents_invitations"
urlpatterns = [
    path("familles/<id:family_id>/inviter/<id:adult_id>/", views.invite, name="invite"),
    path("familles/<id:family_id>/laisser-entrer/<id:adult_id>/", views.let_in, name="let_in"),
    path("familles/<id:family_id>/inviter/<id:adult_id>/retirer/", views.uninvite, name="uninvite"),
    path("courriers/", views.letters_page, name="letters"),
    path("courriers/<id:letter_id>/", views.letter_page, name="letter"),
    path("courriers/<id:letter_id>/imprime/", views.printed, name="printed"),
]
