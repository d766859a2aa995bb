"""« Première visite »: whoever a provider has recognised, and who is linked to nobody, asks the office."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from marelle.accounts.oidc.claims import Told
from marelle.accounts.oidc.offered import provider_name
from marelle.accounts.selectors import has_owner
from marelle.cases.services import AlreadyOpen
from marelle.core.french import day_plain, instant_long_year
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.identities.arrivals import Letter, arrival_ask, arrival_of
from marelle.flows.models import Arrival
from marelle.journal.origin import origin_of
from marelle.portal.access.provider_views import told_left
from marelle.portal.access.providers import Purpose, told_forget, told_kept
from marelle.ui.phones import PhoneField


class FirstVisitForm(forms.Form):
    has_file = forms.ChoiceField(
        label=lazy("Avez-vous déjà un dossier ici ?"),
        choices=Arrival.HasFile.choices,
        widget=forms.RadioSelect,
        error_messages={"required": lazy("Choisissez une réponse : « Je ne sais pas » convient aussi.")},
    )
    email = forms.EmailField(
        label=lazy("Votre adresse de courriel"),
        help_text=lazy("La réponse y sera envoyée."),
        max_length=254,
        error_messages={"invalid": lazy("Cette adresse de courriel n’est pas complète : nom@exemple.fr.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = PhoneField(label=lazy("Votre téléphone"), required=False)
    words = forms.CharField(
        label=lazy("De quoi vous retrouver"),
        help_text=lazy("Le prénom de vos enfants, votre commune, le nom sous lequel vous êtes connu ici."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def letter(self) -> Letter:
        data: dict[str, Any] = self.cleaned_data
        return Letter(data["email"], data["phone"], data["has_file"], data["words"])


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def first_visit(request: MarelleRequest) -> HttpResponse:
    told = told_kept(request, Purpose.IN)
    if told is None:
        if not request.user.is_authenticated:
            messages.info(request, _("Identifiez-vous d’abord : trente minutes après, c’est à refaire."))
        return redirect(settings.LOGIN_URL)
    if request.method == "POST" and "otherwise" in request.POST:
        return told_left(request, told)
    if has_owner(told):
        # The office has said who it is, since.
        told_forget(request)
        return redirect("access:leave", told.provider)
    before = arrival_of(told)
    waits = before is not None and before.closed_at is None
    form = FirstVisitForm(
        request.POST if request.method == "POST" and not waits else None, initial={"email": told.email}
    )
    if form.is_valid():
        try:
            arrival_ask(told=told, letter=form.letter(), origin=origin_of(request), now=request.now)
        except AlreadyOpen:
            messages.info(request, _("Votre demande était déjà partie."))
        return redirect("access:first_visit")
    context = {
        "form": form,
        "who": who(told),
        "name": provider_name(told.provider),
        "waits": instant_long_year(before.asked_at) if before is not None and waits else "",
        "reply_to": before.email if before is not None else "",
        "answer": before.answer if before is not None and not waits else "",
    }
    return render(request, "access/first_visit.html", context)


def who(told: Told) -> list[tuple[str, str]]:
    """Who was recognised, as the provider tells."""
    pairs = [
        (_("Prénoms"), told.given_names),
        (_("Nom"), told.birth_name),
        (_("Nom d’usage"), told.usage_name),
        (_("Né ou née le"), day_plain(told.birth_date) if told.birth_date else ""),
        (_("Adresse de courriel"), told.email),
    ]
    return [(term, text) for term, text in pairs if text]
