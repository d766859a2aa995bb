"""The table of what may be brought: each kind of file, its columns, what they hold, and an example of each.

The reader, the pages, the model files and the documentation come from here. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.core.tabular import Column


class Kind(StrEnum):
    """In the order in which they are best brought; any other does, once or twice."""

    ENROLMENTS = "enrolments"
    BOOKINGS = "bookings"
    CARDS = "cards"
    SUBSCRIPTIONS = "subscriptions"


class Measure(StrEnum):
    """What is added up on both sides."""

    ENROLMENTS = "enrolments"
    BOOKINGS = "bookings"
    PRESENT = "present"
    ABSENT = "absent"
    CARDS = "cards"
    ENTRIES = "entries"
    SUBSCRIPTIONS = "subscriptions"


@dataclass(frozen=True, slots=True)
class Told:
    """A column with what it holds, for who writes the file, and one cell."""

    column: Column
    meaning: Promise
    example: str


@dataclass(frozen=True, slots=True)
class Subject:
    """`lead` says what one line is; `measures` are added up, by month where `by_month`."""

    kind: Kind
    title: Promise
    lead: Promise
    told: tuple[Told, ...]
    measures: tuple[Measure, ...]
    by_month: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(one.column for one in self.told)

    @property
    def titles(self) -> Mapping[str, str]:
        """By code."""
        return {one.column.code: one.column.title for one in self.told}


def _told(
    code: str, title: str, meaning: Promise, example: str, *others: str, required: bool = False
) -> Told:
    return Told(Column(code, title, others, required), meaning, example)


NUMBER = _told(
    "number",
    "Dossier",
    _(
        "Le numéro du dossier ici, ou la référence du foyer dans l’autre logiciel. Nécessaire pour un enfant "
        "qui vit dans deux foyers."
    ),
    "A-0412",
    "Numéro de dossier",
    "N° dossier",
    "Référence du dossier",
    "Référence",
)
CHILD = (
    _told("last", "Nom enfant", _("Le nom de l’enfant."), "Haddad", "Nom", "Nom de l’enfant", required=True),
    _told("first", "Prénom enfant", _("Son prénom."), "Inès", "Prénom", "Prénom de l’enfant", required=True),
    _told(
        "birth",
        "Date de naissance enfant",
        _("Sa date de naissance : 14/05/2018 ou 2018-05-14."),
        "14/05/2018",
        "Date de naissance",
        "Né le",
        "Né(e) le",
        "Naissance",
        required=True,
    ),
)
ACTIVITY = (
    _told(
        "activity", "Activité", _("Le nom de l’activité, comme ici."), "Mercredis 2026-2027", required=True
    ),
    _told(
        "structure",
        "Structure",
        _("Le nom de sa structure, si deux activités ont le même nom."),
        "Accueil de loisirs d’Arelle",
    ),
)

ENROLMENTS: Final = Subject(
    Kind.ENROLMENTS,
    _("Inscriptions"),
    _("Une ligne par enfant et par activité."),
    (
        NUMBER,
        *CHILD,
        *ACTIVITY,
        _told(
            "group",
            "Groupe",
            _("Le nom de son groupe ici, si l’activité en a plusieurs."),
            "6–11 ans",
            "Groupe d’âge",
            "Section",
        ),
        _told(
            "since",
            "Du",
            _("Le premier jour de l’inscription ; vide, celui de l’activité."),
            "01/09/2026",
            "À partir du",
            "Début",
        ),
        _told(
            "until",
            "Au",
            _("Le dernier jour ; vide, celui de l’activité."),
            "07/07/2027",
            "Jusqu’au",
            "Fin",
        ),
    ),
    (Measure.ENROLMENTS,),
)

BOOKINGS: Final = Subject(
    Kind.BOOKINGS,
    _("Réservations et présences"),
    _("Une ligne par enfant, par créneau et par jour, à venir ou passé."),
    (
        NUMBER,
        *CHILD,
        *ACTIVITY,
        _told("slot", "Créneau", _("Le nom du créneau ici."), "Journée", required=True),
        _told("day", "Jour", _("Le jour : 25/11/2026 ou 2026-11-25."), "25/11/2026", "Date", required=True),
        _told(
            "state",
            "État",
            _(
                "réservé, présent, absent, absent prévenu, absent excusé, sans réservation (venu sans avoir "
                "réservé) ou annulé, qui n’est pas repris. Vide : réservé."
            ),
            "présent",
            "Statut",
            "Présence",
        ),
        _told(
            "starts",
            "Début",
            _("L’heure de début réservée, si le créneau se réserve à l’heure : 08:30 ou 8h30."),
            "",
            "Heure de début",
        ),
        _told("ends", "Fin", _("L’heure de fin réservée, de même."), "", "Heure de fin"),
        _told("arrived", "Arrivée", _("L’heure d’arrivée d’un enfant présent."), "08:40", "Heure d’arrivée"),
        _told("left", "Départ", _("Son heure de départ."), "17:25", "Heure de départ"),
        _told(
            "told_on",
            "Prévenu le",
            _("Le jour où la famille a prévenu : nécessaire avec « absent prévenu »."),
            "",
            "Date d’annonce",
        ),
    ),
    (Measure.BOOKINGS, Measure.PRESENT, Measure.ABSENT),
    by_month=True,
)

CARDS: Final = Subject(
    Kind.CARDS,
    _("Cartes d’entrées"),
    _("Une ligne par carte en cours."),
    (
        NUMBER,
        *CHILD,
        *ACTIVITY,
        _told(
            "left",
            "Entrées restantes",
            _("Ce qu’il en reste au matin du premier jour, sans compter ce qui est réservé après."),
            "6",
            "Restantes",
            "Solde",
            required=True,
        ),
        _told(
            "since",
            "À partir du",
            _("Le premier jour où elle sert ici : chaque réservation depuis ce jour en prend une entrée."),
            "01/12/2026",
            "Du",
            required=True,
        ),
        _told("until", "Jusqu’au", _("Son dernier jour."), "31/03/2027", "Au", "Fin", required=True),
        _told(
            "whole",
            "Tout le foyer",
            _("oui, si elle sert aussi aux frères et sœurs."),
            "non",
            "Foyer",
        ),
        _told("note", "Note", _("Ce que les agents doivent en savoir."), "carte de 10, prise en octobre"),
    ),
    (Measure.CARDS, Measure.ENTRIES),
)

SUBSCRIPTIONS: Final = Subject(
    Kind.SUBSCRIPTIONS,
    _("Abonnements et forfaits"),
    _("Une ligne par forfait, abonnement ou cotisation en cours. Sans enfant, il est de tout le foyer."),
    (
        _told(
            "number",
            "Dossier",
            _("Le numéro du dossier ici, ou la référence du foyer dans l’autre logiciel."),
            "A-0412",
            *NUMBER.column.others,
        ),
        *(replace(one, column=replace(one.column, required=False)) for one in CHILD),
        _told(
            "product",
            "Produit",
            _("Le nom du forfait, comme dans « Tarifs communs »."),
            "Forfait mensuel cantine",
            "Forfait",
            "Abonnement",
            required=True,
        ),
        _told(
            "since",
            "À partir du",
            _(
                "Son vrai premier jour, même passé : les mois que l’autre logiciel a facturés ne le sont pas "
                "une seconde fois ici."
            ),
            "01/09/2026",
            "Du",
            "Début",
            required=True,
        ),
        _told("until", "Jusqu’au", _("Son dernier jour, s’il en a un."), "07/07/2027", "Au", "Fin"),
    ),
    (Measure.SUBSCRIPTIONS,),
)

SUBJECTS: Final[Mapping[Kind, Subject]] = {
    one.kind: one for one in (ENROLMENTS, BOOKINGS, CARDS, SUBSCRIPTIONS)
}
