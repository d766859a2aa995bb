"""Every mail that the portal sends, with invented data, and where the outbox stands."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.agents.guards import staff_only
from marelle.agents.mails import words
from marelle.core.actor import Role
from marelle.flows.middleware import MarelleRequest
from marelle.mail.samples import Sample, samples
from marelle.mail.selectors import counts_by_state

READS_MAILS = (Role.ADMINISTRATOR, Role.OFFICE)


@require_safe
@staff_only(*READS_MAILS)
def mails(request: MarelleRequest) -> HttpResponse:
    """The outbox is that of the whole portal: who runs it alone reads how it does."""
    outbox = words.outbox_pairs(counts_by_state()) if request.actor.is_administrator else []
    context = {"groups": words.groups(samples().values()), "outbox": outbox}
    return render(request, "agents/mails/mails.html", context)


@require_safe
@staff_only(*READS_MAILS)
def mail(request: MarelleRequest, app: str, name: str) -> HttpResponse:
    sample = _sample(app, name)
    context = {"sample": sample, "app": app, "name": name, "mail": sample.rendered()}
    return render(request, "agents/mails/mail.html", context)


@require_safe
@staff_only(*READS_MAILS)
def preview(request: MarelleRequest, app: str, name: str) -> HttpResponse:  # noqa: ARG001
    """The mail as a mail program shows it."""
    return HttpResponse(_sample(app, name).rendered().html)


def _sample(app: str, name: str) -> Sample:
    found = samples().get(f"{app}/{name}")
    if found is None:
        raise Http404
    return found
