"""The outbox of the demo, for anybody: there is no mail server, so this is where its mails are read."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from marelle.mail.models import Message
from marelle.mail.selectors import recent

KEPT_IN_VIEW = 500
PER_PAGE = 25


@require_safe
@login_not_required
def mails(request: HttpRequest) -> HttpResponse:
    pages = Paginator(recent(limit=KEPT_IN_VIEW), PER_PAGE)
    return render(request, "demo/mails.html", {"page_obj": pages.get_page(request.GET.get("page"))})


@require_safe
@login_not_required
def mail(request: HttpRequest, message_id: int) -> HttpResponse:
    return render(request, "demo/mail.html", {"message": get_object_or_404(Message, pk=message_id)})
