"""What surrounds a case of any kind: the list on its left, what it is, who decided it, where to go next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from marelle.agents.cases import KINDS, REFUSED_KINDS, case_url
from marelle.agents.desk import queue as words
from marelle.agents.desk.addresses import case_again, latest_case
from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.facts import AwaitedLine, awaited_lines
from marelle.agents.desk.shared import SharedLines, shared_lines
from marelle.agents.desk.undoing import Undoable, undoable
from marelle.cases.models import Case, CaseState
from marelle.core.actor import Actor
from marelle.core.converters import id_read
from marelle.core.french import instant_long_year
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.desk.cases import next_case, queue
from marelle.flows.desk.reasons import ready_reasons
from marelle.papers.selectors import awaited_by
from marelle.places.scope import decides

DECIDED: Final[Mapping[str, Promise]] = {
    CaseState.ACCEPTED: gettext_lazy("%(who)s a déjà accepté cette demande le %(at)s."),
    CaseState.REFUSED: gettext_lazy("%(who)s a déjà refusé cette demande le %(at)s."),
    CaseState.WITHDRAWN: gettext_lazy("%(who)s a retiré cette demande le %(at)s."),
}
DONE: Final[Mapping[str, Promise]] = {
    "place": gettext_lazy("%(who)s a proposé la place, ou l’a laissée libre, le %(at)s."),
    "least": gettext_lazy("%(who)s a vu ce minimum le %(at)s."),
    "alone": gettext_lazy("%(who)s a laissé la réservation ainsi le %(at)s."),
    "gauge": gettext_lazy("%(who)s a confirmé le nombre d’enfants le %(at)s."),
    "call": gettext_lazy("%(who)s a joint la famille le %(at)s."),
    "attendance": gettext_lazy("%(who)s a réglé le dernier de ces pointages le %(at)s."),
    "message": gettext_lazy("%(who)s a répondu, ou clos l’échange, le %(at)s."),
    "mismatch": gettext_lazy("%(who)s a déjà traité cette réponse le %(at)s."),
    "no_show": gettext_lazy("%(who)s en a décidé le %(at)s."),
    "care": gettext_lazy("%(who)s a clos cette demande le %(at)s."),
}
"""For kinds that are not accepted: what having decided them is called."""

ASKING: Final = frozenset({"enrolment", "end", "booking", "absence", "change", "call"})
"""Kinds whose decision may want a paper of the family."""


DECIDED_CASE: Final = "fait"
"""In an address: the case that was decided just before, so that the page offers to undo it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What `agents/desk/case.html` shows around a case.

    `query` is what a link or the `action` of a form adds to its address, so that the filter of the list
    outlives a decision; `here` is the address of this case, so filtered. `decided` says who decided what,
    for an agent who comes second; "" while the case waits. `elsewhere` says which service decides it, "" for
    who may. `undo` is of this case, `done` of the one decided just before it. `rank` says which of those
    that wait it is, `before` and `after` are the addresses of its neighbours; "" where there is none.
    `awaited` are the papers asked for from here, `ask_url` where one is asked for ("" for who may not).
    `reasons` are those to refuse that the authority keeps ready, `shared` what colleagues left.
    """

    title: str
    kind: str
    received: str
    decided: str
    elsewhere: str
    query: str
    here: str
    back: str
    lead: str
    done: Undoable | None
    undo: Undoable | None
    lines: list[words.Line]
    rank: str
    before: str
    after: str
    reasons: list[str]
    shared: SharedLines | None
    awaited: list[AwaitedLine]
    ask_url: str


def desk_of(request: MarelleRequest, kind: str, subject_id: int, title: str) -> Desk:
    """Around the case of this kind about this subject; six queries."""
    wanted = words.wanted(request.GET)
    query = words.query_text(wanted)
    case = latest_case(kind, subject_id)
    found = queue(request.actor, wanted, around=case, but_homes=request.apart)
    awaited = awaited_by({one.pk for one in (*found.page, case) if one is not None})
    lines = words.lines(
        found.page, request.now, (kind, subject_id), query, apart=request.apart, awaited=awaited
    )
    rank, before, after = words.neighbours(lines, found.page)
    return Desk(
        title=title,
        kind=str(KINDS[kind].label),
        received=words.received_text(kind, case.opened_at, request.now) if case else "",
        decided=decided_text(case) if case else "",
        elsewhere=blocked_text(request.actor, case, own_file=False),
        query=query,
        here=reverse(KINDS[kind].route, args=[subject_id]) + query,
        back=reverse("requests:queue") + words.query_text(wanted, page=found.page.number),
        lead=words.lead(found, request.now),
        done=just_decided(request),
        undo=undoable(request, case),
        reasons=ready_reasons(case.authority_id, kind)
        if case and case.authority_id and kind in REFUSED_KINDS
        else [],
        shared=shared_lines(request, case),
        lines=lines,
        rank=rank,
        before=before,
        after=after,
        awaited=awaited_lines(awaited.get(case.pk, ())) if case else [],
        ask_url=_ask_url(request.actor, case, query) if case and kind in ASKING else "",
    )


def _ask_url(actor: Actor, case: Case, query: str) -> str:
    if case.state != CaseState.OPEN or case.family_id is None or not decides(actor, case):
        return ""
    return reverse("requests:ask", args=[case.pk]) + query


def case_page(
    request: MarelleRequest,
    template: str,
    *,
    kind: str,
    subject_id: int,
    title: str,
    context: Mapping[str, Any],
) -> HttpResponse:
    """The page of one case, from a template that extends `agents/desk/case.html`."""
    desk = desk_of(request, kind, subject_id, title)
    if context.get("blocked") or context.get("own_file"):
        desk = replace(desk, ask_url="")
    return render(request, template, {**context, "desk": desk})


def answered(request: MarelleRequest, kind: str, subject_id: int, text: str) -> HttpResponseRedirect:
    """Say what was decided, and go on with the next case of the agent's filter, or to the empty list."""
    messages.success(request, text)
    wanted = words.wanted(request.GET)
    case = latest_case(kind, subject_id)
    following = next_case(request.actor, wanted, after=case, but_homes=request.apart) if case else None
    address = case_url(following) if following else reverse("requests:queue")
    decided = case.pk if case and case.state != CaseState.OPEN else ""
    return HttpResponseRedirect(address + words.query_text(wanted, **{DECIDED_CASE: decided}))


def just_decided(request: MarelleRequest) -> Undoable | None:
    """The decision that led to this page, while it may be undone."""
    decided = id_read(request.GET.get(DECIDED_CASE, ""))
    return undoable(request, Case.objects.filter(pk=decided).first()) if decided else None


def decided_text(case: Case) -> str:
    """Who decided what and when; nothing while the case waits."""
    if case.state == CaseState.OPEN or case.decided_at is None:
        return ""
    sentence = DECIDED[case.state] if case.state == CaseState.WITHDRAWN else DONE.get(case.kind)
    told = {"who": case.decided_by, "at": instant_long_year(case.decided_at)}
    return str(sentence or DECIDED[case.state]) % told


__all__ = ["Desk", "answered", "case_again", "case_page", "decided_text", "desk_of", "just_decided"]
