"""« Mes inscriptions »: follow them by member; étape 2 leads from each to its planning."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from marelle.core.refusals import Refusal
from marelle.enrolments import selectors, services
from marelle.enrolments.labels import refusal_text
from marelle.enrolments.models import Enrolment
from marelle.enrolments.offers import Offer
from marelle.enrolments.rules import Reason
from marelle.families.file.reading import Line, person_sheet
from marelle.families.selectors import Child, children
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.enrolling.asking import guards_of, offers_page
from marelle.flows.enrolling.grids import activity_prices
from marelle.flows.simulating.selectors import is_simulable, simulable
from marelle.portal.enrolments import asking_words, words
from marelle.portal.enrolments.filters import filtered

ALREADY = (Reason.ALREADY_ASKED, Reason.ALREADY_ENROLLED)
EVERY, STRUCTURE = "toutes", "structure"
"""Of the address: the activities that are for others too, and those of one structure."""

ACKNOWLEDGED_AT_MOST = 60
"""Requests that one address may name: a home asks for fewer at once."""


@require_safe
def people(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    day = request.today
    counts = selectors.counts_by_person(request.actor, day=day)
    kids = children(request.actor, day=day)
    context = {
        "people": [words.person_card(child, counts.get(child.id, words.NONE), day) for child in kids],
        "may_ask": any(child.may_book for child in kids),
        "simulates": simulable(day).exists(),
    }
    return render(request, "portal/enrolments/people.html", context)


@require_safe
def person(request: MarelleRequest, person_id: int) -> HttpResponse:
    day = request.today
    kids = children(request.actor, day=day)
    child = child_or_404(kids, person_id)
    rows = selectors.enrolments_of(request.actor, [person_id], day=day)
    shown = filtered(rows, request.GET, day)
    ends = selectors.ends_asked([row.pk for row in shown.rows])
    cards = [
        words.enrolment_card(row, may_book=child.may_book, now=request.now, last_day=ends.get(row.pk))
        for row in shown.rows
    ]
    context = {
        "kids": words.kids(kids, person_id),
        "child": child,
        "filters": shown.filters,
        "cards": cards,
        "filtered": bool(rows) and not cards,
        "books": any(card.books for card in cards),
        **(_offers(request, child, rows) if child.may_book else {}),
    }
    return render(request, "portal/enrolments/person.html", context)


def _offers(request: MarelleRequest, child: Child, rows: tuple[Enrolment, ...]) -> dict[str, object]:
    """« Étape 1 » on a child's page: what is for the child, or every activity when it is asked for."""
    every = request.GET.get(EVERY) == "1"
    structure = request.GET.get(STRUCTURE, "")
    found = offers_page(
        request.actor,
        child,
        rows,
        every=every,
        structure_id=int(structure) if _is_id(structure) else None,
        page=request.GET.get("page"),
        now=request.now,
    )
    lines = lines_wanted(request, child.id, found.offers)
    cards = [
        asking_words.offer_card(
            offer, passes=offer.passes(request.actor, request.now), child_id=child.id, lines=lines
        )
        for offer in found.offers
    ]
    return {
        "page_obj": found.page,
        "possible": [card for card in cards if not card.why],
        "hindered": [card for card in cards if card.why and not card.is_for_others],
        "impossible": [card for card in cards if card.is_for_others],
        "structures": asking_words.structure_filter(found, structure, every=every),
        "every": every,
        "left_out": found.left_out,
    }


@require_safe
def detail(request: MarelleRequest, person_id: int, enrolment_id: int) -> HttpResponse:
    day = request.today
    child = child_or_404(children(request.actor, day=day), person_id)
    row = selectors.enrolment_page(request.actor, person_id, enrolment_id, day=day)
    if row is None:
        raise Http404
    ends = list(row.end_requests.all())
    guards = guards_of(row.family_id, person_id, [row.activity], day=day)
    context = {
        "child": child,
        "activity": row.activity,
        "simulates": is_simulable(row.activity, day),
        "prices": activity_prices(request.actor, row.activity, person_id, day=max(day, row.starts_on)),
        "card": words.enrolment_card(row, may_book=child.may_book, now=request.now),
        "pairs": words.enrolment_pairs(row),
        "papers": asking_words.paper_lines(guards.missing.get(row.activity_id, ())),
        "goes_on": row.state in Enrolment.LIVE and row.ends_on >= day,
        "refused": row.state == Enrolment.State.REFUSED,
        "ends": words.end_cards(ends, may_book=child.may_book),
        "may_ask_end": words.may_ask_end(row, ends, may_book=child.may_book, day=day),
    }
    return render(request, "portal/enrolments/detail.html", context)


@require_safe
def received(request: MarelleRequest) -> HttpResponse:
    """The acknowledgement of the requests that the address names: those of others are not there."""
    asked = [int(text) for text in request.GET.getlist("d")[:ACKNOWLEDGED_AT_MOST] if _is_id(text)]
    rows = selectors.acknowledged(request.actor, asked, day=request.today)
    if not rows:
        raise Http404
    people = {row.person_id: row.person.first_name for row in rows}
    context = {
        "receipts": [words.receipt(row) for row in rows],
        "people": [{"id": pk, "name": name} for pk, name in people.items()],
    }
    return render(request, "portal/enrolments/received.html", context)


@require_POST
def withdraw(request: MarelleRequest, person_id: int, enrolment_id: int) -> HttpResponse:
    try:
        services.enrolment_withdraw(actor=request.actor, enrolment_id=enrolment_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Votre demande est retirée."))
    return redirect("enrolments:person", person_id)


def lines_wanted(request: MarelleRequest, child_id: int, offers: Sequence[Offer]) -> dict[str, Line]:
    """What the child's file says of itself, by code: read only where an activity wants something of it."""
    if not asking_words.wants_of_file(offers):
        return {}
    sheet = person_sheet(request.actor, child_id, day=request.today)
    return {} if sheet is None else {line.field.code: line for line in sheet.lines if sheet.may_write}


def child_or_404(kids: tuple[Child, ...], person_id: int) -> Child:
    child = next((kid for kid in kids if kid.id == person_id), None)
    if child is None:
        raise Http404
    return child


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
