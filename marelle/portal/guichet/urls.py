from __future__ import annotations

from django.urls import path

from marelle.portal.guichet import views

app_name = "guichet"
urlpatterns = [
    path("", views.ask, name="ask"),
    path("recue/", views.received, name="received"),
    path("mes-demandes/", views.mine, name="mine"),
    path("mes-demandes/commission/<id:care_sheet_id>/", views.answer, name="answer"),
    path("mes-demandes/<id:demand_id>/retirer/", views.withdraw, name="withdraw"),
]
