from __future__ import annotations

from django.urls import path

from marelle.agents.desk.gauges import views

app_name = "agents_gauges"
urlpatterns = [path("<id:recounted_id>/", views.gauge, name="gauge")]
