"""The sentences of the dashboard."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from marelle.billing.selectors import DueInvoices
from marelle.bookings.selectors import ComingBooking, NothingBooked
from marelle.bookings.states import BookingState
from marelle.core.clock import instant_at
from marelle.enrolments.selectors import EnrolmentCounts
from marelle.families.pages import PersonLine
from marelle.flows.dashboard import Dashboard, DayAhead, Waiting
from marelle.papers.selectors import PaperCounts
from marelle.portal.dashboard import words
from marelle.ui.shell import MenuEntry

MONDAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)

FACTS = Dashboard(
    today=MONDAY,
    people=(
        PersonLine(1, "Camille", "Durand", True, None, None, True),
        PersonLine(2, "Zoé", "Durand", False, date(2019, 3, 4), None, False),
    ),
    nothing_booked=(),
    enrolments=EnrolmentCounts(accepted=2, requested=0),
    days=(),
    next_booking=None,
    structures=(),
    last_connection=None,
    due=DueInvoices(0, None, Decimal(0)),
    waiting=Waiting(),
    news=(),
    has_left=False,
)


def nothing(closes_on: date | None) -> NothingBooked:
    closes_at = None if closes_on is None else instant_at(closes_on, time(12))
    day = None if closes_on is None else date(2026, 12, 9)
    return NothingBooked(1, 2, "Léo", 3, "Mercredis", day, closes_at)


def note_of(closes_on: date | None) -> words.Note:
    (note,) = words.notes(replace(FACTS, nothing_booked=(nothing(closes_on),)))
    return note


def coming(name: str, child: int, slot: str, state: BookingState, *, by_hour: bool = False) -> ComingBooking:
    starts_at, ends_at = instant_at(MONDAY, time(8)), instant_at(MONDAY, time(17, 30))
    return ComingBooking(MONDAY, child, name, slot, starts_at, ends_at, by_hour, state)


def text_of(facts: Dashboard, url: str) -> tuple[str, str]:
    (tile,) = words.tiles(facts, [MenuEntry("x", url, "x")], NOW)
    return tile.text, tile.badge


def test_the_limit_is_told_from_today():
    assert "avant aujourd’hui à 12 h 00." in note_of(MONDAY).text
    assert "avant demain, mardi 1er décembre, à 12 h 00." in note_of(date(2026, 12, 1)).text
    assert "avant le mardi 8 décembre à 12 h 00." in note_of(date(2026, 12, 8)).text


def test_without_a_day_to_book_the_note_leads_to_the_planning():
    note = note_of(None)
    assert note.text == "Choisissez ses jours sur le planning."
    assert note.url == "/reservations/?enfant=2&activite=3"


def test_a_long_list_of_notes_is_cut():
    many = tuple(nothing(MONDAY) for _ in range(9))
    assert len(words.notes(replace(FACTS, nothing_booked=many))) == words.NOTES_SHOWN


def test_who_has_a_next_day_is_not_told_that_nothing_is_booked():
    soon = coming("Léo", 2, "Repas", BookingState.BOOKED)
    text, badge = text_of(
        replace(FACTS, next_booking=soon, nothing_booked=(nothing(MONDAY),)), "/reservations/"
    )
    assert text == "Prochain créneau : aujourd’hui, repas (Léo)"
    assert badge == "Créneaux à réserver pour Léo"


def test_each_child_has_one_line_with_what_is_not_sure_said():
    ahead = DayAhead(
        MONDAY,
        (
            coming("Zoé", 2, "Repas", BookingState.BOOKED),
            coming("Noé", 3, "Accueil", BookingState.BOOKED, by_hour=True),
            coming("Zoé", 2, "Soir", BookingState.REQUESTED),
        ),
    )
    (day,) = words.days(replace(FACTS, days=(ahead,)))
    assert day.title == "Lun. 30"
    assert len(day.lines) == 2
    assert "Zoé · repas, soir (à valider)" in day.lines


def test_two_children_of_one_first_name_have_two_lines():
    booked = BookingState.BOOKED
    ahead = DayAhead(MONDAY, (coming("Lou", 2, "Repas", booked), coming("Lou", 3, "Repas", booked)))
    (day,) = words.days(replace(FACTS, days=(ahead,)))
    assert day.lines == ("Lou · repas", "Lou · repas")


def test_the_last_connection_is_told_from_today():
    assert "hier à 22 h 14" in text_of(replace(FACTS, last_connection=_at(29, 22, 14)), "/historique/")[0]
    assert "aujourd’hui à 7 h 00" in text_of(replace(FACTS, last_connection=_at(30, 7, 0)), "/historique/")[0]
    assert (
        "le vendredi 20 novembre à 7 h 00"
        in text_of(replace(FACTS, last_connection=_at(20, 7, 0)), "/historique/")[0]
    )


def test_numbers_agree():
    one, many = EnrolmentCounts(accepted=1, requested=1), EnrolmentCounts(accepted=4, requested=2)
    assert text_of(replace(FACTS, enrolments=one), "/inscriptions/") == (
        "1 inscription en cours",
        "1 demande en attente",
    )
    assert text_of(replace(FACTS, enrolments=many), "/inscriptions/") == (
        "4 inscriptions en cours",
        "2 demandes en attente",
    )


def test_nothing_waits_is_said():
    assert words.lead(FACTS) == "Lundi 30 novembre. Rien ne vous attend : tout est à jour."
    waiting = replace(FACTS, nothing_booked=(nothing(MONDAY + timedelta(days=1)),))
    assert words.lead(waiting) == "Lundi 30 novembre. Voici ce qui attend votre famille."


def _at(day: int, hour: int, minute: int) -> datetime:
    return instant_at(date(2026, 11, day), time(hour, minute))


def waiting(**told: object) -> Dashboard:
    return replace(FACTS, waiting=Waiting(**told))  # type: ignore[arg-type]


def test_each_tile_says_what_waits():
    due = replace(FACTS, due=DueInvoices(2, date(2026, 12, 15), Decimal("86.40")))
    assert text_of(due, "/factures/") == ("2 factures : 86,40\xa0€", "À régler avant le 15 décembre 2026")
    late = replace(FACTS, due=DueInvoices(1, date(2026, 11, 29), Decimal("5.00")))
    assert text_of(late, "/factures/") == ("1 facture : 5,00\xa0€", "La date du 29 novembre 2026 est passée")
    papers = waiting(papers=PaperCounts(to_send=2, expiring=1))
    assert text_of(papers, "/documents/") == ("3 documents vous attendent", "2 documents manquants")
    refused = waiting(papers=PaperCounts(to_send=1, refused=1))
    assert text_of(refused, "/documents/")[1] == "1 document à renvoyer"
    assert text_of(waiting(publications=5, to_accept=1), "/documentation/") == (
        "5 documents à télécharger",
        "1 règlement à accepter",
    )
    assert text_of(waiting(unread=1), "/contact/")[1] == "1 réponse non lue"
    assert text_of(waiting(changes=2), "/famille/") == ("Camille et Zoé", "2 modifications à vérifier")
    assert text_of(waiting(to_confirm=True), "/famille/")[1] == "Dossier à confirmer"


def test_nothing_waits_and_it_says_so():
    assert words.lead(FACTS).endswith("Rien ne vous attend : tout est à jour.")
    for url in ("/factures/", "/documents/", "/documentation/", "/contact/", "/famille/"):
        assert text_of(FACTS, url)[1] == ""
    for facts in (
        waiting(to_confirm=True),
        waiting(changes=1),
        waiting(unread=1),
        waiting(to_accept=1),
        waiting(mismatches=1),
        waiting(papers=PaperCounts(expiring=1)),
        replace(FACTS, due=DueInvoices(1, MONDAY, Decimal(1))),
    ):
        assert words.lead(facts).endswith("Voici ce qui attend votre famille.")


def test_what_the_door_saw_otherwise_comes_first():
    told = words.notes(replace(FACTS, nothing_booked=(nothing(None),), waiting=Waiting(mismatches=2)))
    assert told[0].url == "/reservations/pointage/"
    assert "pour 2 créneaux" in told[0].title, "one day has several, and is answered once"
    assert words.notes(replace(FACTS, has_left=True, waiting=Waiting(mismatches=2))) == ()


def test_a_family_that_has_left_keeps_its_bills_and_its_history():
    left = replace(FACTS, has_left=True, enrolments=EnrolmentCounts(0, 0))
    menu = [MenuEntry("x", url, "x") for url in ("/famille/", "/factures/", "/historique/", "/reservations/")]
    assert [tile.url for tile in words.tiles(left, menu, NOW)] == ["/factures/", "/historique/"]
    assert words.first_step(left) is None
    assert words.notes(replace(left, waiting=Waiting(to_confirm=True))) == ()
    assert "Vos factures et votre historique restent ici." in words.lead(left)
