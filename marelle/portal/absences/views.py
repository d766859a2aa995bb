"""« Déclarer une absence »: one booked place, or the days of a span; taking it back; its proof."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marelle.bookings.absence_rules import AbsenceDenial, AbsenceNo, Fate
from marelle.bookings.absences import services
from marelle.bookings.absences.not_coming import (
    Done,
    not_coming_done,
    not_coming_lines,
    not_coming_tell,
    not_coming_told_at,
    not_coming_undo,
)
from marelle.bookings.absences.pages import AbsencePage, absence_page, proof_of_home, proof_read
from marelle.bookings.labels import denial_text, refusal_text
from marelle.bookings.refusals import ShownOtherwise
from marelle.core.converters import id_read
from marelle.core.refusals import Refusal
from marelle.families.selectors import Child, children
from marelle.files.serving import file_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.prices.absences import absence_change, absences_change
from marelle.planning.address import Address, read_day
from marelle.planning.outcomes import remember
from marelle.planning.price_words import change_sentence, why_lines
from marelle.planning.saving import page_of
from marelle.portal.absences import words
from marelle.portal.absences.forms import (
    AbsenceForm,
    ProofForm,
    SpanForm,
    fates_shown,
    read_stamp,
    stamp,
)

MOST_BOXES = 200


@require_http_methods(["GET", "HEAD", "POST"])
def absence(request: MarelleRequest, booking_id: int) -> HttpResponse:
    page = _found(request, booking_id)
    form = _posted(request, takes_proof=_takes_proof(page))
    if request.method == "POST" and form.is_valid():
        denial = _declare(request, form, booking_id)
        if denial is None:
            messages.success(request, _("Absence notée : la structure est prévenue."))
        else:
            messages.info(request, denial_text(denial))
        return redirect("absences:absence", booking_id)
    return _page(request, page, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def span(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    today = request.today
    kids = [kid for kid in children(request.actor, day=today) if kid.may_book]
    shown = SpanForm(request.GET or None, children=kids)
    if not shown.is_valid():
        if not request.GET and kids:
            start = {"enfant": kids[0].id, "du": today, "au": today + timedelta(days=6)}
            shown = SpanForm(initial=start, children=kids)
        context = {"shown": shown, "child": None, "boxes": None, "kids": kids, "done": []}
        return render(request, "portal/absences/span.html", context)
    child = next(kid for kid in kids if kid.id == shown.cleaned_data["enfant"])
    return _span_page(request, shown, child)


@require_POST
def withdraw(request: MarelleRequest, booking_id: int) -> HttpResponse:
    page = _found(request, booking_id)
    try:
        services.absence_withdraw(actor=request.actor, booking_id=booking_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        told = {"name": page.child.first_name}
        messages.success(request, _("C’est noté\u00a0: l’équipe attend de nouveau %(name)s.") % told)
    return redirect("absences:absence", booking_id)


@require_http_methods(["GET", "HEAD", "POST"])
def proof(request: MarelleRequest, booking_id: int) -> HttpResponseBase:
    """The file that was sent, or another one to send."""
    if request.method != "POST":
        found = proof_of_home(request.actor, booking_id, now=request.now)
        if found is None:
            raise Http404
        return file_response(proof_read(request.actor, found, now=request.now))
    page = _found(request, booking_id)
    form = ProofForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            services.absence_proof_send(
                actor=request.actor,
                booking_id=booking_id,
                proof=form.proof_sent(),
                now=request.now,
            )
        except Refusal as refusal:
            messages.warning(request, refusal_text(refusal))
        else:
            messages.success(request, _("Justificatif envoyé : la structure va le lire."))
        return redirect("absences:absence", booking_id)
    return _page(request, page, proof_form=form)


def _found(request: MarelleRequest, booking_id: int) -> AbsencePage:
    page = absence_page(request.actor, booking_id, now=request.now)
    if page is None or (request.method == "POST" and not page.child.may_book):
        raise Http404
    return page


def _posted(request: MarelleRequest, *, takes_proof: bool) -> AbsenceForm:
    if request.method != "POST":
        return AbsenceForm(takes_proof=takes_proof)
    return AbsenceForm(request.POST, request.FILES, takes_proof=takes_proof)


def _takes_proof(page: AbsencePage) -> bool:
    return page.why_not_justify is None


def _declare(request: MarelleRequest, form: AbsenceForm, booking_id: int) -> AbsenceDenial | None:
    (denial,) = services.absences_declare(
        actor=request.actor,
        booking_ids=[booking_id],
        reason=form.chosen_reason(),
        proof=form.proof_sent(),
        now=request.now,
    )
    return denial


def _page(
    request: MarelleRequest,
    page: AbsencePage,
    *,
    form: AbsenceForm | None = None,
    proof_form: ProofForm | None = None,
) -> HttpResponse:
    changes = absence_change(request.actor, page, now=request.now)
    context = {
        "child": page.child,
        "booking_id": page.place.id,
        "place": words.place_text(page.opening, page.place),
        "pairs": words.pairs(page) + words.prices(*changes),
        "whys": words.whys(*changes, shows_health=not request.actor.on_behalf_of),
        "declared": page.absence is not None,
        "proof": words.proof_line(page),
        "why_not": words.why_not(page),
        "planning_url": words.planning_url(page.child.id, page.opening.day),
        "day_url": words.span_url(page.child.id, page.opening.day, page.opening.day),
        "can_cancel": page.why_not_declare is not None and page.why_not_declare.why is AbsenceNo.CAN_CANCEL,
        "may_write": page.child.may_book,
        "may_withdraw": page.child.may_book and page.why_not_withdraw is None,
        "may_justify": page.child.may_book and page.absence is not None and page.why_not_justify is None,
        "structure_id": page.opening.activity.structure_id,
        "too_late_to_justify": words.too_late_to_justify(page),
        "form": form or AbsenceForm(takes_proof=_takes_proof(page)),
        "proof_form": proof_form or ProofForm(),
    }
    return render(request, "portal/absences/absence.html", context)


def _span_page(request: MarelleRequest, shown: SpanForm, child: Child) -> HttpResponse:
    first, last = shown.cleaned_data["du"], shown.cleaned_data["au"]
    ticked = _ticked(request)
    lines = not_coming_lines(
        request.actor, child.id, first=first, last=last, chosen=ticked or None, now=request.now
    )
    takes_proof = any(line.fate is Fate.DECLARE and line.terms.proof_until for line in lines)
    form = _posted(request, takes_proof=takes_proof)
    if request.method == "POST":
        if not ticked:
            form.add_error(None, _("Cochez au moins un jour."))
        elif form.is_valid() and _is_told(request, form, child, ticked):
            at = not_coming_told_at(request.actor, child.id, ticked, now=request.now)
            if at is None:
                messages.info(request, _("Ce n’est plus réservé\u00a0: il n’y avait rien à faire."))
            return redirect(words.span_url(child.id, first, last) + (f"&fait={stamp(at)}" if at else ""))
    done = _done(request, child)
    boxes = words.boxes(lines, child.id, ticked)
    may_declare = any(line.fate is not Fate.NOTHING for line in lines)
    chosen = [line for line in lines if ticked is None or line.place.id in ticked]
    change = absences_change(request.actor, chosen, now=request.now)
    context = {
        "kids": [child],
        "shown": shown,
        "child": child,
        "boxes": boxes if may_declare or form.errors or not done else [],
        "price": change_sentence(change),
        "why": why_lines(change, shows_health=not request.actor.on_behalf_of),
        "seen": " ".join(f"{box.booking_id}.{box.fate}" for box in boxes if box.fate),
        "done": words.done_lines(done),
        "may_undo": bool(done),
        "at": request.GET.get("fait", ""),
        "planning_url": words.planning_url(child.id, first),
        "form": form,
        "may_declare": may_declare,
    }
    return render(request, "portal/absences/span.html", context)


def _is_told(request: MarelleRequest, form: AbsenceForm, child: Child, ticked: frozenset[int]) -> bool:
    """Whether it is done, now or already: sent twice, both are answered alike. Else the page is to be read
    again."""
    try:
        not_coming_tell(
            actor=request.actor,
            child_id=child.id,
            booking_ids=ticked,
            shown=fates_shown(request.POST.get("vu", "").split()[:MOST_BOXES]),
            reason=form.chosen_reason(),
            proof=form.proof_sent(),
            now=request.now,
        )
    except ShownOtherwise as refusal:
        form.add_error(None, refusal_text(refusal))
        return False
    return True


def _done(request: MarelleRequest, child: Child) -> Done | None:
    """What the act that the address names did, as long as it stands."""
    at = read_stamp(request.GET.get("fait", ""))
    return not_coming_done(request.actor, child.id, at=at, now=request.now) if at else None


@require_POST
def undo(request: MarelleRequest) -> HttpResponse:
    """« Annuler »: all that one act did, in one go."""
    child_id, at = id_read(request.POST.get("enfant", "")), read_stamp(request.POST.get("fait", ""))
    home = {kid.id: kid for kid in children(request.actor, day=request.today) if kid.may_book}
    if child_id not in home or at is None:
        raise Http404
    child = home[child_id]
    back = not_coming_undo(actor=request.actor, child_id=child.id, at=at, now=request.now)
    lines = words.back_lines(back, child.first_name)
    if not lines:
        messages.info(request, _("Il n’y avait plus rien à annuler."))
    day = read_day(request.POST.get("du", "")) or request.today
    url = reverse("planning") + Address(child.id, day).query
    remember(request.session, page_of(request.actor, url), lines)
    return redirect(url)


def _ticked(request: MarelleRequest) -> frozenset[int] | None:
    """What was sent, or what an address asks for; None where nothing was chosen yet."""
    if request.method != "POST" and "b" not in request.GET:
        return None
    sent = request.POST if request.method == "POST" else request.GET
    return frozenset(filter(None, map(id_read, sent.getlist("b")[:MOST_BOXES])))
