"""What the portal does with personal data, treatment by treatment: why, by which right, who sees it.

The tables of each come from the registry of personal data: a package that is in none of these fails a test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.personal import Erase, PersonalData, Since, declared
from marelle.places.delays import DELAYS, months_kept

PUBLIC_TASK: Final = gettext_lazy("Mission d’intérêt public (RGPD, article 6, 1, e)")
LAW: Final = gettext_lazy("Obligation légale (RGPD, article 6, 1, c)")
HEALTH: Final = gettext_lazy(
    "Mission d’intérêt public ; santé : intérêts vitaux et intérêt public important (article 9, 2, c et g)"
)


@dataclass(frozen=True, slots=True)
class Treatment:
    """`apps` are the packages of its tables, `models` those that belong to another than their package's."""

    title: str | Promise
    purpose: str | Promise
    basis: str | Promise
    people: str | Promise
    seen_by: str | Promise
    apps: tuple[str, ...]
    models: tuple[str, ...] = ()


TREATMENTS: Final[Mapping[str, Treatment]] = {
    "files": Treatment(
        gettext_lazy("Dossiers des familles"),
        gettext_lazy("Connaître les foyers, les enfants et qui en répond, calculer les tarifs."),
        PUBLIC_TASK,
        gettext_lazy("Parents, enfants, proches nommés par eux"),
        gettext_lazy("Guichet, direction des structures de l’enfant ; CAF et MSA, avec l’accord du foyer"),
        ("families", "pricing", "flows"),
    ),
    "care": Treatment(
        gettext_lazy("Santé et sécurité de l’enfant accueilli"),
        gettext_lazy("Accueillir chaque enfant sans risque : allergies, PAI, qui vient le chercher."),
        HEALTH,
        gettext_lazy("Enfants, médecins et proches nommés"),
        gettext_lazy("Seules les équipes des structures de l’enfant ; chaque lecture est notée"),
        (),
        (
            "families.HealthSheet",
            "families.Vaccination",
            "families.PickupContact",
            "families.PickupPermission",
            "families.PickupBan",
            "families.Restriction",
            "families.Consent",
        ),
    ),
    "reception": Treatment(
        gettext_lazy("Inscriptions, réservations et présences"),
        gettext_lazy("Attribuer les places, savoir qui vient, rendre compte à la CAF."),
        PUBLIC_TASK,
        gettext_lazy("Enfants et leurs parents, jeunes qui ont leur compte"),
        gettext_lazy("Équipes des structures, guichet ; CAF, pour ses contrôles"),
        ("enrolments", "bookings", "attendance", "campaigns"),
    ),
    "bills": Treatment(
        gettext_lazy("Facturation et recouvrement"),
        gettext_lazy("Établir les factures, les encaisser, les relancer."),
        LAW,
        gettext_lazy("Parents, autres payeurs"),
        gettext_lazy("Guichet ; Trésor public ; payeurs (CCAS, département) pour ce qu’ils paient"),
        ("billing",),
    ),
    "papers": Treatment(
        gettext_lazy("Documents demandés"),
        gettext_lazy("Vérifier les droits et les justificatifs."),
        PUBLIC_TASK,
        gettext_lazy("Parents et enfants"),
        gettext_lazy("Guichet, direction des structures ; santé : la direction seule"),
        ("papers", "files"),
    ),
    "exchanges": Treatment(
        gettext_lazy("Messages, demandes et courriels"),
        gettext_lazy("Répondre aux familles, les prévenir."),
        PUBLIC_TASK,
        gettext_lazy("Parents, visiteurs qui écrivent"),
        gettext_lazy("Structure à qui c’est écrit, guichet"),
        ("messaging", "mail", "cases"),
    ),
    "relay": Treatment(
        gettext_lazy("Relais petite enfance"),
        gettext_lazy("Orienter les demandes de mode de garde, tenir les matinées."),
        PUBLIC_TASK,
        gettext_lazy("Parents, assistantes maternelles"),
        gettext_lazy("Relais, guichet"),
        ("relay",),
    ),
    "journal": Treatment(
        gettext_lazy("Journal des accès et des actes"),
        gettext_lazy("Savoir qui a lu ou changé quoi, détecter les abus."),
        gettext_lazy("Obligation de sécurité (RGPD, article 32)"),
        gettext_lazy("Parents et agents"),
        gettext_lazy("Guichet, administration, délégué à la protection des données"),
        ("journal",),
    ),
}


def tables(code: str) -> Sequence[PersonalData]:
    """The tables of a treatment, as the registry has them."""
    own = TREATMENTS[code]
    apart = {label for one in TREATMENTS.values() for label in one.models}
    return [
        one
        for one in declared()
        if one.model._meta.label in own.models
        or (one.model._meta.app_label in own.apps and one.model._meta.label not in apart)
    ]


def name_of(table: PersonalData) -> str:
    name = str(table.model._meta.verbose_name_plural)
    return name[:1].upper() + name[1:]


def columns_of(table: PersonalData) -> str:
    """The French names of what a copy hands over: that is what is held of somebody."""
    fields: list[models.Field[object, object]] = [table.model._meta.get_field(name) for name in table.export]  # type: ignore[misc]
    return ", ".join(dict.fromkeys(str(field.verbose_name) for field in fields))


def kept_text(table: PersonalData) -> str:
    """How long it is kept, by the delays that were chosen."""
    chosen, keep = months_kept(), table.keep
    if table.erase is Erase.KEEP:
        return _("%(n)d ans au moins : la loi l’impose") % {"n": keep.months // 12}
    match table.model._meta.app_label, keep.since:
        case _app, Since.LAST_ENROLMENT:
            return _told("health", chosen)
        case "journal", _since:
            return f"{_told('connections', chosen)} ; {_told('acts', chosen)}"
        case "mail", _since:
            return _told("mails", chosen)
        case _app, Since.ROW:
            return _("aussi longtemps que ce qu’il accompagne")
    file = _("avec le dossier du foyer : à sa demande, ou %s") % _told("dormant", chosen)
    caf = _(" ; ce que la CAF peut contrôler, l’année en cours et les trois d’avant") if table.checked else ""
    return file + caf


def _told(code: str, chosen: Mapping[str, int]) -> str:
    if code == "health" and not chosen[code]:
        return _("jusqu’à la fin de la dernière inscription")
    return _("%(n)d mois %(start)s") % {"n": chosen[code], "start": DELAYS[code].start}
