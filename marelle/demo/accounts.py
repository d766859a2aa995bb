"""The accounts that the demo's login page lists, with one public password, and one PIN for the tablets."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.core.actor import Guest, Role

PASSWORD = "Marelle-demo-2026"  # noqa: S105  # nosec B105
PIN = "2026"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """`line` says who that is, to a visitor who wonders whom to be."""

    identifier: str
    display_name: str
    line: str | Promise


@dataclass(frozen=True, slots=True)
class StaffAccount(DemoAccount):
    role: Role
    authorities: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()


FAMILIES = (
    DemoAccount(
        "durand",
        "Camille Durand",
        _("Zoé, Léo et le petit Noé ; Léo est inscrit sans rien de réservé"),
    ),
    DemoAccount("martin", "Julie Martin", _("Inès vit chez elle une semaine sur deux")),
    DemoAccount("petit", "Karim Petit", _("l’autre foyer d’Inès, avec son frère Milo")),
    DemoAccount("bernard", "Thomas Bernard", _("vient d’arriver : rien n’est encore demandé")),
)
STAFF = (
    StaffAccount(
        "guichet",
        "Nadège Courtin",
        _("au guichet unique : accepte les inscriptions, agit au nom d’une famille"),
        Role.OFFICE,
        authorities=("cc", "village"),
    ),
    StaffAccount(
        "direction",
        "Aline Moreau",
        _("dirige l’accueil de loisirs de Brisecombe et le périscolaire d’Arelle"),
        Role.DIRECTOR,
        structures=("brisecombe", "periscolaire"),
    ),
    StaffAccount(
        "animation",
        "Samir Lenoir",
        _("anime les mercredis de Brisecombe, et le périscolaire les autres jours"),
        Role.ANIMATOR,
        structures=("brisecombe", "periscolaire"),
    ),
    StaffAccount("admin", "Dominique Perrin", _("administre toute l’installation"), Role.ADMINISTRATOR),
)


@dataclass(frozen=True, slots=True)
class GuestAccount(DemoAccount):
    guest: Guest


GUESTS = (
    GuestAccount(
        "departement",
        "Odile Bertin",
        _("à l’aide sociale à l’enfance : lit les factures d’un enfant confié, et rien d’autre"),
        Guest.PAYER,
    ),
    GuestAccount(
        "assmat",
        "Odile Fontaine",
        _("assistante maternelle : s’inscrit aux matinées du relais, et rien d’autre"),
        Guest.CHILDMINDER,
    ),
)
YOUTH = DemoAccount(
    "jeune", "Un jeune du club", _("voit son planning, et réserve lui-même les sorties de l’espace jeunes")
)
SILENT = DemoAccount(
    "vannier", "Éric Vannier", _("pas venu depuis deux ans, et prévenu : se connecter suffit à être gardé")
)
LISTED: tuple[DemoAccount, ...] = (*FAMILIES, *STAFF, *GUESTS, YOUTH, SILENT)
