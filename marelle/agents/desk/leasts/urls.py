from __future__ import annotations

from django.urls import path

from marelle.agents.desk.leasts import views

app_name = "agents_leasts"
urlpatterns = [path("<id:judged_id>/", views.least, name="least")]
