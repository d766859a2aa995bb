from __future__ import annotations

from django.urls import path

from marelle.agents.campaigns import result_views, views

app_name = "agents_campaigns"
urlpatterns = [
    path("", views.campaigns, name="campaigns"),
    path("choisir/", views.choose, name="choose"),
    path("nouvelle/", views.new, name="new"),
    path("<id:campaign_id>/", views.campaign, name="campaign"),
    path("<id:campaign_id>/foyers/", result_views.homes, name="homes"),
    path("<id:simulated_id>/foyers/<id:wish_id>/", result_views.home, name="home"),
    path("<id:simulated_id>/fichier/", result_views.file, name="file"),
    path("<id:campaign_id>/modifier/", views.change, name="change"),
    path("<id:campaign_id>/supprimer/", views.remove, name="remove"),
    path("<id:campaign_id>/criteres/", views.criteria, name="criteria"),
    path("<id:campaign_id>/criteres/<id:criterion_id>/retirer/", views.criterion_drop, name="criterion_drop"),
]
