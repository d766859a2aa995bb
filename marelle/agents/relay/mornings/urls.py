from __future__ import annotations

from django.urls import path

from marelle.agents.relay.mornings import access_views, childminder_views, views

ACCESS = "assistantes-maternelles/<id:childminder_id>/acces/<id:minder_access_id>/"

app_name = "agents_mornings"
urlpatterns = [
    path("", views.mornings, name="mornings"),
    path("<id:opening_id>/", views.morning, name="morning"),
    path("annuler/<id:visit_id>/", views.cancel, name="cancel"),
    path("assistantes-maternelles/", childminder_views.childminders, name="childminders"),
    path("assistantes-maternelles/<id:childminder_id>/", childminder_views.change, name="change"),
    path("assistantes-maternelles/<id:childminder_id>/arreter/", childminder_views.stop, name="stop"),
    path("assistantes-maternelles/<id:childminder_id>/effacer/", access_views.forget, name="forget"),
    path("assistantes-maternelles/<id:childminder_id>/acces/", access_views.accesses, name="accesses"),
    path(f"{ACCESS}inviter/", access_views.invite_again, name="invite_again"),
    path(f"{ACCESS}arreter/", access_views.end, name="access_end"),
    path(f"{ACCESS}effacer/", access_views.erase, name="access_erase"),
]
