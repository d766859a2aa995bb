"""The root of all addresses. Each screen package has its own urls; portal and agents gather theirs."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("marelle.portal.urls")),
    path("agents/", include("marelle.agents.urls")),
    path("administration/", admin.site.urls),
]

if settings.MARELLE_DEMO:
    urlpatterns.append(path("demo/", include("marelle.demo.urls")))

handler400 = "marelle.ui.views.bad_request"
handler403 = "marelle.ui.views.permission_denied"
handler404 = "marelle.ui.views.page_not_found"
handler500 = "marelle.ui.views.server_error"
