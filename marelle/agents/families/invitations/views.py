"""Inviting an adult to its first connection, and the letters of those who have no mail address."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.accounts.models import Channel
from marelle.agents.families.invitations import words
from marelle.agents.families.invitations.forms import InviteForm
from marelle.agents.guards import staff_only
from marelle.agents.settings.team.forms import ReasonForm
from marelle.core.clock import local
from marelle.core.french import day_plain, of_name
from marelle.core.refusals import NotYours, Refusal
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.messages.letters import letter, letter_print, letters
from marelle.flows.office.dossiers import adult_invite, adult_let_in, adult_uninvite, dossier
from marelle.shell.again import recognised_first


@require_POST
@staff_only(*MAY_ACT)
def invite(request: MarelleRequest, family_id: int, adult_id: int) -> HttpResponse:
    try:
        sent = adult_invite(
            actor=request.actor,
            family_id=family_id,
            person_id=adult_id,
            seen=InviteForm(request.POST).last_seen(),
            now=request.now,
        )
    except Refusal as refusal:
        messages.warning(request, words.refusal_text(refusal))
        return redirect("agents_families:family", family_id)
    messages.success(request, words.sent_text(sent))
    if sent.channel == Channel.LETTER:
        return redirect("agents_invitations:letter", sent.message_id)
    return redirect("agents_families:family", family_id)


@require_POST
@staff_only(*MAY_ACT)
def uninvite(request: MarelleRequest, family_id: int, adult_id: int) -> HttpResponse:
    try:
        person = adult_uninvite(
            actor=request.actor,
            family_id=family_id,
            person_id=adult_id,
            seen=InviteForm(request.POST).last_seen(),
            now=request.now,
        )
    except Refusal as refusal:
        messages.warning(request, words.refusal_text(refusal))
    else:
        told = {"of_name": of_name(str(person))}
        messages.success(
            request, _("L’invitation %(of_name)s est retirée : son lien n’ouvre plus rien.") % told
        )
    return redirect("agents_families:family", family_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
@recognised_first
def let_in(request: MarelleRequest, family_id: int, adult_id: int) -> HttpResponse:
    found = dossier(request.actor, family_id, now=request.now)
    line = next((one for one in found.adults if one.id == adult_id), None) if found else None
    if found is None or line is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            adult_let_in(
                actor=request.actor,
                family_id=family_id,
                person_id=adult_id,
                reason=form.cleaned_data["reason"],
                now=request.now,
            )
        except Refusal as refusal:
            form.add_error(None, words.refusal_text(refusal))
        else:
            messages.success(
                request, _("C’est permis, une fois, pendant 24 heures. Un courriel le dit au titulaire.")
            )
            return redirect("agents_families:family", family_id)
    return render(
        request,
        "agents/let_in.html",
        {
            "form": form,
            "name": line.name,
            "up": reverse("agents_families:family", args=[family_id]),
            "name_there": _("Famille {name}").format(name=found.family.name),
        },
    )


@require_safe
@never_cache
@staff_only(*MAY_ACT)
def letters_page(request: MarelleRequest) -> HttpResponse:
    rows = words.letter_rows(letters(request.actor, day=request.today))
    return render(request, "agents/invitations/letters.html", {"letters": rows})


@require_safe
@never_cache
@staff_only(*MAY_ACT)
def letter_page(request: MarelleRequest, letter_id: int) -> HttpResponse:
    found = letter(request.actor, letter_id, day=request.today)
    if found is None:
        raise Http404
    context = {
        "letter": found,
        "text": words.paragraphs(found),
        "day": day_plain(local(found.written_at).date()),
        "sender": found.letterhead.name,
    }
    return render(request, "agents/invitations/letter.html", context)


@require_POST
@staff_only(*MAY_ACT)
def printed(request: MarelleRequest, letter_id: int) -> HttpResponse:
    try:
        letter_print(actor=request.actor, message_id=letter_id, now=request.now)
    except NotYours:
        messages.info(request, _("Cette lettre n’est plus à imprimer."))
    else:
        messages.success(request, _("C’est noté : la lettre est imprimée."))
    return redirect("agents_invitations:letters")
