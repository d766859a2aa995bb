"""Who waits, in which order and why; places offered and given."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.activities.models import Opening
from marelle.agents.activities.forms.edit import show_anew
from marelle.agents.guards import staff_only
from marelle.agents.places import waiting_words as words
from marelle.agents.places.forms import MoveForm, OfferForm
from marelle.agents.ways import home_ways
from marelle.bookings.labels import refusal_text
from marelle.bookings.offers.pages import queues
from marelle.bookings.offers.services import offer_until, offerable, place_offer
from marelle.bookings.waiting.moves import waiting_place, waiting_prioritise, waiting_remove
from marelle.bookings.waiting.pages import queue_of
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS

REASON_MISSING = {"order_reason_missing", "reason_missing", "derogation_missing"}


@require_safe
@staff_only(*DECIDERS)
def waiting(request: MarelleRequest) -> HttpResponse:
    lines = words.queue_lines(queues(request.actor, now=request.now))
    return render(request, "agents/places/waiting.html", {"lines": lines, "form": OfferForm()})


@require_safe
@staff_only(*DECIDERS)
def queue(request: MarelleRequest, waited_id: int) -> HttpResponse:
    return _queue(request, waited_id)


@require_POST
@staff_only(*DECIDERS)
def move(request: MarelleRequest, waited_id: int, waiting_id: int) -> HttpResponse:
    form = MoveForm(request.POST, auto_id=f"id_{waiting_id}_%s")
    if not form.is_valid():
        return _queue(request, waited_id, waiting_id, form)
    try:
        told = _moved(request, waiting_id, form)
    except Refusal as refusal:
        form.asks_past = bool(refusal.data.get("full"))
        if refusal.code == "full":
            form.add_error("past", refusal_text(refusal))
            return _queue(request, waited_id, waiting_id, form)
        if refusal.code in REASON_MISSING:
            form.add_error("reason", refusal_text(refusal))
            return _queue(request, waited_id, waiting_id, form)
        if refusal.code == "reordered":
            form.add_error("priority", refusal_text(refusal))
            show_anew(form, "seen", str(refusal.data["priority"]))
            return _queue(request, waited_id, waiting_id, form)
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, told)
    return redirect("agents_places:queue", waited_id)


def _moved(request: MarelleRequest, booking_id: int, form: MoveForm) -> str:
    typed, actor, now = form.cleaned_data, request.actor, request.now
    reason, priority = typed["reason"], typed["priority"]
    if typed["act"] == "order":
        waiter = waiting_prioritise(
            actor=actor,
            booking_id=booking_id,
            priority=priority,
            seen=typed["seen"],
            reason=reason,
            now=now,
        )
        told = _("L’ordre est changé pour %(name)s.")
    elif typed["act"] == "remove":
        waiter = waiting_remove(actor=actor, booking_id=booking_id, reason=reason, now=now)
        told = _("%(name)s n’est plus sur la liste d’attente. La famille est prévenue.")
    else:
        waiter = waiting_place(
            actor=actor, booking_id=booking_id, derogation=reason, past_capacity=typed["past"], now=now
        )
        told = _("Place donnée à %(name)s. La famille est prévenue.")
    return told % {"name": waiter.child_name}


def _queue(
    request: MarelleRequest, opening_id: int, booking_id: int | None = None, form: MoveForm | None = None
) -> HttpResponse:
    """`form` is the one sent for `booking_id`, with its errors: what was typed stays there."""
    found = queue_of(request.actor, opening_id)
    if found is None or (form is not None and all(row.booking_id != booking_id for row in found.rows)):
        raise Http404
    blank = _Blank()
    rows = [
        (row, _fields(form) if row.booking_id == booking_id and form else blank.fields(row))
        for row in words.waiting_rows(found, home_ways(request, {row.family_id for row in found.rows}))
    ]
    context = {
        "title": words.queue_title(found),
        "lead": words.queue_lead(found),
        "rows": rows,
        "waited_id": opening_id,
        "may_move": found.may_move,
        "opened": booking_id,
        "form": form,
    }
    return render(request, "agents/places/queue.html", context)


class _Blank:
    """What can be done of those of whom nothing was typed: written once for each order, since between two of
    the same order only the ids differ. A form for each was two thirds of the time of a long list."""

    ROW: Final = "any-row"

    def __init__(self) -> None:
        self._written: dict[int, str] = {}

    def fields(self, row: words.Waiting) -> SafeString:
        if row.priority not in self._written:
            form = MoveForm(
                initial={"priority": row.priority, "seen": row.priority}, auto_id=f"id_{self.ROW}_%s"
            )
            self._written[row.priority] = _fields(form)
        written = self._written[row.priority].replace(f"id_{self.ROW}_", f"id_{row.booking_id}_")
        return mark_safe(written)  # noqa: S308 - a template escaped it; an id of ours is a number


def _fields(form: MoveForm) -> SafeString:
    return render_to_string("agents/places/move_fields.html", {"form": form})


@require_POST
@staff_only(*DECIDERS)
def offer(request: MarelleRequest, waited_id: int) -> HttpResponse:
    opening: Opening | None = offerable(request.actor).filter(pk=waited_id).first()
    if opening is None:
        raise Http404
    form = OfferForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Choisissez dans la liste combien de temps la famille a pour répondre."))
        return redirect("agents_places:waiting")
    until = offer_until(form.cleaned_data["hours"], starts_at=opening.starts_at, now=request.now)
    try:
        waiter = place_offer(actor=request.actor, opening_id=waited_id, until=until, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, words.offered_text(waiter.child_name, until))
    return redirect("agents_places:waiting")
