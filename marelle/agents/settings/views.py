"""« Réglages »: the index of what the authority chooses, and the table of the fields of families' files."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.settings.forms import PoliciesForm
from marelle.core.actor import Role
from marelle.core.refusals import Refusal
from marelle.families.policies import may_set_policies, policies, policies_set
from marelle.flows.middleware import MarelleRequest

SETTERS = (Role.ADMINISTRATOR, Role.OFFICE, Role.DIRECTOR)


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the index. `roles` are those who may open it."""

    route: str
    label: str | Promise
    text: str | Promise
    roles: tuple[Role, ...]

    @property
    def url(self) -> str:
        return reverse(self.route)


SETTINGS = (
    Setting(
        "agents_authorities:authorities",
        gettext_lazy("Collectivité et mentions légales"),
        gettext_lazy("Comment vous joindre, et ce que disent les pages légales."),
        (Role.ADMINISTRATOR, Role.OFFICE),
    ),
    Setting(
        "agents_mails:mails",
        gettext_lazy("Courriels envoyés par le portail"),
        gettext_lazy("Chaque modèle, avec des données inventées, pour le lire avant les familles."),
        (Role.ADMINISTRATOR, Role.OFFICE),
    ),
    Setting(
        "agents_settings:fields",
        gettext_lazy("Données du dossier"),
        gettext_lazy("Ce que les familles peuvent modifier, avec ou sans vérification."),
        (Role.ADMINISTRATOR, Role.OFFICE),
    ),
    Setting(
        "agents_consents:types",
        gettext_lazy("Autorisations demandées aux familles"),
        gettext_lazy("Photos, sorties, partir seul… : ce à quoi les familles répondent oui ou non."),
        (Role.ADMINISTRATOR, Role.OFFICE),
    ),
    Setting(
        "paper_types:types",
        gettext_lazy("Documents demandés"),
        gettext_lazy("Ce que les familles doivent envoyer, pourquoi, et pour quelles activités."),
        (Role.ADMINISTRATOR, Role.OFFICE, Role.DIRECTOR),
    ),
    Setting(
        "agents_activities:activities",
        gettext_lazy("Demandes par activité"),
        gettext_lazy("Facture en retard, activité complète : ce qui empêche de demander une inscription."),
        SETTERS,
    ),
)


@require_safe
@staff_only(*SETTERS)
def index(request: MarelleRequest) -> HttpResponse:
    roles = {power.role for power in request.actor.powers}
    found = [setting for setting in SETTINGS if roles.intersection(setting.roles)]
    return render(request, "agents/settings/index.html", {"settings": found})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def fields(request: MarelleRequest) -> HttpResponse:
    if not may_set_policies(request.actor):
        raise PermissionDenied
    form = PoliciesForm(request.POST if request.method == "POST" else None, chosen=policies())
    if form.is_valid() and _is_set(request, form):
        return redirect("agents_settings:fields")
    return render(request, "agents/settings/fields.html", {"form": form, "sections": form.sections()})


def _is_set(request: MarelleRequest, form: PoliciesForm) -> bool:
    try:
        changed = policies_set(actor=request.actor, chosen=form.chosen(), now=request.now)
    except Refusal:
        messages.warning(request, _("Un de ces choix n’est pas possible : rouvrez la page."))
        return False
    told = ngettext("%d règle changée.", "%d règles changées.", len(changed)) % len(changed)
    messages.success(request, told if changed else _("Rien n’avait changé."))
    return True
