from __future__ import annotations

from django.urls import path

from marelle.portal.childminder import views

app_name = "childminder"
urlpatterns = [
    path("", views.mornings, name="mornings"),
    path("<id:opening_id>/", views.register, name="register"),
    path("annuler/<id:brought_id>/", views.cancel, name="cancel"),
    path("arreter/", views.leave, name="leave"),
]
