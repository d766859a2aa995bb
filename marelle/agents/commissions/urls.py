from __future__ import annotations

from django.urls import path

from marelle.agents.commissions import sheet_views, views

app_name = "agents_commissions"
urlpatterns = [
    path("", views.commissions, name="commissions"),
    path("nouvelle/", views.new, name="new"),
    path("<id:commission_id>/", views.commission, name="commission"),
    path("<id:commission_id>/modifier/", views.change, name="change"),
    path("<id:commission_id>/places/", views.section, name="section"),
    path("<id:commission_id>/criteres/", views.criterion, name="criterion"),
    path("<id:commission_id>/demandes/", sheet_views.demands, name="demands"),
    path("<id:seated_id>/fiches/", sheet_views.sheets_file, name="sheets_file"),
    path("<id:seated_id>/membres/", views.members, name="members"),
    path("<id:seated_id>/proces-verbal/", sheet_views.minutes, name="minutes"),
    path("<id:seated_id>/fichier/", sheet_views.file, name="file"),
    path("fiches/<id:care_sheet_id>/", sheet_views.sheet, name="sheet"),
]
