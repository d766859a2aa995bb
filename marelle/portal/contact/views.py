"""« Contactez la structure »: whom to call, « Écrire un message », and the exchanges that follow."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.accounts.rules import network_of
from marelle.core.refusals import No
from marelle.enrolments.selectors import live_enrolments
from marelle.families.nearby import commune_of
from marelle.families.selectors import children
from marelle.files.serving import file_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.origin import origin_of
from marelle.messaging import selectors, services
from marelle.messaging.labels import talk
from marelle.messaging.models import Thread
from marelle.places.selectors import communes_with_structures, structures_near, structures_to_reach
from marelle.portal.access.ended import ended, has_come_in
from marelle.portal.contact import words
from marelle.portal.contact.forms import ContactForm, ReplyForm
from marelle.portal.robots import not_proven_text, too_many_sendings_text
from marelle.robots.refusals import NotProven, TooManySendings
from marelle.robots.services import human_check
from marelle.shell.unsent import shows_unsent, unsent_of

PER_PAGE = 30
CARDS_PER_PAGE = 18
COMMUNE = "commune"


@require_safe
@login_not_required
def contact(request: MarelleRequest) -> HttpResponse:
    ours = _own_structures(request)
    communes = {str(pk): name for pk, name in communes_with_structures().items()}
    chosen = request.GET.get(COMMUNE, "")
    others = structures_near(
        commune_of(request.actor.family_id, request.today),
        but=ours,
        in_commune=int(chosen) if chosen in communes else None,
    )
    page = Paginator(others, CARDS_PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    cards = {card.id: card for card in structures_to_reach({*ours, *shown})}
    context = {
        "ours": [card for card in cards.values() if card.id in ours],
        "others": [cards[pk] for pk in shown],
        "page_obj": page,
        "communes": words.commune_filter(communes, chosen) if len(communes) > 1 else None,
        "at_home": request.actor.family_id is not None,
        "unread": selectors.unread_count(request.actor),
    }
    return render(request, "portal/contact/contact.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@shows_unsent
def write(request: MarelleRequest) -> HttpResponseBase:
    if _was_of_an_account(request):
        return ended(request, write)
    cards, ours = structures_to_reach(), _own_structures(request)
    form = ContactForm(
        request.POST or unsent_of(request),
        request.FILES or None,
        choices=words.recipients(cards, ours),
        outsider=request.actor.family_id is None,
        robot=request.actor.user_id is None,
        now=request.now,
        initial={
            "recipient": words.first_option(cards, request.GET.get("destinataire", ""), ours),
            "name": request.actor.label,
        },
    )
    thread = _sent(request, form) if request.method == "POST" and form.is_valid() else None
    if thread is None:
        return render(request, "portal/contact/write.html", {"form": form})
    messages.success(request, words.sent_text(thread, cards))
    if thread.family_id is None:
        return redirect("contact:contact")
    return redirect("contact:exchange", thread.pk)


@require_safe
def exchanges(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    page = Paginator(selectors.home_threads(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    lines = [words.exchange_line(thread, unread=thread.unread) for thread in page.object_list]
    return render(request, "portal/contact/exchanges.html", {"page_obj": page, "lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@shows_unsent
def exchange(request: MarelleRequest, thread_id: int) -> HttpResponse:
    found = selectors.home_thread(request.actor, thread_id)
    if found is None:
        raise Http404
    form = ReplyForm(request.POST or unsent_of(request), request.FILES or None)
    if request.method == "POST" and form.is_valid() and _replied(request, form, thread_id):
        messages.success(request, _("Votre message est envoyé."))
        return redirect("contact:exchange", thread_id)
    if found.unread:
        services.thread_read(actor=request.actor, thread_id=thread_id, now=request.now)
    context = {
        "subject": found.thread.subject,
        "closed": found.thread.closed_at is not None,
        "pairs": words.exchange_pairs(found.thread),
        "lines": talk(found, for_staff=False, file_url=words.file_url),
        "form": form,
    }
    return render(request, "portal/contact/exchange.html", context)


@require_safe
def attachment(request: MarelleRequest, thread_id: int, attachment_id: int) -> FileResponse:
    joined = selectors.attachment_of_home(request.actor, thread_id, attachment_id)
    if joined is None:
        raise Http404
    return file_response(joined.file)


def _own_structures(request: MarelleRequest) -> frozenset[int]:
    day = request.today
    child_ids = [child.id for child in children(request.actor, day=day)]
    return live_enrolments(request.actor, child_ids, day=day).structure_ids


def _was_of_an_account(request: MarelleRequest) -> bool:
    """Whether nobody sends what was written by who was in: that form asks for no proof, and a stranger's that
    comes back would leave in the name of nobody."""
    if request.method != "POST" or request.actor.user_id is not None or not has_come_in(request):
        return False
    return not any(name.startswith("robot") for name in request.POST)


def _sent(request: MarelleRequest, form: ContactForm) -> Thread | None:
    """The exchange that the form opens; None, with what was refused in the form."""
    origin = origin_of(request)
    try:
        if "robot" in form.fields:
            claim = form.cleaned_data["robot"]
            human_check(claim=claim, network=network_of(origin.address), now=request.now)
        return services.thread_open(
            actor=request.actor,
            recipient=form.recipient_chosen(),
            subject=form.cleaned_data["subject"],
            letter=form.letter(),
            outsider=form.outsider(),
            origin=origin,
            now=request.now,
        )
    except NotProven as refusal:
        form.add_error("robot", not_proven_text(refusal))
    except TooManySendings as refusal:
        form.add_error(None, too_many_sendings_text(refusal))
    except No as refusal:
        form.refuse(refusal)
    return None


def _replied(request: MarelleRequest, form: ReplyForm, thread_id: int) -> bool:
    try:
        services.thread_reply(
            actor=request.actor,
            thread_id=thread_id,
            letter=form.letter(),
            origin=origin_of(request),
            now=request.now,
        )
    except TooManySendings as refusal:
        form.add_error(None, too_many_sendings_text(refusal))
    except No as refusal:
        form.refuse(refusal)
    return not form.errors
