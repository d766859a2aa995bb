"""The entries of both menus, in their order, and who is shown which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Final

from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from marelle.core.actor import Actor, Guest, Role
from marelle.flows.desk.cases import MANDATE, RESTRICTION
from marelle.places.scope import DECIDERS
from marelle.ui.shell import MenuEntry

AGENTS: Final = "/agents/"
FAMILIES: Final = "/agents/familles/"
DASHBOARD: Final = "/tableau-de-bord/"
MENU: Final = f"{DASHBOARD}#menu"
MESSAGES: Final = "/contact/echanges/"

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

GUEST_HOMES: Final[Mapping[Guest, str]] = {
    Guest.PAYER: "/payeur/",
    Guest.TEEN: "/mon-planning/",
    Guest.CHILDMINDER: "/matinees/",
}
GUEST_NAMES: Final[Mapping[Guest, Promise]] = {
    Guest.PAYER: _("Espace payeur"),
    Guest.TEEN: _("Espace jeune"),
    Guest.CHILDMINDER: _("Espace assistante maternelle"),
}
GUEST_MENUS: Final[Mapping[Guest, Promise]] = {
    Guest.PAYER: _("Mes factures"),
    Guest.TEEN: _("Mon planning"),
    Guest.CHILDMINDER: _("Mes matinées"),
}
GUEST_ABOUT: Final[Mapping[Guest, Promise]] = {
    Guest.PAYER: _("Les factures adressées à un payeur, à consulter et à télécharger."),
    Guest.TEEN: _("Ce qui est réservé pour un jeune, et ce qu’il réserve lui-même."),
    Guest.CHILDMINDER: _("Les matinées du relais petite enfance, et s’y inscrire."),
}
"""By kind of guest: its first page, the name of the portal on its pages, what leads to that page from
others, what the portal is to it."""

DOCK: Final = (
    (_("Accueil"), DASHBOARD, "home", DASHBOARD),
    (_("Réservations"), "/reservations/", "bookings", "/reservations/"),
    (_("Factures"), "/factures/", "invoices", "/factures/"),
    (_("Messages"), MESSAGES, "mail", "/contact/"),
)
"""What stays at the bottom of a phone, each with the addresses that it holds; the menu itself comes last."""


@dataclass(frozen=True, slots=True)
class StaffPage:
    """One page of an entry of the agents' menu; `roles` are those who may open it, `badge` as of an entry."""

    label: Promise
    url: str
    roles: tuple[Role, ...]
    badge: str = ""


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """One entry of the agents' menu: it leads to the first of its pages that the agent may open.

    `badge` names the kind of what is counted beside it; ALL for cases of every kind. `also` are
    addresses of its own that no page of it begins.
    """

    label: Promise
    icon: str
    pages: tuple[StaffPage, ...]
    badge: str = ""
    also: tuple[str, ...] = ()


ALL: Final = "*"
BESIDE_CASES: Final = frozenset({MANDATE, RESTRICTION})
"""What waits elsewhere than in the queue of cases."""
EVERYBODY: Final = tuple(Role)
TEAM: Final = (Role.DIRECTOR, Role.ANIMATOR)
OFFICE: Final = (Role.ADMINISTRATOR, Role.OFFICE)

STAFF_ENTRIES: Final = (
    StaffEntry(
        _("À traiter"),
        "inbox",
        (
            StaffPage(_("Demandes"), AGENTS, DECIDERS),
            StaffPage(_("Délais"), "/agents/delais/", DECIDERS),
        ),
        badge=ALL,
    ),
    StaffEntry(
        _("Familles"),
        "family",
        (
            StaffPage(_("Familles"), FAMILIES, DECIDERS),
            StaffPage(_("Inscrire un enfant"), "/agents/inscriptions/nouvelle/", DECIDERS),
            StaffPage(_("Santé et sorties"), "/agents/sante/", EVERYBODY),
            StaffPage(_("Courriers à imprimer"), "/agents/courriers/", OFFICE),
            StaffPage(
                _("Restrictions d’un juge"), "/agents/familles/restrictions/", OFFICE, badge=RESTRICTION
            ),
        ),
        badge=RESTRICTION,
    ),
    StaffEntry(
        _("Présences"),
        "attendance",
        (
            StaffPage(_("Présences"), "/agents/presences/", EVERYBODY),
            StaffPage(_("Listes"), "/agents/presences/listes/", TEAM),
            StaffPage(_("Repas"), "/agents/presences/repas/", DECIDERS),
            StaffPage(_("Tablettes"), "/agents/presences/tablettes/", DECIDERS),
        ),
    ),
    StaffEntry(
        _("Places"),
        "places",
        (
            StaffPage(_("Occupation"), "/agents/places/", DECIDERS),
            StaffPage(_("Qui vient"), "/agents/places/jour/", EVERYBODY),
            StaffPage(_("Personnel"), "/agents/places/personnel/", DECIDERS),
            StaffPage(_("Listes d’attente"), "/agents/places/attente/", DECIDERS),
            StaffPage(_("Attribution"), "/agents/attribution/", DECIDERS),
        ),
    ),
    StaffEntry(
        _("Activités"),
        "activities",
        (
            StaffPage(_("Activités"), "/agents/activites/", DECIDERS),
            StaffPage(_("Préparer l’année"), "/agents/activites/annee/", DECIDERS),
            StaffPage(_("Jauges"), "/agents/activites/jauges/", DECIDERS),
            StaffPage(_("Structures"), "/agents/activites/structures/", DECIDERS),
            StaffPage(_("Tarifs communs"), "/agents/activites/tarifs/", DECIDERS),
            StaffPage(_("Ouvertures et fermetures"), "/agents/fermetures/", DECIDERS),
        ),
    ),
    StaffEntry(
        _("Documents"),
        "papers",
        (
            StaffPage(_("Documents à vérifier"), "/agents/documents/", DECIDERS),
            StaffPage(_("Documents manquants"), "/agents/documents/manquants/", DECIDERS),
            StaffPage(_("Documents demandés"), "/agents/reglages/documents/", DECIDERS),
            StaffPage(_("Documents publiés"), "/agents/documentation/", DECIDERS),
        ),
        badge="paper",
    ),
    StaffEntry(
        _("Messages"),
        "contact",
        (
            StaffPage(_("Messages"), "/agents/messages/", DECIDERS),
            StaffPage(_("Modèles de réponse"), "/agents/messages/modeles/", DECIDERS),
            StaffPage(_("Actualités"), "/agents/actualites/", DECIDERS),
        ),
        badge="message",
    ),
    StaffEntry(
        _("Relais"),
        "phone",
        (
            StaffPage(_("Guichet unique"), "/agents/guichet/", DECIDERS),
            StaffPage(_("Commissions"), "/agents/commissions/", DECIDERS),
            StaffPage(_("Matinées du relais"), "/agents/matinees/", DECIDERS),
        ),
    ),
    StaffEntry(
        _("Facturation"),
        "invoices",
        (
            StaffPage(_("Factures"), "/agents/factures/", OFFICE),
            StaffPage(_("Facturer un mois"), "/agents/factures/mois/", OFFICE),
            StaffPage(_("Relances"), "/agents/factures/relances/", OFFICE),
            StaffPage(_("Mandats à vérifier"), "/agents/factures/prelevement/", OFFICE, badge=MANDATE),
            StaffPage(_("Comptabilité"), "/agents/factures/comptabilite/", OFFICE),
        ),
        badge=MANDATE,
    ),
    StaffEntry(_("Chiffres"), "figures", (StaffPage(_("Chiffres"), "/agents/chiffres/", DECIDERS),)),
    StaffEntry(
        _("Réglages"),
        "settings",
        (StaffPage(_("Réglages"), "/agents/reglages/", DECIDERS),),
        also=("/agents/courriels/",),
    ),
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


def family_dock(path: str, unread: int = 0) -> tuple[MenuEntry, ...]:
    """The five entries at the bottom of a phone: the menu holds what none of the four others does.

    `unread` exchanges are told beside « Messages », but on its own pages, which have just shown them.
    """
    held = next((under for _label, _url, _icon, under in DOCK if path.startswith(under)), "")
    inside = not held and any(path.startswith(tab.url) for tab in FAMILY_TABS)
    told = _unread(unread) if unread else ("", "")
    return (
        *(
            MenuEntry(label, url, icon, under == held, *(told if url == MESSAGES and under != held else ()))
            for label, url, icon, under in DOCK
        ),
        MenuEntry(_("Menu"), MENU, "menu", inside),
    )


def _unread(count: int) -> tuple[str, str]:
    return str(count), ngettext("réponse non lue", "réponses non lues", count)


def staff_menu(
    actor: Actor, path: str = "", waiting: Mapping[str, int] = MappingProxyType({})
) -> tuple[MenuEntry, ...]:
    """The entries that one of the actor's posts may open; `path` is the page shown.

    `waiting` is how many of each kind wait for the actor (`waiting_counts`).
    """
    here = _staff_entry(path)
    return tuple(
        MenuEntry(
            entry.label, pages[0].url, entry.icon, current=entry is here, badge=_badge(entry.badge, waiting)
        )
        for entry in STAFF_ENTRIES
        if (pages := _opened(entry, actor))
    )


def staff_tabs(
    actor: Actor, path: str, waiting: Mapping[str, int] = MappingProxyType({})
) -> tuple[MenuEntry, ...]:
    """The pages of the entry that holds `path`, of those that the actor may open; none when it is alone."""
    pages, here = _staff_pages(actor, path)
    tabs = tuple(
        MenuEntry(page.label, page.url, current=page is here, badge=_badge(page.badge, waiting))
        for page in pages
    )
    return tabs if len(tabs) > 1 else ()


def staff_above(actor: Actor, path: str) -> MenuEntry | None:
    """The page of the menu under which the page at `path` is; None for a page of the menu itself."""
    pages, here = _staff_pages(actor, path)
    above = here or next(iter(pages), None)
    return None if above is None or above.url == path else MenuEntry(above.label, above.url)


def _staff_pages(actor: Actor, path: str) -> tuple[tuple[StaffPage, ...], StaffPage | None]:
    """The pages of the entry that holds `path` that the actor may open, and the one that begins `path`."""
    entry = _staff_entry(path)
    pages = _opened(entry, actor) if entry else ()
    begun = [page for page in pages if path.startswith(page.url)]
    return pages, max(begun, key=lambda page: len(page.url), default=None)


def _badge(badge: str, waiting: Mapping[str, int]) -> str:
    cases = (count for kind, count in waiting.items() if kind not in BESIDE_CASES)
    count = sum(cases) if badge == ALL else waiting.get(badge, 0)
    return str(count) if count else ""


def _opened(entry: StaffEntry, actor: Actor) -> tuple[StaffPage, ...]:
    roles = {power.role for power in actor.powers}
    return tuple(page for page in entry.pages if roles.intersection(page.roles))


def _staff_entry(path: str) -> StaffEntry | None:
    """The entry with the longest address that `path` starts with: what is nobody else's is « À traiter »."""
    owned = [
        (url, entry)
        for entry in STAFF_ENTRIES
        for url in (*(page.url for page in entry.pages), *entry.also)
        if path.startswith(url)
    ]
    return max(owned, key=lambda pair: len(pair[0]))[1] if owned else None


def _shown(entry: MenuEntry, path: str) -> MenuEntry:
    return replace(entry, current=path.startswith(entry.url))
