"""A page that takes files, and one that answers with one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from marelle.files.models import StoredFile
from marelle.files.serving import file_response


@login_not_required
def taken(request: HttpRequest) -> HttpResponse:
    return HttpResponse(" ".join(str(upload.size) for upload in request.FILES.getlist("files")))


@login_not_required
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    return file_response(StoredFile.objects.get(pk=pk), download="download" in request.GET)


handler400 = "marelle.ui.views.bad_request"
handler404 = "marelle.ui.views.page_not_found"
urlpatterns = [path("taken/", taken), path("shown/<int:pk>/", shown)]
