"""The context processor that surrounds every page: names, account, menu. No query of its own for a family,
one for an agent: what waits.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final, cast

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.core.actor import Actor, Guest
from marelle.core.clock import local
from marelle.core.rehearsal import is_rehearsal
from marelle.families.models import Family, Member
from marelle.families.selectors import current, kept_away
from marelle.flows.actor.actors import ACTING_FOR
from marelle.flows.actor.middleware import NOBODY, MarelleRequest, family_side_actor
from marelle.flows.desk.cases import waiting_counts
from marelle.places.labels import conformity_label
from marelle.places.selectors import publisher
from marelle.shell.menus import (
    AGENTS,
    DASHBOARD,
    FAMILIES,
    GUEST_ABOUT,
    GUEST_HOMES,
    GUEST_MENUS,
    GUEST_NAMES,
    family_dock,
    family_menu,
    is_there,
    staff_above,
    staff_menu,
    staff_tabs,
)
from marelle.ui.shell import LEGAL, PORTAL_NAME, STAFF_FRAME, MenuEntry, Shell

DOOR: Final = "/porte/"


def home_of(actor: Actor) -> str:
    """Where « menu » leads: the dashboard of a family, the agents' side for staff without one, the first
    page of a guest."""
    if actor.guest is not None:
        return GUEST_HOMES[actor.guest]
    if actor.family_id is None and actor.is_staff:
        return AGENTS
    return DASHBOARD if actor.user_id is not None else "/"


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell` for every template, built where one shows it: the part of a page for a script does not."""
    return {"shell": SimpleLazyObject(lambda: _shell_of(request))}


def _shell_of(request: HttpRequest) -> Shell:
    actor: Actor = getattr(request, "actor", NOBODY)
    acts_elsewhere = request.path.startswith(AGENTS) and ACTING_FOR in getattr(request, "session", ())
    acting = family_side_actor(cast("MarelleRequest", request)) if acts_elsewhere else actor
    unread = 0 if actor.on_behalf_of else getattr(getattr(request, "user", None), "unread", 0)
    today = getattr(request, "today", None) or local(timezone.now()).date()
    guest = actor.guest or getattr(request, "speaks_to", None)
    if guest is not None:
        return _guest_shell(actor, guest)
    return _shell(actor, acting, request.path, unread, today)


def shell_of_nobody() -> Shell:
    """Of a page on which nobody is looked at, and from which nothing leads in."""
    shell = _shell(NOBODY, NOBODY, "/", 0, local(timezone.now()).date())
    return replace(shell, login_url="")


def _guest_shell(actor: Actor, guest: Guest) -> Shell:
    """Of a guest's pages, and of those by which one comes in, whom nobody is yet."""
    is_in = actor.guest is not None
    return Shell(
        portal_name=GUEST_NAMES[guest],
        organisation=publisher().name,
        description=GUEST_ABOUT[guest],
        demo=settings.MARELLE_DEMO,
        rehearsal=is_rehearsal(),
        legal=_legal(),
        **_entries_of_guest(actor, guest) if is_in else {"login_url": "/connexion/"},
        **_look(),
    )


def _entries_of_guest(actor: Actor, guest: Guest) -> dict[str, Any]:
    return {
        "account_label": actor.label,
        "home_url": GUEST_HOMES[guest],
        "home_label": GUEST_MENUS[guest],
        "account_url": "/compte/",
        "logout_url": "/deconnexion/",
    }


def _shell(actor: Actor, acting: Actor, path: str, unread: int, today: date) -> Shell:
    """`acting` is who the actor is on the family's screens; `unread` is of the home of the account."""
    on_staff_side = path.startswith(AGENTS)
    if path.startswith(DOOR):
        # Shared by a team, whoever is logged in besides.
        return Shell(
            portal_name=_("À la porte"),
            organisation=publisher().name,
            home_url=f"{DOOR}presences/",
            demo=settings.MARELLE_DEMO,
            rehearsal=is_rehearsal(),
            legal=_legal(),
            **_look(),
        )
    if actor.user_id is None:
        return Shell(
            organisation=publisher().name,
            demo=settings.MARELLE_DEMO,
            rehearsal=is_rehearsal(),
            login_url="/connexion/",
            legal=_legal(),
            **_look(),
        )
    waiting = waiting_counts(actor) if on_staff_side else {}
    menu = staff_menu(actor, path, waiting) if on_staff_side else family_menu(path)
    return Shell(
        portal_name=_("Espace agents") if on_staff_side and actor.is_staff else PORTAL_NAME,
        organisation=publisher().name,
        account_label=actor.label,
        home_url=AGENTS if on_staff_side else home_of(actor),
        is_staff=actor.is_staff,
        is_family=acting.family_id is not None,
        frame=STAFF_FRAME if on_staff_side and actor.is_staff else "ui/base.html",
        **_acting_for(acting, today),
        menu=menu,
        tabs=staff_tabs(actor, path, waiting) if on_staff_side else (),
        above=staff_above(actor, path) if on_staff_side else None,
        dock=family_dock(path, unread) if not on_staff_side and actor.family_id is not None else (),
        demo=settings.MARELLE_DEMO,
        rehearsal=is_rehearsal(),
        account_url="/compte/" if is_there("/compte/") else "",
        logout_url="/deconnexion/" if is_there("/deconnexion/") else "",
        stop_acting_url=_first_there("/agents/familles/terminer/"),
        legal=_legal(),
        search_url=_search(menu, path),
        **_look(),
    )


def _search(menu: tuple[MenuEntry, ...], path: str) -> str:
    """The page of the families, for who has it in its menu; not above that page, which has its own field."""
    return FAMILIES if path != FAMILIES and any(entry.url == FAMILIES for entry in menu) else ""


def _look() -> dict[str, Any]:
    found = publisher()
    look: dict[str, Any] = {}
    if found.main or found.accent:
        look["theme_url"] = reverse("theme:colours", args=[found.revision])
    if found.logo_size != (0, 0):
        look["logo_url"] = reverse("theme:logo", args=[found.revision])
        look["logo_size"] = found.logo_size
    return look


def _acting_for(actor: Actor, today: date) -> dict[str, Any]:
    """The name of the home, and whether a judge keeps it away from a child; one query, none for a family."""
    if not actor.on_behalf_of:
        return {}
    away = Exists(
        Member.objects.filter(
            current(today), kept_away(today, "person_id", home="family_id"), family_id=OuterRef("pk")
        )
    )
    name, judged = Family.objects.values_list("name", away).get(pk=actor.home_id)
    url = reverse("agents_families:family", args=[actor.home_id]) if judged else ""
    return {"acting_for": name, "judged_url": url}


def _legal() -> tuple[MenuEntry, ...]:
    """The law wants the state of accessibility on every page."""
    first, *others = LEGAL
    label = gettext("Accessibilité : %(word)s") % {"word": conformity_label(publisher().rate)}
    return (MenuEntry(label, first.url), *others)


def _first_there(*urls: str) -> str:
    return next((url for url in urls if is_there(url)), "")
