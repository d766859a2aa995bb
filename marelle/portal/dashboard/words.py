"""The dashboard in French: from facts to what the template prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.bookings.selectors import ComingBooking, NothingBooked
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
    time_long,
    until_long,
)
from marelle.flows.dashboard import Dashboard, DayAhead
from marelle.places.rules import DAY
from marelle.ui.shell import MenuEntry, Text

NOTES_SHOWN = 4
"""More would push the menu out of sight; the planning shows them all."""

NAMED_STRUCTURES = 2

READ_AFTER_LEAVING = ("/factures/", "/historique/", "/contact/", "/compte/")
"""What is left of the menu for a home that has left."""


@dataclass(frozen=True, slots=True)
class Note:
    title: str
    text: str
    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Tile:
    label: Text
    url: str
    icon: str
    text: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class DayCard:
    title: str
    lines: tuple[str, ...]


def greeting(facts: Dashboard, actor: Actor) -> str:
    me = next((line for line in facts.people if line.is_me), None)
    if me is None or actor.on_behalf_of:
        return _("Bonjour")
    return _("Bonjour %(first_name)s") % {"first_name": me.first_name}


def lead(facts: Dashboard) -> str:
    day = day_long(facts.today).capitalize()
    if facts.has_left:
        return _("Votre famille n’est plus inscrite. Vos factures et votre historique restent ici.")
    if something_waits(facts):
        return _("%(day)s. Voici ce qui attend votre famille.") % {"day": day}
    return _("%(day)s. Rien ne vous attend : tout est à jour.") % {"day": day}


def something_waits(facts: Dashboard) -> bool:
    """Whether anything on the page is for the family to do, or to read."""
    waiting = facts.waiting
    return bool(
        facts.offers
        or facts.nothing_booked
        or facts.enrolments.requested
        or first_step(facts)
        or facts.due.count
        or waiting.to_confirm
        or waiting.changes
        or waiting.unread
        or waiting.to_accept
        or waiting.mismatches
        or _papers_to_do(facts)
    )


def notes(facts: Dashboard) -> tuple[Note, ...]:
    """What the door saw otherwise; a place offered, which waits hours and not days; one for each enrolment
    with nothing booked, the nearest limit first; the file to confirm."""
    told = [_offered(row, facts.today) for row in facts.offers[:NOTES_SHOWN]]
    told += [_nothing_booked(row, facts.today) for row in facts.nothing_booked[:NOTES_SHOWN]]
    if facts.waiting.mismatches and not facts.has_left:
        told.insert(0, _mismatches(facts.waiting.mismatches))
    if facts.waiting.to_confirm and not facts.has_left:
        told.append(
            Note(
                _("Une fois par an, nous vous demandons de relire votre dossier."),
                _("Cela prend deux minutes : tout est sur une page."),
                "/famille/confirmer/",
                _("Relire et confirmer"),
            )
        )
    return tuple(told)


def _offered(row: ComingBooking, today: date) -> Note:
    title = _("Une place est proposée à %(child)s : %(day)s, %(slot)s.") % {
        "child": row.child_first_name,
        "day": _for_day(row.day, today),
        "slot": _slot(row),
    }
    text = _("Elle vous est gardée %(until)s.") % {"until": until_long(row.offered_until or row.starts_at)}
    return Note(title, text, f"/reservations/proposition/{row.booking_id}/", _("Répondre"))


def _mismatches(count: int) -> Note:
    title = ngettext(
        "Présence du jour : une réservation et ce que l’équipe a vu ne s’accordent pas.",
        "Présence du jour : pour %(n)d créneaux, une réservation et ce que l’équipe a vu ne s’accordent pas.",
        count,
    )
    return Note(
        title % {"n": count},
        _("Absence, oubli ou erreur ? Répondez en une touche."),
        "/reservations/pointage/",
        _("Répondre"),
    )


def first_step(facts: Dashboard) -> Note | None:
    """Where a family with nothing yet begins."""
    if facts.has_left:
        return None
    if not any(not line.is_adult for line in facts.people):
        return Note(
            _("Première étape : ajoutez votre enfant."),
            _("Même s’il n’est pas encore né. Le service vérifie, puis vous demandez une inscription."),
            "/famille/ajouter/",
            _("Ajouter un enfant"),
        )
    if facts.enrolments.accepted or facts.enrolments.requested:
        return None
    return Note(
        _("Première étape : demandez une inscription."),
        _("Une fois l’inscription acceptée, vous réservez les jours qui vous conviennent."),
        "/inscriptions/",
        _("Demander une inscription"),
    )


def tiles(facts: Dashboard, menu: Iterable[MenuEntry], now: datetime) -> tuple[Tile, ...]:
    """The menu, each entry with what is there and what waits; what one that has left may still read."""
    told = {
        "/famille/": _family(facts),
        "/inscriptions/": _enrolments(facts),
        "/reservations/": _bookings(facts),
        "/factures/": _invoices(facts),
        "/documents/": _papers(facts),
        "/documentation/": _publications(facts),
        "/historique/": (_last_connection(facts, now), ""),
        "/contact/": _contact(facts),
        "/compte/": (_("Identifiant, adresse de courriel, mot de passe"), ""),
    }
    return tuple(
        Tile(entry.label, entry.url, entry.icon, *told.get(entry.url, ("", "")))
        for entry in menu
        if not facts.has_left or entry.url in READ_AFTER_LEAVING
    )


def days(facts: Dashboard) -> tuple[DayCard, ...]:
    return tuple(DayCard(day_short(ahead.day).capitalize(), _lines(ahead)) for ahead in facts.days)


def near(day: date, today: date) -> str:
    """ "aujourd’hui", "demain, mardi 1er décembre", "mercredi 2 décembre"."""
    if day == today:
        return _("aujourd’hui")
    if day == today + DAY:
        return _("demain, %(day)s,") % {"day": day_long(day)}
    return day_long(day)


def _nothing_booked(row: NothingBooked, today: date) -> Note:
    title = _(
        "%(child)s · %(activity)s\u00a0: l’inscription est acceptée, mais aucun créneau n’est réservé."
    ) % {
        "child": row.child_first_name,
        "activity": row.activity_name,
    }
    url = f"/reservations/?enfant={row.child_id}&activite={row.activity_id}"
    if row.day is None or row.closes_at is None:
        return Note(title, _("Choisissez ses jours sur le planning."), url, _("Réserver"))
    limit = local(row.closes_at)
    text = _("Pour %(day)s, réservez avant %(limit)s.") % {
        "day": _for_day(row.day, today),
        "limit": _limit(limit, today),
    }
    return Note(title, text, f"{url}&date={row.day.isoformat()}", _("Réserver"))


def _for_day(day: date, today: date) -> str:
    return near(day, today).rstrip(",") if day == today else day_long(day)


def _limit(limit: datetime, today: date) -> str:
    """ "demain, mardi 1er décembre, à 12 h 00", "le mardi 8 décembre à 12 h 00"."""
    if limit.date() in {today, today + DAY}:
        told = {"day": near(limit.date(), today), "time": time_long(limit.time())}
        return _("%(day)s à %(time)s") % told
    return _("le %(instant)s") % {"instant": instant_long(limit)}


def _enrolments(facts: Dashboard) -> tuple[str, str]:
    accepted, requested = facts.enrolments.accepted, facts.enrolments.requested
    text = _("Aucune inscription pour le moment")
    if accepted:
        text = ngettext("%(n)d inscription en cours", "%(n)d inscriptions en cours", accepted) % {
            "n": accepted
        }
    badge = ""
    if requested:
        badge = ngettext("%(n)d demande en attente", "%(n)d demandes en attente", requested) % {
            "n": requested
        }
    return text, badge


def _bookings(facts: Dashboard) -> tuple[str, str]:
    text = _("Rien de réservé dans les prochains jours")
    if facts.next_booking is not None:
        told = {
            "day": near(facts.next_booking.day, facts.today).rstrip(","),
            "slot": _slot(facts.next_booking),
            "child": facts.next_booking.child_first_name,
        }
        text = _("Prochain créneau : %(day)s, %(slot)s (%(child)s)") % told
    if facts.offers:
        count = len(facts.offers)
        return text, ngettext("%(n)d place proposée", "%(n)d places proposées", count) % {"n": count}
    waiting = list(dict.fromkeys(row.child_first_name for row in facts.nothing_booked))
    badge = _("Créneaux à réserver pour %(names)s") % {"names": join_and(waiting)} if waiting else ""
    return text, badge


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


def _family(facts: Dashboard) -> tuple[str, str]:
    changes = facts.waiting.changes
    badge = ""
    if facts.waiting.to_confirm:
        badge = _("Dossier à confirmer")
    elif changes:
        badge = ngettext("%(n)d modification à vérifier", "%(n)d modifications à vérifier", changes)
        badge %= {"n": changes}
    return join_and([line.first_name for line in facts.people]), badge


def _invoices(facts: Dashboard) -> tuple[str, str]:
    due = facts.due
    if not due.count or due.next_due is None:
        return _("Rien à régler pour le moment"), ""
    text = ngettext("%(n)d facture : %(left)s", "%(n)d factures : %(left)s", due.count)
    told = {"n": due.count, "left": euros_text(due.left), "day": day_plain(due.next_due)}
    late = due.next_due < facts.today
    badge = _("La date du %(day)s est passée") if late else _("À régler avant le %(day)s")
    return text % told, badge % told


def _papers_to_do(facts: Dashboard) -> int:
    papers = facts.waiting.papers
    return papers.to_send + papers.refused + papers.expiring


def _papers(facts: Dashboard) -> tuple[str, str]:
    papers = facts.waiting.papers
    if not _papers_to_do(facts):
        return _("Aucun document ne manque"), ""
    text = ngettext("%(n)d document vous attend", "%(n)d documents vous attendent", _papers_to_do(facts))
    text %= {"n": _papers_to_do(facts)}
    for count, one, many in (
        (papers.refused, _("%(n)d document à renvoyer"), _("%(n)d documents à renvoyer")),
        (papers.to_send, _("%(n)d document manquant"), _("%(n)d documents manquants")),
        (papers.expiring, _("%(n)d document expire bientôt"), _("%(n)d documents expirent bientôt")),
    ):
        if count:
            return text, (one if count == 1 else many) % {"n": count}
    return text, ""


def _publications(facts: Dashboard) -> tuple[str, str]:
    waiting = facts.waiting
    if not waiting.publications:
        return _("Règlements, menus, formulaires"), ""
    text = ngettext("%(n)d document à télécharger", "%(n)d documents à télécharger", waiting.publications)
    badge = ""
    if waiting.to_accept:
        badge = ngettext("%(n)d règlement à accepter", "%(n)d règlements à accepter", waiting.to_accept)
        badge %= {"n": waiting.to_accept}
    return text % {"n": waiting.publications}, badge


def _contact(facts: Dashboard) -> tuple[str, str]:
    unread = facts.waiting.unread
    badge = ngettext("%(n)d réponse non lue", "%(n)d réponses non lues", unread) % {"n": unread}
    if not facts.structures:
        text = _("Écrire, ou appeler une structure")
    elif len(facts.structures) > NAMED_STRUCTURES:
        text = _("%(n)d structures accueillent vos enfants") % {"n": len(facts.structures)}
    else:
        text = join_and([card.name for card in facts.structures])
    return text, badge if unread else ""


def _lines(ahead: DayAhead) -> tuple[str, ...]:
    """One line a child: "Zoé · repas, soir"."""
    ordered = sorted(ahead.bookings, key=lambda row: (row.child_first_name, row.child_id, row.starts_at))
    return tuple(
        f"{name} · {', '.join(_slot_and_state(row) for row in rows)}"
        for (name, _id), rows in groupby(ordered, key=lambda row: (row.child_first_name, row.child_id))
    )


def _slot(row: ComingBooking) -> str:
    if row.by_hour:
        return hours_text(local(row.starts_at).time(), local(row.ends_at).time())
    return row.slot_name[:1].lower() + row.slot_name[1:]


def _slot_and_state(row: ComingBooking) -> str:
    told = {
        BookingState.REQUESTED: _("%(slot)s (à valider)"),
        BookingState.OFFERED: _("%(slot)s (place proposée)"),
        BookingState.WAITING: _("%(slot)s (liste d’attente)"),
    }.get(BookingState(row.state), "%(slot)s")
    return told % {"slot": _slot(row)}
