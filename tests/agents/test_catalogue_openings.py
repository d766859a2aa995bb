"""« Activités »: days, outings, weeks in one, the hours of one opening."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, time

import pytest

from marelle.activities.models import Bundle, Opening
from marelle.bookings.models import Booking
from marelle.core.clock import PARIS, local
from tests.agents.village import HERE, NOW, Village, seen, text
from tests.standing import built_once

pytestmark = pytest.mark.django_db


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_an_outing_is_added_on_its_day(world):
    page = f"{world.page}sorties/ajouter/"
    assert "cochez « Pour des sorties »" in text(world.director.get(page))
    slot = world.slot(world.wednesdays, "Sortie", one_off=True, weekdays=())
    typed = {"title": "Minigolf", "slot": slot.pk, "day": "2026-12-09", "starts": "13:30", "ends": "17:00"}
    backwards = text(world.director.post(page, {**typed, "ends": "13:00"}))
    assert "La fin vient avant le début." in backwards
    assert "Minigolf" in backwards
    done = text(world.director.post(page, {**typed, "seats": "8"}, follow=True))
    assert "La sortie est ajoutée." in done
    assert "Sortie · Minigolf" in text(world.director.get(f"{world.page}ouvertures/?mois=2026-12"))


def test_a_day_shows_what_families_may_do_and_the_places(world):
    world.opening(world.morning, date(2026, 12, 2), group=world.small)
    world.opening(world.morning, date(2026, 12, 9), state="closed", reason="Neige")
    page = text(world.director.get(world.page))
    assert "mercredi 2 décembre 2026" in page
    assert "0 prises sur 24" in page
    assert "mardi 1er décembre 2026 à 12 h 00" in page
    assert "fermé : Neige" in text(world.director.get(world.page, {"jour": "2026-12-09"}))
    assert "Rien n’est ouvert ce jour-là." in text(world.director.get(world.page, {"jour": "2026-12-10"}))
    wrong = text(world.director.get(world.page, {"jour": "demain"}))
    assert "Donnez une date" in wrong
    assert "mercredi 2 décembre 2026" in wrong


def test_weeks_are_bundled_by_group_and_stay_while_somebody_is_booked(world):
    big = world.group(world.wednesdays, "6–8 ans", (6, 8))
    days = (date(2027, 2, 15), date(2027, 2, 16), date(2027, 2, 22), date(2027, 2, 23), date(2027, 3, 2))
    groups = (world.small, big)
    rows = {(day, g.pk): world.opening(world.morning, day, group=g) for day in days for g in groups}
    durand = world.home("Durand", "Camille")
    zoe = world.child(durand, "Zoé", born=date(2019, 3, 4))
    world.enrolment(zoe, world.wednesdays, durand)
    world.booking(zoe, rows[days[0], big.pk])
    new = f"{world.page}lots/ajouter/"
    typed = {"slot": world.morning.pk, "first": "2027-02-15", "last": "2027-03-05"}
    assert "La fin vient avant le début." in text(world.director.post(new, {**typed, "last": "2027-02-01"}))
    page = text(world.director.post(new, typed, follow=True))
    assert "3 lots créés." in page
    assert "Semaine du 15 au 16 février 2027 · 6–8 ans : des familles y ont déjà réservé" in page
    bundles = {row.name: row for row in Bundle.objects.all()}
    assert set(bundles) == {
        "Semaine du 15 au 16 février 2027 · 3–5 ans",
        "Semaine du 22 au 23 février 2027 · 3–5 ans",
        "Semaine du 22 au 23 février 2027 · 6–8 ans",
    }
    assert "Aucun lot n’est créé" in text(world.director.post(new, typed))
    for wrong in ("-1", "deux", "367"):
        assert "aria-invalid" in text(world.director.post(new, {**typed, "alone_days": wrong}))
    assert set(Bundle.objects.values_list("alone_at", flat=True)) == {None}
    week = bundles["Semaine du 22 au 23 février 2027 · 6–8 ans"]
    assert {row.day for row in week.openings.all()} == {days[2], days[3]}
    world.booking(zoe, rows[days[2], big.pk])
    here = f"{HERE}lots/{week.pk}/"
    extra = world.opening(world.morning, date(2027, 2, 24), group=big)
    held = sorted(week.openings.values_list("pk", flat=True))
    sent = {"name": "Semaine verte", "openings": [*held, extra.pk], "seen": str(held)}
    assert "1 réservation tient à ces jours" in text(world.director.post(here, sent))
    assert week.openings.count() == 2
    world.director.post(here, {**sent, "openings": held})
    assert "c’est utilisé par : 1 réservation" in text(world.director.post(f"{here}supprimer/", follow=True))
    week.refresh_from_db()
    assert week.name == "Semaine verte"
    alone = {**sent, "openings": held, "alone_at": "2027-02-15T08:00"}
    assert "Donnez un jour et une heure" in text(world.director.post(here, {**alone, "alone_at": "lundi"}))
    world.director.post(here, alone)
    week.refresh_from_db()
    assert week.alone_at == datetime(2027, 2, 15, 8, tzinfo=PARIS)
    assert "un par un dès le lundi 15 février 2027" in text(world.director.get(f"{world.page}lots/"))
    assert 'value="2027-02-15T08:00"' in text(world.director.get(here))
    world.director.post(here, {**sent, "openings": held})
    Booking.objects.filter(opening_id__in=held).update(state="cancelled", end_cause="family", ended_at=NOW)
    elsewhere = rows[days[0], world.small.pk]
    wrong = {**sent, "openings": [*held, elsewhere.pk]}
    assert "Choisissez dans la liste." in text(world.director.post(here, wrong))
    assert "au moins deux jours" in text(world.director.post(here, {**sent, "openings": held[:1]}))
    world.director.post(here, sent)
    assert week.openings.count() == 3
    assert "a modifié ceci" in text(world.director.post(here, {**sent, "openings": held}))
    world.director.post(f"{here}supprimer/")
    assert not Opening.objects.filter(day=days[2], group=big).exclude(bundle=None).exists()
    assert Opening.objects.filter(pk=extra.pk).exists()


def test_the_hours_of_one_opening_are_corrected_unless_somebody_holds_them(world):
    row = world.opening(world.morning, date(2026, 12, 2))
    here = f"{HERE}ouvertures/{row.pk}/"
    assert here in text(world.director.get(f"{world.page}ouvertures/", {"mois": "2026-12"}))
    first = seen(world.director.get(here))
    typed = {"title": "Piscine", "starts": "08:30", "ends": "12:00", "seen": first}
    assert "La fin vient avant le début." in text(world.director.post(here, {**typed, "ends": "08:00"}))
    assert "Piscine" in text(world.director.post(here, typed, follow=True))
    row.refresh_from_db()
    assert (row.title, local(row.starts_at).time(), row.hand_edited) == ("Piscine", time(8, 30), True)
    assert row.quotas.count() == 1
    stale = text(world.director.post(here, {**typed, "title": "Forêt"}))
    assert "Il y a maintenant : Piscine · 8 h 30 – 12 h" in stale
    assert 'value="Forêt"' in stale
    durand = world.home("Durand", "Camille")
    zoe = world.child(durand, "Zoé", born=date(2019, 3, 4))
    world.enrolment(zoe, world.wednesdays, durand)
    world.booking(zoe, row)
    sent = {**typed, "seen": seen(world.director.get(here))}
    assert "Ces heures sont réservées : Zoé Durand." in text(
        world.director.post(here, {**sent, "ends": "11:00"})
    )
    world.director.post(here, {**sent, "title": "Forêt"})
    row.refresh_from_db()
    assert (row.title, local(row.ends_at).time()) == ("Forêt", time(12))


def test_hours_chosen_by_families_stay_within_those_of_the_opening(world):
    nursery = world.slot(world.wednesdays, "Crèche", "08:00", "18:00", by_hour=True)
    gauge = world.gauge("Lits", 10, "half_hour")
    world.draws(nursery, gauge)
    row = world.opening(nursery, date(2026, 12, 2))
    durand = world.home("Durand", "Camille")
    zoe = world.child(durand, "Zoé", born=date(2025, 3, 4))
    world.enrolment(zoe, world.wednesdays, durand)
    world.booking(zoe, row, hours=("09:00", "16:00"))
    here = f"{HERE}ouvertures/{row.pk}/"
    sent = {"title": "", "starts": "08:00", "ends": "15:30"}
    assert "Zoé Durand" in text(world.director.post(here, sent))
    assert row.quotas.count() == 20
    world.director.post(here, {**sent, "ends": "16:30"})
    assert row.quotas.count() == 17
    assert set(row.quotas.filter(taken=1).values_list("part", flat=True)) == set(range(18, 32))


def test_a_day_that_is_over_is_read_and_offers_nothing_that_would_be_refused(world):
    row = world.opening(world.morning, date(2026, 11, 18))
    page = text(world.director.get(f"{HERE}ouvertures/{row.pk}/"))
    assert "il ne change plus" in page
    assert "8 h – 12 h" in page
    assert "ENREGISTRER" not in page
    assert "/agents/fermetures/jour/" not in page


def test_weeks_are_made_whole_until_so_many_days_before(world):
    for day in (date(2027, 2, 15), date(2027, 2, 16), date(2027, 2, 22), date(2027, 2, 23)):
        world.opening(world.morning, day)
    typed = {"slot": world.morning.pk, "first": "2027-02-15", "last": "2027-03-05", "alone_days": "7"}
    world.director.post(f"{world.page}lots/ajouter/", typed)
    assert list(Bundle.objects.order_by("alone_at").values_list("alone_at", flat=True)) == [
        datetime(2027, 2, 8, tzinfo=PARIS),
        datetime(2027, 2, 15, tzinfo=PARIS),
    ]
