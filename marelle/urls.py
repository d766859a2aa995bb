"""The root of all addresses. Each screen package has its own urls; portal and agents gather theirs."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

admin.site.site_header = admin.site.site_title = _("Administration de l’espace famille")
admin.site.index_title = _("Données et comptes")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("marelle.portal.urls")),
    path("agents/", include("marelle.agents.urls")),
    path("porte/", include("marelle.agents.attendance.porte_urls")),
    # The administration's own login page would count no attempts: there is one way in.
    path(
        "administration/login/",
        login_not_required(RedirectView.as_view(pattern_name="access:connection", query_string=True)),
    ),
    path("administration/", admin.site.urls),
]

if settings.MARELLE_DEMO:
    urlpatterns.append(path("demo/", include("marelle.demo.urls")))

handler400 = "marelle.ui.views.bad_request"
handler403 = "marelle.ui.views.permission_denied"
handler404 = "marelle.ui.views.page_not_found"
handler500 = "marelle.ui.views.server_error"
