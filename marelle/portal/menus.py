"""The entries of both menus, in their order, and who is shown which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.core.actor import Actor, Role
from marelle.ui.shell import MenuEntry

AGENTS: Final = "/agents/"

FAMILY_TABS: Final = (
    MenuEntry(_("Ma famille"), "/famille/", "family"),
    MenuEntry(_("Mes inscriptions"), "/inscriptions/", "enrolments"),
    MenuEntry(_("Mes réservations"), "/reservations/", "bookings"),
    MenuEntry(_("Mes factures"), "/factures/", "invoices"),
    MenuEntry(_("Mes documents"), "/documents/", "papers"),
    MenuEntry(_("Documentation structure"), "/documentation/", "publications"),
    MenuEntry(_("Historique de mes actions"), "/historique/", "history"),
    MenuEntry(_("Contactez la structure"), "/contact/", "contact"),
    MenuEntry(_("Modifier les informations de connexion"), "/compte/", "account"),
)


@dataclass(frozen=True, slots=True)
class StaffTab:
    """`roles` are those who may open the page."""

    label: Promise
    url: str
    icon: str
    section: Promise
    roles: tuple[Role, ...]


EVERYBODY: Final = tuple(Role)
DECIDERS: Final = (Role.ADMINISTRATOR, Role.OFFICE, Role.DIRECTOR)
OFFICE: Final = (Role.ADMINISTRATOR, Role.OFFICE)

TO_DO, FAMILIES, PLACES = _("À traiter"), _("Familles et enfants"), _("Inscriptions et réservations")
RELAY, PUBLISHED, KEPT = _("Relais petite enfance"), _("Publications"), _("Gestion")

STAFF_TABS: Final = (
    StaffTab(_("Demandes à traiter"), AGENTS, "inbox", TO_DO, DECIDERS),
    StaffTab(_("Documents à vérifier"), "/agents/documents/", "papers", TO_DO, DECIDERS),
    StaffTab(_("Messages"), "/agents/messages/", "contact", TO_DO, DECIDERS),
    StaffTab(_("Familles"), "/agents/familles/", "family", FAMILIES, OFFICE),
    StaffTab(_("Santé et sorties"), "/agents/sante/", "attendance", FAMILIES, EVERYBODY),
    StaffTab(_("Courriers à imprimer"), "/agents/courriers/", "mail", FAMILIES, OFFICE),
    StaffTab(_("Inscrire un enfant"), "/agents/inscriptions/nouvelle/", "enrolments", PLACES, DECIDERS),
    StaffTab(_("Listes d’attente"), "/agents/reservations/attente/", "bookings", PLACES, DECIDERS),
    StaffTab(_("Fermetures"), "/agents/fermetures/", "places", PLACES, DECIDERS),
    StaffTab(_("Guichet unique"), "/agents/guichet/", "phone", RELAY, DECIDERS),
    StaffTab(_("Matinées du relais"), "/agents/matinees/", "activities", RELAY, DECIDERS),
    StaffTab(_("Actualités"), "/agents/actualites/", "info", PUBLISHED, DECIDERS),
    StaffTab(_("Documents publiés"), "/agents/documentation/", "publications", PUBLISHED, DECIDERS),
    StaffTab(_("Factures"), "/agents/factures/", "invoices", KEPT, OFFICE),
    StaffTab(_("Réglages"), "/agents/reglages/", "settings", KEPT, DECIDERS),
)


@cache
def is_there(url: str) -> bool:
    """Whether the portal answers at this address: a menu only shows what exists."""
    try:
        resolve(url)
    except Resolver404:
        return False
    return True


def family_menu(path: str = "") -> tuple[MenuEntry, ...]:
    """The tabs of the family side that exist; `path` is the page shown."""
    return tuple(_shown(entry, path) for entry in FAMILY_TABS if is_there(entry.url))


def staff_menu(actor: Actor, path: str = "") -> tuple[MenuEntry, ...]:
    """The pages that one of the actor's posts may open; `path` is the page shown."""
    roles = {power.role for power in actor.powers}
    return tuple(
        _shown(MenuEntry(tab.label, tab.url, tab.icon, section=tab.section), path)
        for tab in STAFF_TABS
        if roles.intersection(tab.roles)
    )


def _shown(entry: MenuEntry, path: str) -> MenuEntry:
    inside = path == entry.url or (path.startswith(entry.url) and entry.url != AGENTS)
    return replace(entry, current=inside)
