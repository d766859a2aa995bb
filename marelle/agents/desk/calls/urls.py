from __future__ import annotations

from django.urls import path

from marelle.agents.desk.calls import views

app_name = "agents_calls"
urlpatterns = [path("<id:refused_id>/", views.call, name="call")]
