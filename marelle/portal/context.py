"""The context processor that surrounds every page: names, account, menu. No query of its own for a family.

It stands here, and not with the flows, because it builds what `ui` draws.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from marelle.core.actor import Actor, Role
from marelle.families.models import Family
from marelle.flows.middleware import NOBODY
from marelle.places.selectors import publisher
from marelle.portal.legal.words import conformity_mention
from marelle.ui.shell import LEGAL, PORTAL_NAME, MenuEntry, Shell

DASHBOARD: Final = "/tableau-de-bord/"
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
STAFF_TABS: Final = (
    MenuEntry(_("Demandes à traiter"), "/agents/", "inbox"),
    MenuEntry(_("Inscrire un enfant"), "/agents/inscriptions/nouvelle/", "enrolments"),
    MenuEntry(_("Listes d’attente"), "/agents/reservations/attente/", "bookings"),
    MenuEntry(_("Messages"), "/agents/messages/", "contact"),
    MenuEntry(_("Actualités"), "/agents/actualites/", "publications"),
    MenuEntry(_("Familles"), "/agents/familles/", "family"),
    MenuEntry(_("Santé et sorties"), "/agents/sante/", "attendance"),
    MenuEntry(_("Documents publiés"), "/agents/documentation/", "publications"),
    MenuEntry(_("Guichet unique"), "/agents/guichet/", "search"),
    MenuEntry(_("Matinées du relais"), "/agents/matinees/", "bookings"),
    MenuEntry(_("Courriers à imprimer"), "/agents/courriers/", "mail"),
    MenuEntry(_("Réglages"), "/agents/reglages/", "settings"),
    MenuEntry(_("Factures"), "/agents/factures/", "invoices"),
)
OPENS_FAMILIES: Final = (Role.ADMINISTRATOR, Role.OFFICE)


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


def home_of(actor: Actor) -> str:
    """Where « menu » leads: the dashboard of a family, the agents' side for staff without one."""
    if actor.family_id is None and actor.is_staff:
        return AGENTS
    return DASHBOARD if actor.user_id is not None else "/"


def shell(request: HttpRequest) -> dict[str, Shell]:
    """`shell` for every template."""
    actor: Actor = getattr(request, "actor", NOBODY)
    return {"shell": _shell(actor, request.path)}


def _shell(actor: Actor, path: str) -> Shell:
    on_staff_side = path.startswith(AGENTS)
    if actor.user_id is None:
        return Shell(
            organisation=publisher().name,
            demo=settings.MARELLE_DEMO,
            login_url="/connexion/",
            legal=_legal(),
        )
    return Shell(
        portal_name=_("Espace agents") if on_staff_side and actor.is_staff else PORTAL_NAME,
        organisation=publisher().name,
        account_label=actor.label,
        home_url=AGENTS if on_staff_side else home_of(actor),
        is_staff=actor.is_staff,
        is_family=actor.family_id is not None,
        acting_for=_family_name(actor),
        menu=_staff_menu(actor, path) if on_staff_side else family_menu(path),
        demo=settings.MARELLE_DEMO,
        account_url="/compte/" if is_there("/compte/") else "",
        logout_url="/deconnexion/" if is_there("/deconnexion/") else "",
        stop_acting_url=_first_there("/agents/familles/terminer/"),
        legal=_legal(),
    )


def _staff_menu(actor: Actor, path: str) -> tuple[MenuEntry, ...]:
    opens_families = any(power.role in OPENS_FAMILIES for power in actor.powers)
    decides = any(power.role is not Role.ANIMATOR for power in actor.powers)
    allowed = {
        "/agents/": decides,
        "/agents/inscriptions/nouvelle/": decides,
        "/agents/reservations/attente/": decides,
        "/agents/messages/": decides,
        "/agents/actualites/": decides,
        "/agents/familles/": opens_families,
        "/agents/sante/": True,
        "/agents/documentation/": decides,
        "/agents/guichet/": decides,
        "/agents/matinees/": decides,
        "/agents/courriers/": opens_families,
        "/agents/reglages/": decides,
        "/agents/factures/": opens_families,
    }
    return tuple(_shown(entry, path) for entry in STAFF_TABS if allowed[entry.url] and is_there(entry.url))


def _shown(entry: MenuEntry, path: str) -> MenuEntry:
    inside = path == entry.url or (path.startswith(entry.url) and entry.url != AGENTS)
    return MenuEntry(entry.label, entry.url, entry.icon, current=inside)


def _family_name(actor: Actor) -> str:
    if not actor.on_behalf_of:
        return ""
    return Family.objects.values_list("name", flat=True).get(pk=actor.home_id)


def _legal() -> tuple[MenuEntry, ...]:
    """The law wants the state of accessibility on every page."""
    first, *others = LEGAL
    return (MenuEntry(conformity_mention(publisher().rate), first.url), *others)


def _first_there(*urls: str) -> str:
    return next((url for url in urls if is_there(url)), "")
