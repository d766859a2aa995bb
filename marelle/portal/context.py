"""The context processor that surrounds every page: names, account, menu. No query of its own for a family.

It stands here, and not with the flows, because it builds what `ui` draws.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from marelle.core.actor import Actor
from marelle.families.models import Family
from marelle.flows.middleware import NOBODY
from marelle.places.selectors import publisher
from marelle.portal.legal.words import conformity_mention
from marelle.portal.menus import AGENTS, family_menu, is_there, staff_menu
from marelle.ui.shell import LEGAL, PORTAL_NAME, MenuEntry, Shell

DASHBOARD: Final = "/tableau-de-bord/"


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
        menu=staff_menu(actor, path) if on_staff_side else family_menu(path),
        demo=settings.MARELLE_DEMO,
        account_url="/compte/" if is_there("/compte/") else "",
        logout_url="/deconnexion/" if is_there("/deconnexion/") else "",
        stop_acting_url=_first_there("/agents/familles/terminer/"),
        legal=_legal(),
    )


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
