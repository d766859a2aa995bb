"""The dashboard in French: what is next, the menu with what is there; what there is to do is in `todo`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.billing.selectors import DueInvoices
from marelle.bookings.selectors import ComingBooking, LostBooking
from marelle.bookings.states import BookingState
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.french import (
    day_long,
    day_plain,
    day_short,
    euros_text,
    hours_text,
    instant_long,
    join_and,
    month_name,
    time_long,
    time_text,
)
from marelle.flows.dashboard.rules import DayAhead, Span
from marelle.flows.dashboard.selectors import Dashboard
from marelle.places.rules import DAY
from marelle.ui.components import Row
from marelle.ui.shell import MenuEntry

NAMED_STRUCTURES = 2

READ_AFTER_LEAVING = ("/factures/", "/historique/", "/contact/", "/compte/")
"""What is left of the menu for a home that has left."""

SPANS = {
    Span.THIS_WEEK: gettext_lazy("Cette semaine"),
    Span.NEXT_WEEK: gettext_lazy("La semaine prochaine"),
    Span.NEXT_DAYS: gettext_lazy("Les prochains jours"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    text: str = ""
    tone: str = "warn"


@dataclass(frozen=True, slots=True)
class DayLine:
    """What a child has on a day; `initial` stands for its name where there is little room."""

    initial: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class DayCard:
    title: str
    url: str
    lines: tuple[DayLine, ...]
    closed: tuple[str, ...]


def greeting(facts: Dashboard, actor: Actor) -> str:
    me = next((line for line in facts.people if line.is_me), None)
    if me is None or actor.on_behalf_of:
        return _("Bonjour")
    return _("Bonjour %(first_name)s") % {"first_name": me.first_name}


def lead(facts: Dashboard) -> str:
    day = day_long(facts.today).capitalize()
    if facts.has_left:
        return _("Votre famille n’est plus inscrite. Vos factures et votre historique restent ici.")
    if facts.todo:
        return day
    return _("%(day)s. Rien ne vous attend\u00a0: tout est à jour.") % {"day": day}


def menu(facts: Dashboard, entries: Iterable[MenuEntry], now: datetime) -> tuple[Row, ...]:
    """Each entry with what is there and what waits; what a home that has left may still read."""
    told = {
        "/famille/": _family(facts),
        "/inscriptions/": _enrolments(facts),
        "/reservations/": _bookings(facts),
        "/factures/": _invoices(facts),
        "/documents/": _papers(facts),
        "/documentation/": _publications(facts),
        "/historique/": (_last_connection(facts, now), Badge()),
        "/contact/": _contact(facts),
    }
    rows = []
    for entry in entries:
        if not facts.has_left or entry.url in READ_AFTER_LEAVING:
            text, badge = told.get(entry.url, ("", Badge()))
            tone = badge.tone if badge.text else ""
            rows.append(Row(entry.label, entry.url, entry.icon, text, badge.text, tone))
    return tuple(rows)


def days(facts: Dashboard) -> tuple[DayCard, ...]:
    kids = [line for line in facts.people if not line.is_adult]
    initials = Counter(line.first_name[:1] for line in kids)
    shorts = {line.id: line.first_name[: 1 if initials[line.first_name[:1]] == 1 else 2] for line in kids}
    whose = str(kids[0].id) if len(kids) == 1 else "tous"
    return tuple(
        DayCard(
            title=day_short(ahead.day),
            url=f"/reservations/?enfant={whose}&date={ahead.day.isoformat()}",
            lines=_lines(ahead, shorts),
            closed=ahead.closed,
        )
        for ahead in facts.days
    )


def near(day: date, today: date) -> str:
    """ "aujourd’hui", "demain, mardi 1er décembre", "mercredi 2 décembre"."""
    if day == today:
        return _("aujourd’hui")
    if day == today + DAY:
        return _("demain, %(day)s") % {"day": day_long(day)}
    return day_long(day)


def slot_text(row: ComingBooking | LostBooking) -> str:
    starts, ends = local(row.starts_at).time(), local(row.ends_at).time()
    if isinstance(row, ComingBooking) and row.is_morning:
        return _("matinée du relais à %(time)s") % {"time": time_text(starts)}
    return hours_text(starts, ends) if row.by_hour else row.slot_name[:1].lower() + row.slot_name[1:]


def _family(facts: Dashboard) -> tuple[str, Badge]:
    changes = facts.waiting.changes
    badge = Badge()
    if facts.waiting.to_confirm:
        badge = Badge(_("à relire"))
    elif changes:
        badge = Badge(_("%(n)d en vérification") % {"n": changes}, "info")
    return join_and([line.first_name for line in facts.people]), badge


def _enrolments(facts: Dashboard) -> tuple[str, Badge]:
    accepted, requested = facts.enrolments.accepted, facts.enrolments.requested
    text = _("%(n)d en cours") % {"n": accepted} if accepted else _("Aucune pour le moment")
    return text, Badge(_("%(n)d en attente") % {"n": requested}, "info") if requested else Badge()


def _bookings(facts: Dashboard) -> tuple[str, Badge]:
    text = _("Rien de réservé dans les prochains jours")
    if facts.next_booking is not None:
        told = {
            "day": near(facts.next_booking.day, facts.today),
            "slot": slot_text(facts.next_booking),
            "child": facts.next_booking.child_first_name,
        }
        text = _("Prochain créneau\u00a0: %(day)s, %(slot)s (%(child)s)") % told
    if facts.so_far is not None:
        so_far = {"month": month_name(facts.today), "total": euros_text(facts.so_far)}
        text += " · " + _("%(month)s\u00a0: %(total)s à ce jour") % so_far
    if facts.offers:
        count = len(facts.offers)
        offered = ngettext("%(n)d place proposée", "%(n)d places proposées", count)
        return text, Badge(offered % {"n": count}, "error")
    return text, Badge(_("à réserver")) if facts.nothing_booked else Badge()


def _invoices(facts: Dashboard) -> tuple[str, Badge]:
    due = facts.due.by_hand
    if due.next_due is None:
        return _debited(facts.due.debited, facts.today), Badge()
    told = {"left": euros_text(due.left), "day": day_plain(due.next_due)}
    if due.next_due < facts.today:
        late = due.late(facts.today).count
        return _("%(left)s à payer") % told, Badge(_("en retard"), "error") if late else Badge()
    return _("%(left)s à payer avant le %(day)s") % told, Badge()


def _debited(due: DueInvoices, today: date) -> str:
    """Of bills of which none is to be paid by hand: the date is of those to come, not of one that the
    Trésor has not told of yet."""
    if not due.count:
        return _("Rien à régler pour le moment")
    coming = due.from_day(today)
    told = {"left": euros_text(due.left), "coming": euros_text(coming.left)}
    if coming.next_due is None:
        return _("%(left)s en cours de prélèvement") % told
    told["day"] = day_plain(coming.next_due)
    if coming.count < due.count:
        return _("%(left)s en prélèvement, dont %(coming)s à partir du %(day)s") % told
    return _("%(left)s en prélèvement, à partir du %(day)s") % told


def _papers(facts: Dashboard) -> tuple[str, Badge]:
    papers = facts.waiting.papers
    if not papers.in_all:
        return _("Aucun document ne manque"), Badge()
    text = ngettext("%(n)d vous attend", "%(n)d vous attendent", papers.in_all) % {"n": papers.in_all}
    if papers.refused:
        return text, Badge(_("%(n)d à renvoyer") % {"n": papers.refused})
    if papers.to_send:
        return text, Badge(_("%(n)d à envoyer") % {"n": papers.to_send})
    ending = ngettext("%(n)d expire bientôt", "%(n)d expirent bientôt", papers.expiring)
    return text, Badge(ending % {"n": papers.expiring})


def _publications(facts: Dashboard) -> tuple[str, Badge]:
    waiting = facts.waiting
    if not waiting.publications:
        return _("Règlements, menus, formulaires"), Badge()
    text = _("%(n)d à télécharger") % {"n": waiting.publications}
    return text, Badge(_("%(n)d à accepter") % {"n": waiting.to_accept}) if waiting.to_accept else Badge()


def _contact(facts: Dashboard) -> tuple[str, Badge]:
    unread = facts.waiting.unread
    badge = ngettext("%(n)d non lue", "%(n)d non lues", unread) % {"n": unread} if unread else ""
    if not facts.structures:
        text = _("Écrire, ou appeler une structure")
    elif len(facts.structures) > NAMED_STRUCTURES:
        text = _("%(n)d structures accueillent vos enfants") % {"n": len(facts.structures)}
    else:
        text = join_and([card.name for card in facts.structures])
    return text, Badge(badge)


def _last_connection(facts: Dashboard, now: datetime) -> str:
    if facts.last_connection is None:
        return _("Ce qui a été fait sur votre dossier")
    there = local(facts.last_connection)
    today = local(now).date()
    told = {"time": time_long(there.time())}
    if there.date() == today:
        return _("Dernière connexion aujourd’hui à %(time)s") % told
    if there.date() == today - DAY:
        return _("Dernière connexion hier à %(time)s") % told
    return _("Dernière connexion le %(instant)s") % {"instant": instant_long(facts.last_connection)}


def _lines(ahead: DayAhead, shorts: dict[int, str]) -> tuple[DayLine, ...]:
    """One line a child, in the order of the home: "Zoé", "repas, soir"."""
    by_child: dict[int, list[ComingBooking]] = {}
    for row in ahead.bookings:
        by_child.setdefault(row.child_id, []).append(row)
    return tuple(
        DayLine(
            shorts.get(child_id, rows[0].child_first_name[:1]),
            rows[0].child_first_name,
            ", ".join(_slot_and_state(row) for row in rows),
        )
        for child_id, rows in by_child.items()
    )


def _slot_and_state(row: ComingBooking) -> str:
    told = {
        BookingState.REQUESTED: _("%(slot)s (à valider)"),
        BookingState.OFFERED: _("%(slot)s (place proposée)"),
    }.get(BookingState(row.state), "%(slot)s")
    return told % {"slot": slot_text(row)}
