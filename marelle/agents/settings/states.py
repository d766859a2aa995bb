"""What each card of « Réglages » says of how things stand."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.models import Gauge
from marelle.activities.services import parents_kept_by
from marelle.billing.selectors import import_runs
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.french import day_plain
from marelle.families.care.selectors import kept_types
from marelle.families.fields import FIELDS, Policy
from marelle.families.file.policies import policies
from marelle.flows.desk.reasons import reasons_counted
from marelle.flows.home.dormant import to_confirm
from marelle.mail.models import MessageState
from marelle.mail.selectors import counts_by_state
from marelle.papers.settings import types_counted
from marelle.places.posts.selectors import agents_counted
from marelle.places.selectors import authorities_in_office, portal_look


def states(actor: Actor, routes: Collection[str], now: datetime) -> dict[str, str]:
    """The state of each of these routes that has one; as many queries whatever the rows."""
    told: dict[str, Callable[[Actor], str]] = {**STATES, "agents_dormant:homes": partial(_dormant, now=now)}
    return {route: text for route, state in told.items() if route in routes and (text := state(actor))}


def _authorities(actor: Actor) -> str:
    count = len(authorities_in_office(actor))
    return _("%d collectivités") % count if count > 1 else ""


def _look(_actor: Actor) -> str:
    look = portal_look()
    return _("votre logo") if look and look.logo else _("sans logo")


def _texts(_actor: Actor) -> str:
    look = portal_look()
    count = len([text for text in look.texts.values() if text]) if look else 0
    return ngettext("%d texte à vous", "%d textes à vous", count) % count if count else _("textes d’origine")


def _mails(actor: Actor) -> str:
    """Nothing for an office: the mails that failed are those of every authority of the portal."""
    if not actor.is_administrator:
        return ""
    count = counts_by_state().get(MessageState.FAILED, 0)
    return ngettext("%d envoi en échec", "%d envois en échec", count) % count if count else ""


def _fields(_actor: Actor) -> str:
    chosen = policies()
    count = sum(chosen.get(field.code, field.default) == Policy.MODERATED for field in FIELDS)
    return ngettext("%d donnée vérifiée", "%d données vérifiées", count) % count


def _consents(actor: Actor) -> str:
    count = sum(one.active for one in kept_types(actor))
    return ngettext("%d demandée", "%d demandées", count) % count


def _papers(actor: Actor) -> str:
    count = types_counted(actor)
    return ngettext("%d document", "%d documents", count) % count


def _reasons(actor: Actor) -> str:
    count = reasons_counted(actor)
    return ngettext("%d motif prêt", "%d motifs prêts", count) % count


def _structures(actor: Actor) -> str:
    count = parents_kept_by(actor, Gauge).count()
    return ngettext("%d structure", "%d structures", count) % count


def _team(actor: Actor) -> str:
    count, invited = agents_counted(actor)
    told = ngettext("%d agent", "%d agents", count) % count
    waiting = ngettext("%d invité", "%d invités", invited) % invited
    return _("%(agents)s, dont %(invited)s") % {"agents": told, "invited": waiting} if invited else told


def _invoices(actor: Actor) -> str:
    run = import_runs(actor).exclude(done_at=None).order_by("-done_at").first()
    if run is None or run.done_at is None:
        return ""
    return _("dernier import : %(day)s") % {"day": day_plain(local(run.done_at).date())}


def _dormant(actor: Actor, now: datetime) -> str:
    count = to_confirm(actor, now=now)
    return ngettext("%d foyer à confirmer", "%d foyers à confirmer", count) % count if count else ""


STATES: dict[str, Callable[[Actor], str]] = {
    "agents_authorities:authorities": _authorities,
    "agents_look:look": _look,
    "agents_look:texts": _texts,
    "agents_mails:mails": _mails,
    "agents_settings:fields": _fields,
    "agents_consents:types": _consents,
    "paper_types:types": _papers,
    "agents_reasons:reasons": _reasons,
    "agents_activities:structures": _structures,
    "agents_team:team": _team,
    "agents_invoices:runs": _invoices,
}
