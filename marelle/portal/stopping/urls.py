from __future__ import annotations

from django.urls import path

from marelle.portal.stopping import views

urlpatterns = [path("<str:token>/", views.stop, name="stop_mails")]
