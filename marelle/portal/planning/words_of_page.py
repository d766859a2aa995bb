"""What the page says around its tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.facts import ActivityFacts
from marelle.billing.labels import LATE_BILL
from marelle.bookings.planning import Planning
from marelle.core.french import day_plain, join_and, of_name
from marelle.families.selectors import Child
from marelle.flows.prices.months import PricedHome
from marelle.planning import grids
from marelle.planning.address import ALL_ACTIVITIES, Address, View
from marelle.planning.short_words import short_text, whose_text
from marelle.shell.menus import is_there
from marelle.ui.components import Choice, Filter, Kid, Link, Toolbar
from marelle.ui.grid import Grid

ENROLMENTS = "/inscriptions/"
FAMILY = "/famille/"


@dataclass(frozen=True, slots=True)
class Nothing:
    """Instead of a table: what is missing, and what to do next."""

    title: str
    text: str
    action_label: str = ""
    action_url: str = ""


def nothing(found: Planning, address: Address) -> Nothing | None:
    if any(shown.columns for shown in found.shown):
        return None
    if not found.children:
        return Nothing(
            _("Aucun enfant dans votre dossier"),
            _("Les réservations se font pour les enfants de votre famille : ajoutez d’abord le vôtre."),
            *_link(_("Voir ma famille"), FAMILY),
        )
    if address.activity is not None:
        everything = reverse("planning") + replace(address, activity=None).query
        return Nothing(
            _("Rien à réserver dans cette activité sur cette période"),
            _("Changez de date, ou regardez toutes les activités."),
            _("Voir toutes les activités"),
            everything,
        )
    names = join_and([shown.child.first_name for shown in found.shown])
    return Nothing(
        _("Rien à réserver pour %s sur cette période") % names,
        _("Changez de date. Un enfant qui n’est pas encore inscrit à une activité doit d’abord l’être."),
        *_link(_("Voir mes inscriptions"), ENROLMENTS),
    )


def notes(found: Planning) -> list[str]:
    """For whom the account may look and not book; who has nothing to book beside those who have."""
    said = []
    readers = [s.child.first_name for s in found.shown if s.columns and not s.child.may_book]
    if readers:
        said.append(_("Vous pouvez voir les réservations de %s, mais pas les modifier.") % join_and(readers))
    said += [_entries(*one) for one in found.left]
    if found.late:
        said.append(_late(found.late))
    idle = [s.child.first_name for s in found.shown if not s.columns]
    if idle and len(idle) < len(found.shown):
        said.append(_("Rien à réserver pour %s sur cette période.") % join_and(idle))
    return said


def paid_for(found: Planning, home: PricedHome | None, span: tuple[date, date]) -> str:
    """Who pays all or a part of what the cells say, of the children and the days that are shown; "" for
    nobody else."""
    if home is None:
        return ""
    shown = {one.child.id: one.child.first_name for one in found.shown}
    named = []
    for one in home.situation.paid_for:
        whose = shown.get(one.child_id, "") if one.child_id else ""
        if one.authority_id in home.known and one.holds(*span) and (whose or one.child_id is None):
            who = one.who or _("l’autre foyer")
            named.append(_("%(who)s (pour %(child)s)") % {"who": who, "child": whose} if whose else who)
    payers = list(dict.fromkeys(named))
    if not payers:
        return ""
    return ngettext(
        "Ces prix sont entiers\u00a0: %(who)s en paie tout ou partie.",
        "Ces prix sont entiers\u00a0: %(who)s en paient tout ou partie.",
        len(payers),
    ) % {"who": join_and(payers)}


def _late(activities: Iterable[ActivityFacts]) -> str:
    """That a bill is late, and where nothing more is booked meanwhile: never of how much."""
    closed = [one.name for one in activities if one.unpaid.closes_bookings]
    if not closed:
        return str(LATE_BILL)
    told = _("%(said)s D’ici là, pas de nouvelle réservation pour %(names)s\u00a0; annuler reste possible.")
    return told % {"said": LATE_BILL, "names": join_and(closed)}


def _entries(activity: str, entries: int, last: date | None) -> str:
    """What is left of the cards of a home in an activity."""
    if last is None:
        return _("%s : vous n’avez pas de carte d’entrées, contactez la structure.") % activity
    told = ngettext(
        "%(activity)s : il reste %(n)d entrée sur votre carte, jusqu’au %(last)s.",
        "%(activity)s : il reste %(n)d entrées sur votre carte, jusqu’au %(last)s.",
        entries,
    )
    return told % {"activity": activity, "n": entries, "last": day_plain(last)}


def missing(found: Planning) -> list[str]:
    """What is still to be booked to have the least that an activity asks, on the days shown."""
    names = {child.id: child.first_name for child in found.children}
    return [
        _("%(who)s · %(activity)s : %(told)s.")
        % {
            "who": whose_text(short, names.get(short.child_id or 0, "")),
            "activity": short.activity.name,
            "told": short_text(short),
        }
        for short in found.shorts
    ]


def lead(tables: Iterable[Grid], *, asks_reason: bool) -> str:
    """What is done on the page; hours are chosen, and no case is clicked."""
    if asks_reason:
        return _("Une case dont le délai est passé s’enregistre avec un motif de dérogation.")
    chosen = [cell.hours is not None for cell in grids.editable(tables)]
    if not chosen:
        return _("Jour par jour, ce qui est réservé et ce qui peut l’être.")
    if all(chosen):
        return _("Choisissez l’arrivée et le départ pour réserver, remettez les deux sur « – » pour annuler.")
    return _("Cliquez sur une case blanche pour réserver, cliquez à nouveau pour annuler.")


def _link(label: str, url: str) -> tuple[str, str]:
    return (label, url) if is_there(url) else ("", "")


def toolbar(planning: Planning, address: Address, *, today: date, now: datetime) -> Toolbar:
    """« Mois » opens where something can still be done once nothing can in what is left of the days shown."""
    page = reverse("planning")
    first, last = address.span
    is_over = first <= today <= last and grids.first_to_do(planning.shown, today=today, now=now) is None

    def url(one: Address) -> str:
        turned = is_over and one.view is View.MONTH and address.view is not View.MONTH
        return page + (one.undated if turned else one.query)

    offered = list(planning.activities)
    if address.activity is not None and address.activity not in dict(offered):
        offered.append((address.activity, _("rien sur cette période")))
    choices = (
        Choice(ALL_ACTIVITIES, _("toutes"), selected=address.activity is None),
        *(Choice(str(ident), name, selected=ident == address.activity) for ident, name in offered),
    )
    return replace(
        grids.moves(address, url, today=today),
        filter=Filter("activite", _("Activité"), choices, keep=address.pairs[:3], action=page),
    )


def repeats(planning: Planning, address: Address) -> list[Link]:
    """« Répéter… », of each child shown for whom something is open in the days shown."""
    children = [one.child for one in planning.shown if one.columns]
    return [
        Link(
            _("Répéter la semaine…")
            if address.child is not None
            else _("Répéter la semaine %(of_child)s…") % {"of_child": of_name(child.first_name)},
            reverse("planning_repeat") + replace(address, child=child.id).query,
        )
        for child in children
        if child.may_book or address.child is not None
    ]


def kids(children: Sequence[Child], address: Address) -> list[Kid]:
    page = reverse("planning")
    tabs = [
        Kid(
            child.first_name,
            page + replace(address, child=child.id, activity=None).query,
            child.first_name[:1],
            current=child.id == address.child,
        )
        for child in children
    ]
    if len(children) > 1:
        everyone = replace(address, child=None, activity=None)
        tabs.append(Kid(_("Tous"), page + everyone.query, str(len(children)), current=address.child is None))
    return tabs


def heading(planning: Planning, address: Address) -> str:
    names = {child.id: child.first_name for child in planning.children}
    if address.child in names:
        return _("Réservations %s") % of_name(names[address.child])
    return _("Réservations de tous les enfants") if names else _("Mes réservations")
