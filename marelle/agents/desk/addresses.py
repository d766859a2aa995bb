"""Where a case is, in the filter of the list that it was opened from."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponseRedirect
from django.urls import reverse

from marelle.agents.cases import KINDS
from marelle.agents.desk import queue as words
from marelle.cases.models import Case
from marelle.core.prepared import prepared
from marelle.flows.actor.middleware import MarelleRequest


def case_again(request: MarelleRequest, kind: str, subject_id: int, **more: object) -> HttpResponseRedirect:
    """Back to the page of the case, in the same filter; `more` goes to its address."""
    address = reverse(KINDS[kind].route, args=[subject_id])
    return HttpResponseRedirect(address + words.query_text(words.wanted(request.GET), **more))


def latest_case(kind: str, subject_id: int) -> Case | None:
    return next(iter(_latest(kind, subject_id)), None)


@prepared
def _latest(kind: str, subject_id: int) -> QuerySet[Case]:
    return Case.objects.filter(kind=kind, subject_id=subject_id).order_by("-opened_at", "-pk")[:1]
