from __future__ import annotations

from django.urls import path

from marelle.agents.relay.mornings import views

app_name = "agents_mornings"
urlpatterns = [
    path("", views.mornings, name="mornings"),
    path("<id:opening_id>/", views.morning, name="morning"),
    path("annuler/<id:visit_id>/", views.cancel, name="cancel"),
    path("assistantes-maternelles/", views.childminders, name="childminders"),
    path("assistantes-maternelles/<id:childminder_id>/arreter/", views.stop, name="stop"),
]
