"""Answers to refusals of the accounts that several screens share."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.accounts.refusals import DeadLink, TooManyAttempts
from marelle.accounts.services.attempts import attempt_begin_link
from marelle.core.clock import local
from marelle.core.french import instant_long
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.origin import origin_of
from marelle.ui.views import too_many_requests


def too_many_attempts(
    request: MarelleRequest, refusal: TooManyAttempts, *, by_mail: bool = False
) -> HttpResponse:
    """The 429 page, with when one may try again, and, `by_mail`, the way that stays open."""
    again = local(refusal.retry_at + timedelta(seconds=59)).replace(second=0, microsecond=0)
    seconds = max(1, int((refusal.retry_at - request.now).total_seconds()) + 1)
    if again.date() == request.today:
        text = _("Trop d’essais : par sécurité, réessayez à partir de {hour} h {minute}.").format(
            hour=again.hour, minute=f"{again.minute:02}"
        )
    else:
        text = _("Trop d’essais : par sécurité, réessayez à partir du {instant}.").format(
            instant=instant_long(again)
        )
    by_mail_url = reverse("access:forgotten_password") if by_mail else ""
    return too_many_requests(request, retry_after=seconds, retry_text=text, by_mail_url=by_mail_url)


def dead_link(request: MarelleRequest, refusal: DeadLink, *, template: str, token: str) -> HttpResponse:
    """The page of a link that opens nothing any more: it says how to get another. Status 410, or 429 for who
    has tried too many."""
    try:
        attempt_begin_link(token=token, origin=origin_of(request), now=request.now)
    except TooManyAttempts as too_many:
        return too_many_attempts(request, too_many)
    return render(request, template, {"why": refusal.why}, status=410)
