"""The sentences of the dashboard."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from marelle.activities.bounds import Bound, BoundKind, Each, Unit, Whose
from marelle.billing.reminders.rules import Hold
from marelle.billing.selectors import DueInvoice, DueInvoices
from marelle.bookings.bounds import Short
from marelle.bookings.selectors import ComingBooking, LostBooking, NothingBooked
from marelle.bookings.states import BookingState
from marelle.campaigns.reading import CampaignTold, Step
from marelle.core.clock import instant_at
from marelle.enrolments.selectors import EnrolmentCounts
from marelle.families.pages import PersonLine
from marelle.flows.dashboard.rules import CareGap, DayAhead, RefusedRequest, Span, Task, Waiting, What
from marelle.flows.dashboard.selectors import Dashboard
from marelle.papers.rules import Standing
from marelle.papers.selectors import PaperCounts, WaitingPaper
from marelle.portal.dashboard import todo, words
from marelle.ui.components import Row
from marelle.ui.shell import MenuEntry
from tests.bookings.facts import activity

MONDAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
THURSDAY = MONDAY + timedelta(days=3)


def kid(pk: int, name: str) -> PersonLine:
    return PersonLine(pk, name, "Durand", False, date(2019, 3, 4), None, False)


FACTS = Dashboard(
    today=MONDAY,
    people=(PersonLine(1, "Camille", "Durand", True, None, None, True), kid(2, "Zoé")),
    todo=(),
    nothing_booked=(),
    enrolments=EnrolmentCounts(accepted=2, requested=0),
    days=(),
    span=Span.THIS_WEEK,
    next_booking=None,
    structures=(),
    last_connection=None,
    due=DueInvoices(),
    waiting=Waiting(),
    news=(),
    has_left=False,
)


def nothing(closes_on: date | None) -> NothingBooked:
    closes_at = None if closes_on is None else instant_at(closes_on, time(12))
    day = None if closes_on is None else date(2026, 12, 9)
    return NothingBooked(1, 2, "Léo", 3, "Mercredis", day, closes_at)


def short() -> Short:
    bound = Bound(1, BoundKind.LEAST, 2, Unit.DAYS, Each.WEEK, Whose.CHILD, date(2026, 9, 1))
    until = instant_at(date(2026, 12, 1), time(23, 59))
    return Short(bound, activity(), 2, (MONDAY, date(2026, 12, 6)), 1, 2, until, ())


def row_of(what: What, facts: Dashboard) -> Row:
    (row,) = todo.tasks(replace(facts, todo=(Task(what),)), NOW)
    return row


def unbooked(closes_on: date | None) -> Row:
    return row_of(What.NOTHING_BOOKED, replace(FACTS, nothing_booked=(nothing(closes_on),)))


def due(*days: date, amount: str = "43.20") -> DueInvoices:
    return DueInvoices(
        tuple(DueInvoice(pk, day, Decimal(amount), date(2026, 9, 1)) for pk, day in enumerate(days, 1))
    )


def coming(name: str, child: int, slot: str, state: BookingState, *, by_hour: bool = False) -> ComingBooking:
    starts_at, ends_at = instant_at(MONDAY, time(8)), instant_at(MONDAY, time(17, 30))
    return ComingBooking(MONDAY, child, name, slot, starts_at, ends_at, by_hour, state)


def lost(name: str, child: int, slot: str, *, closed: bool = True, refused: bool = False) -> LostBooking:
    hours = instant_at(THURSDAY, time(16)), instant_at(THURSDAY, time(18))
    return LostBooking(
        THURSDAY, child, name, slot, *hours, False, "Périscolaire", "Neige", NOW, closed, refused
    )


def text_of(facts: Dashboard, url: str) -> tuple[str, str, str]:
    (row,) = words.menu(facts, [MenuEntry("x", url, "x")], NOW)
    return str(row.text), str(row.badge), row.tone


def waiting(**told: object) -> Dashboard:
    return replace(FACTS, waiting=Waiting(**told))  # type: ignore[arg-type]


def test_the_limit_is_told_from_today():
    assert unbooked(MONDAY).text == "Mercredis · réservez jusqu’à aujourd’hui 12\xa0h"
    assert unbooked(date(2026, 12, 1)).text == "Mercredis · réservez jusqu’à demain 12\xa0h"
    assert unbooked(date(2026, 12, 8)).text == "Mercredis · réservez jusqu’au 8 déc. 12\xa0h"
    assert unbooked(MONDAY).label == "Léo\xa0: rien n’est réservé mercredi 9 décembre"


def test_without_a_day_to_book_the_row_leads_to_the_planning():
    row = unbooked(None)
    assert (row.label, row.text) == ("Léo\xa0: rien n’est réservé", "Mercredis · choisissez ses jours")
    assert row.url == "/reservations/?enfant=2&activite=3"


def test_a_long_list_unfolds_and_never_for_one_row():
    rows = tuple(unbooked(None) for _ in range(todo.SHOWN + 2))
    assert [len(part) for part in todo.folded(rows)] == [todo.SHOWN, 2]
    assert [len(part) for part in todo.folded(rows[1:])] == [todo.SHOWN + 1, 0]


def test_a_bill_past_its_date_is_told_in_red_with_what_is_left():
    late = row_of(What.OVERDUE, replace(FACTS, due=due(date(2026, 11, 4), amount="227.75")))
    assert late.label == "Septembre 2026 est en retard\xa0: 227,75\xa0€"
    assert late.text == "À payer avant le 4 novembre 2026, au Trésor public"
    assert (late.url, late.tone) == ("/factures/1/", "error")
    many = row_of(What.OVERDUE, replace(FACTS, due=due(date(2026, 10, 4), date(2026, 11, 4), MONDAY)))
    assert many.label == "2 factures sont en retard\xa0: 86,40\xa0€", "that of today is not late"
    assert many.url == "/factures/"
    near = row_of(What.DUE, replace(FACTS, due=due(date(2026, 11, 4), MONDAY)))
    assert (near.label, near.tone) == ("Septembre 2026\xa0: 43,20\xa0€ à payer", "info")


def test_a_place_held_says_until_when():
    until = instant_at(MONDAY + timedelta(days=1), time(7, 30))
    offer = replace(coming("Noé", 2, "Journée", BookingState.OFFERED), offered_until=until, booking_id=9)
    row = row_of(What.OFFER, replace(FACTS, offers=(offer,)))
    assert row.label == "Une place est gardée pour Noé aujourd’hui"
    assert row.text == "Journée · répondez jusqu’à demain 7\xa0h\xa030"
    assert (row.url, row.tone) == ("/reservations/proposition/9/", "error")


def test_what_is_empty_of_the_care_of_children_is_one_row_that_leads_to_the_first():
    facts = replace(FACTS, people=(*FACTS.people, kid(3, "Léo")))
    both = replace(facts, gaps=(CareGap(2, sheet=False, answers=True), CareGap(3, sheet=True, answers=True)))
    row = row_of(What.CARE, both)
    assert row.label == "Zoé et Léo\xa0: fiche sanitaire et autorisations à remplir"
    assert row.url == "/famille/2/autorisations/"
    sheet = row_of(What.CARE, replace(facts, gaps=(CareGap(3, sheet=True, answers=False),)))
    assert (sheet.label, sheet.url) == ("Léo\xa0: fiche sanitaire à remplir", "/famille/3/sante/")
    answers = row_of(What.CARE, replace(facts, gaps=(CareGap(3, sheet=False, answers=True),)))
    assert answers.label == "Léo\xa0: autorisations à donner ou à refuser"


def test_every_thing_to_do_has_its_words():
    facts = replace(
        FACTS,
        due=due(date(2026, 11, 4), MONDAY),
        offers=(coming("Zoé", 2, "Journée", BookingState.OFFERED),),
        nothing_booked=(nothing(MONDAY),),
        shorts=(short(),),
        gaps=(CareGap(2, sheet=True, answers=True),),
        waiting=Waiting(unread=2, papers=PaperCounts(2, 1, 1), to_accept=2, mismatches=2),
        campaigns=(CampaignTold(4, "Mercredis", Step.OPEN, NOW),),
    )
    rows = {what: row_of(what, facts) for what in What}
    assert all(row.label and row.text and row.url.startswith("/") for row in rows.values())
    assert rows[What.PAPERS].label == "4 documents vous attendent"
    assert rows[What.PAPERS].text == "1 à renvoyer · 2 à envoyer · 1 expire bientôt"
    assert rows[What.UNREAD].label == "2 réponses à lire"
    assert rows[What.MISMATCH].label == "2 présences à éclaircir"


def test_a_place_in_a_creche_says_until_when_it_is_kept():
    row = row_of(What.NURSERY, waiting(nursery_until=THURSDAY))
    assert (row.label, row.url) == ("Une place en crèche vous est proposée", "/guichet-unique/mes-demandes/")
    assert row.text == "Acceptez-la ou rendez-la jusqu’au jeudi 3 décembre"


def test_few_papers_are_told_one_by_one_with_the_way_to_send_each():
    insured = WaitingPaper(7, "Attestation d’assurance", 2, Standing.MISSING)
    home = WaitingPaper(8, "Justificatif de domicile", None, Standing.REFUSED)
    facts = waiting(papers=PaperCounts(to_send=1, refused=1, waits=(insured, home)))
    first, second = (todo.WORDS[What.PAPERS](Task(What.PAPERS, rank=rank), facts, NOW) for rank in (0, 1))
    assert first[:3] == ("Attestation d’assurance\xa0: à envoyer", "Zoé", "/documents/2/7/")
    assert second[:3] == ("Justificatif de domicile\xa0: à renvoyer", "Votre foyer", "/documents/foyer/8/")
    many = waiting(papers=PaperCounts(to_send=4, waits=(insured,) * 4))
    assert (row_of(What.PAPERS, many).label, row_of(What.PAPERS, many).url) == (
        "4 documents vous attendent",
        "/documents/",
    )


def test_one_answer_opens_and_several_are_chosen():
    assert row_of(What.UNREAD, waiting(unread=1, unread_id=9)).url == "/contact/echanges/9/"
    assert row_of(What.UNREAD, waiting(unread=2, unread_id=9)).url == "/contact/echanges/"


def test_a_closed_day_is_one_row_with_whom_it_touches():
    facts = replace(FACTS, lost=(lost("Zoé", 2, "Soir"), lost("Zoé", 2, "Matin"), lost("Noé", 3, "Soir")))
    (row,) = todo.changes(facts)
    assert row.label == "Fermé jeudi 3 décembre\xa0: Périscolaire"
    assert row.text == "Neige · Noé (soir) et Zoé (soir et matin)"
    assert row.url == "/reservations/?enfant=tous&date=2026-12-03"
    (called_off,) = todo.changes(replace(FACTS, lost=(lost("Zoé", 2, "Soir", closed=False),)))
    assert called_off.label == "Annulé jeudi 3 décembre\xa0: Périscolaire"


def test_what_was_refused_is_told_with_its_page():
    facts = replace(
        waiting(refused=1),
        refused=(RefusedRequest(8, 2, "Mercredis"),),
        lost=(lost("Zoé", 2, "Soir", closed=False, refused=True),),
    )
    assert [(str(row.label), row.url) for row in todo.changes(facts)] == [
        ("Zoé\xa0: inscription refusée", "/inscriptions/2/inscription/8/"),
        ("Une modification du dossier est refusée", "/famille/"),
        (
            "Réservation refusée jeudi 3 décembre\xa0: Périscolaire",
            "/reservations/?enfant=tous&date=2026-12-03",
        ),
    ]
    assert todo.changes(replace(waiting(refused=1), has_left=True)) == ()


def test_who_has_a_next_day_is_not_told_that_nothing_is_booked():
    soon = coming("Léo", 2, "Repas", BookingState.BOOKED)
    facts = replace(FACTS, next_booking=soon, nothing_booked=(nothing(MONDAY),))
    assert text_of(facts, "/reservations/") == (
        "Prochain créneau\xa0: aujourd’hui, repas (Léo)",
        "à réserver",
        "warn",
    )


def test_each_child_has_one_line_with_what_is_not_sure_said():
    ahead = DayAhead(
        MONDAY,
        (
            coming("Zoé", 2, "Repas", BookingState.BOOKED),
            coming("Noé", 3, "Accueil", BookingState.BOOKED, by_hour=True),
            coming("Zoé", 2, "Soir", BookingState.REQUESTED),
        ),
        ("Périscolaire",),
    )
    (day,) = words.days(replace(FACTS, days=(ahead,)))
    assert (day.title, day.closed) == ("lun. 30", ("Périscolaire",))
    assert day.url == "/reservations/?enfant=2&date=2026-11-30"
    assert [(line.initial, line.name, line.text) for line in day.lines] == [
        ("Z", "Zoé", "repas, soir (à valider)"),
        ("N", "Noé", "8\xa0h – 17\xa0h\xa030"),
    ]


def test_two_children_of_one_initial_have_two_letters_each():
    facts = replace(FACTS, people=(kid(2, "Léo"), kid(3, "Lou"), kid(4, "Zoé")))
    booked = [
        coming(name, pk, "Repas", BookingState.BOOKED) for pk, name in ((2, "Léo"), (3, "Lou"), (4, "Zoé"))
    ]
    (day,) = words.days(replace(facts, days=(DayAhead(MONDAY, tuple(booked)),)))
    assert [line.initial for line in day.lines] == ["Lé", "Lo", "Z"]
    assert day.url.startswith("/reservations/?enfant=tous&")


def test_two_children_of_one_first_name_have_two_lines():
    booked = BookingState.BOOKED
    ahead = DayAhead(MONDAY, (coming("Lou", 2, "Repas", booked), coming("Lou", 3, "Repas", booked)))
    (day,) = words.days(replace(FACTS, days=(ahead,)))
    assert [(line.name, line.text) for line in day.lines] == [("Lou", "repas"), ("Lou", "repas")]


def test_a_morning_of_the_relais_is_told_by_its_name():
    morning = replace(coming("Noé", 2, "Matinée", BookingState.BOOKED), is_morning=True)
    (day,) = words.days(replace(FACTS, days=(DayAhead(MONDAY, (morning,)),)))
    assert day.lines[0].text == "matinée du relais à 8\xa0h"


def test_the_last_connection_is_told_from_today():
    for day, at, told in (
        (29, (22, 14), "hier à 22\xa0h\xa014"),
        (30, (7, 0), "aujourd’hui à 7\xa0h\xa000"),
        (20, (7, 0), "le vendredi 20 novembre à 7\xa0h\xa000"),
    ):
        facts = replace(FACTS, last_connection=_at(day, *at))
        assert text_of(facts, "/historique/")[0] == f"Dernière connexion {told}"


def test_enrolments_are_counted_with_those_that_wait():
    both = EnrolmentCounts(accepted=4, requested=2)
    assert text_of(replace(FACTS, enrolments=both), "/inscriptions/") == (
        "4 en cours",
        "2 en attente",
        "info",
    )


def test_nothing_to_do_is_said():
    assert words.lead(FACTS) == "Lundi 30 novembre. Rien ne vous attend\xa0: tout est à jour."
    assert words.lead(replace(FACTS, todo=(Task(What.TO_CONFIRM),))) == "Lundi 30 novembre"


def _at(day: int, hour: int, minute: int) -> datetime:
    return instant_at(date(2026, 11, day), time(hour, minute))


def test_each_entry_of_the_menu_says_what_waits():
    ahead = replace(FACTS, due=due(date(2026, 12, 15), date(2026, 12, 16)))
    assert text_of(ahead, "/factures/") == ("86,40\xa0€ à payer avant le 15 décembre 2026", "", "")
    late = replace(FACTS, due=due(date(2026, 11, 29)))
    assert text_of(late, "/factures/") == ("43,20\xa0€ à payer", "en retard", "error")
    papers = waiting(papers=PaperCounts(to_send=2, expiring=1))
    assert text_of(papers, "/documents/") == ("3 vous attendent", "2 à envoyer", "warn")
    refused = waiting(papers=PaperCounts(to_send=1, refused=1))
    assert text_of(refused, "/documents/")[1] == "1 à renvoyer"
    assert text_of(waiting(papers=PaperCounts(expiring=2)), "/documents/")[1] == "2 expirent bientôt"
    told = text_of(waiting(publications=5, to_accept=1), "/documentation/")
    assert told == ("5 à télécharger", "1 à accepter", "warn")
    assert text_of(waiting(unread=1), "/contact/")[1] == "1 non lue"
    assert text_of(waiting(changes=2), "/famille/") == ("Camille et Zoé", "2 en vérification", "info")
    assert text_of(waiting(to_confirm=True), "/famille/")[1] == "à relire"
    for url in ("/factures/", "/documents/", "/documentation/", "/contact/", "/famille/"):
        assert text_of(FACTS, url)[1:] == ("", "")


def test_a_bill_that_is_debited_is_nothing_to_do():
    days = date(2026, 12, 15), date(2026, 9, 15)
    bills = DueInvoices(tuple(replace(row, held=Hold.DEBITED) for row in due(*sorted(days)).rows))
    debited = replace(FACTS, due=bills, today=date(2026, 9, 15))
    told = text_of(debited, "/factures/")
    assert told == ("86,40\xa0€ en prélèvement, à partir du 15 septembre 2026", "", "")
    assert not bills.late(date(2026, 10, 1)).count
    assert not bills.ahead(date(2026, 10, 1)).count
    later = replace(FACTS, due=bills)
    told = text_of(later, "/factures/")[0]
    assert told == "86,40\xa0€ en prélèvement, dont 43,20\xa0€ à partir du 15 décembre 2026"
    under_way = DueInvoices(bills.rows[:1])
    assert text_of(replace(later, due=under_way), "/factures/")[0] == "43,20\xa0€ en cours de prélèvement"
    mixed = DueInvoices((*bills.rows, *due(date(2026, 12, 20)).rows))
    only = text_of(replace(FACTS, due=mixed), "/factures/")
    assert only == ("43,20\xa0€ à payer avant le 20 décembre 2026", "", "")


def test_a_bill_that_the_tresor_refused_is_nothing_to_do():
    [row] = due(date(2026, 9, 15)).rows
    bills = DueInvoices((replace(row, held=Hold.REFUSED),))
    assert text_of(replace(FACTS, due=bills), "/factures/") == ("Rien à régler pour le moment", "", "")
    assert not bills.late(date(2026, 12, 1)).count
    mixed = DueInvoices((*bills.rows, replace(row, held=Hold.DEBITED)))
    told = text_of(replace(FACTS, due=mixed), "/factures/")
    assert told == ("43,20\xa0€ en cours de prélèvement", "", "")


def test_a_family_that_has_left_keeps_its_bills_and_its_history():
    left = replace(FACTS, has_left=True, enrolments=EnrolmentCounts(0, 0))
    entries = [
        MenuEntry("x", url, "x") for url in ("/famille/", "/factures/", "/historique/", "/reservations/")
    ]
    assert [row.url for row in words.menu(left, entries, NOW)] == ["/factures/", "/historique/"]
    assert "Vos factures et votre historique restent ici." in words.lead(left)


def test_what_is_short_of_the_least_leads_to_its_week():
    row = row_of(What.SHORT, replace(FACTS, shorts=(short(),)))
    assert row.label == "Zoé\u00a0: il manque des réservations"
    assert row.text == (
        "Activité 1, la semaine du 30 novembre 2026, 1 jour choisi, 2 au moins, jusqu’au mardi 1er décembre "
        "à 23\u00a0h\u00a059"
    )
    assert row.url == "/reservations/?enfant=2&date=2026-11-30&vue=semaine"
    home = row_of(What.SHORT, replace(FACTS, shorts=(replace(short(), child_id=None, count=3, least=4),)))
    assert home.label == "Votre foyer\u00a0: il manque des réservations"
    assert "3 jours choisis, 4 au moins" in home.text
    assert home.url.startswith("/reservations/?enfant=tous&")
