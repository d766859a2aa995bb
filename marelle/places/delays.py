"""How long what is written stays, where the authority chooses within what the law allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.core.actor import Actor
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject
from marelle.journal.edits import Shown, seen_check
from marelle.journal.services import record
from marelle.places.locks import portal_locked
from marelle.places.look import may_set_look
from marelle.places.models import Delay

GDPR: Final = _("RGPD, article 5, 1, e : pas plus longtemps que nécessaire.")

OURS: Final = _("RGPD, article 5, 1, e : pas plus longtemps que nécessaire. Bornes choisies par Marelle.")


@dataclass(frozen=True, slots=True)
class DelayKind:
    """A delay in months, with its bounds, both allowed. `source` is where the bounds come from, and `start`
    what the months follow, as a family reads it: "12 mois après leur date"."""

    label: str | Promise
    meaning: str | Promise
    start: str | Promise
    source: str | Promise
    default: int
    least: int
    most: int


DELAYS: Final[Mapping[str, DelayKind]] = {
    "connections": DelayKind(
        _("Connexions, lectures de santé et de revenus"),
        _(
            "Qui s’est connecté, d’où, qui a lu une fiche sanitaire ou des revenus ; "
            "les adresses réseau du reste."
        ),
        _("après leur date"),
        _("CNIL, délibération 2021-122 du 14 octobre 2021 : de six mois à un an."),
        default=12,
        least=6,
        most=12,
    ),
    "acts": DelayKind(
        _("Demandes, décisions et autres actes"),
        _("L’historique des familles et le journal des agents."),
        _("après leur date"),
        GDPR,
        default=36,
        least=12,
        most=120,
    ),
    "health": DelayKind(
        _("Fiches sanitaires, vaccinations, PAI"),
        _("Après la dernière inscription de l’enfant ; 0 : le lendemain."),
        _("après la fin de la dernière inscription"),
        GDPR,
        default=0,
        least=0,
        most=24,
    ),
    "dormant": DelayKind(
        _("Foyers dont on n’a plus de nouvelles"),
        _(
            "Sans connexion, demande, réservation, venue, facture ni message : prévenus, "
            "puis confirmés par un agent."
        ),
        _("après le dernier signe du foyer, une fois l’effacement confirmé par un agent"),
        OURS,
        default=24,
        least=12,
        most=36,
    ),
    "papers": DelayKind(
        _("Documents remplacés, refusés ou expirés"),
        _("Le document et ses fichiers, à partir du jour où il ne compte plus."),
        _("après le jour où ils ne comptent plus"),
        OURS,
        default=12,
        least=1,
        most=36,
    ),
    "outsiders": DelayKind(
        _("Messages, demandes de garde, premières visites et accès d’invités de qui n’a pas de dossier"),
        _("Après le dernier message, ou une fois la demande, la visite ou l’accès clos."),
        _("après le dernier message, ou une fois la demande ou l’accès clos"),
        OURS,
        default=12,
        least=3,
        most=24,
    ),
    "staff": DelayKind(
        _("Registre du personnel"),
        _("Le nom et la qualification de qui a travaillé dans une structure."),
        _("après le dernier jour de travail"),
        OURS,
        default=12,
        least=1,
        most=36,
    ),
    "mails": DelayKind(
        _("Courriels et lettres envoyés"),
        _("Leur copie, telle qu’elle est partie."),
        _("après leur date"),
        GDPR,
        default=12,
        least=3,
        most=24,
    ),
}
"""By code: each is what a purge of the worker follows, and the page « Données personnelles » says.
Invoices are not among them: the law keeps them ten years."""


class DelayRefused(Refusal):
    """`code`: "not_allowed", or "out_of_bounds" (`delay`, its code)."""


def months_kept() -> dict[str, int]:
    """Months by code, as chosen or by default; one query."""
    chosen = dict(Delay.objects.values_list("code", "months"))
    return {code: chosen.get(code, kind.default) for code, kind in DELAYS.items()}


@transaction.atomic
def delays_set(
    *, actor: Actor, months: Mapping[str, int], seen: Shown | None = None, now: datetime
) -> tuple[str, ...]:
    """Choose delays by code; those not named stay. Returns the codes that changed.

    `seen` is what the form showed of them; None for who showed nothing. Raises DelayRefused,
    ChangedMeanwhile.
    """
    if not may_set_look(actor):
        raise DelayRefused("not_allowed")
    portal_locked()
    former = months_kept()
    for code, wanted in months.items():
        kind = DELAYS.get(code)
        if kind is None or not kind.least <= wanted <= kind.most:
            raise DelayRefused("out_of_bounds", delay=code)
    changed = {code: wanted for code, wanted in months.items() if former[code] != wanted}
    seen_check({code: former[code] for code in changed}, seen, subject=Subject("delay", None))
    for code, wanted in changed.items():
        Delay.objects.update_or_create(code=code, defaults={"months": wanted})
    if changed:
        record(
            actor=actor, verb="delay.set", subject=Subject("delay", None), data={"fields": changed}, now=now
        )
    return tuple(changed)
