"""« Activités » on the screen: a director builds what is offered, and reads it in sentences."""

from __future__ import annotations

from datetime import date, datetime, time
from html import unescape

import pytest
from django.test import Client

from marelle.activities.models import (
    Activity,
    AgeGroup,
    BookingRule,
    Bundle,
    Gauge,
    Opening,
    Question,
    Slot,
    SlotGauge,
)
from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.core.clock import PARIS, local
from marelle.places.models import Structure, StructureContact
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
HERE = "/agents/activites/"


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis", years=(3, 11))
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.morning = self.slot(self.wednesdays, capacity=24)
        self.rule(self.wednesdays)
        self.director = self.logged("direction", Role.DIRECTOR)
        self.page = f"{HERE}{self.wednesdays.pk}/"

    def logged(self, name: str, role: Role) -> Client:
        client = Client()
        client.force_login(self.staff(name, role))
        return client


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


def text(response) -> str:
    return unescape(response.content.decode()).replace("\u00a0", " ")


def seen(response) -> str:
    return unescape(response.content.decode().split('name="seen" value="')[1].split('"', maxsplit=1)[0])


def test_the_page_says_in_sentences_what_is_set(world, count_queries):
    world.director.get(world.page)  # definitions are read once
    with count_queries(16) as one:
        page = text(world.director.get(world.page))
    for told in (
        "Les enfants de 3 ans à 11 ans, âge compté au premier jour demandé.",
        "Toutes les écoles.",
        "du 1er septembre 2026 au 31 août 2027",
        "8 h – 12 h, mercredi, les semaines d’école",
        "24 places par jour",
        "Réserver jusqu’à la veille, 12 h 00",
        "la famille demande, le service décide",
        "Aucun document n’est demandé",
    ):
        assert told in page, told
    for number in range(5):
        world.group(world.wednesdays, f"Groupe {number}", (number, number + 1))
        world.rule(world.wednesdays, slot=world.slot(world.wednesdays, f"Créneau {number}", capacity=3))
    with count_queries(len(one)):
        world.director.get(world.page)


def test_lists_are_paged_with_the_same_queries(world, count_queries):
    for path in (HERE, f"{HERE}jauges/", f"{HERE}structures/"):
        with count_queries() as few:
            world.director.get(path)
        for number in range(45):
            other = world.activity(f"Activité {number}")
            world.slot(other, capacity=3)
        with count_queries(len(few) + 1):  # the last page counts before it slices
            page = text(world.director.get(path))
        assert "Page 1" in page or "structures" in path, path


def test_a_director_builds_an_activity_from_nothing(world):
    new = f"{HERE}nouvelle/{world.the_structure.pk}/"
    typed = {
        "name": "Ateliers",
        "kind": "wednesday",
        "first_day": "2026-12-01",
        "last_day": "2027-06-30",
        "calendar": world.the_calendar.pk,
        "min_age_months_0": "6",
        "min_age_months_1": "years",
        "max_age_months_0": "11",
        "max_age_months_1": "years",
        "enrolment_mode": "asked",
        "booking_mode": "parent",
    }
    assert "La fin" not in text(world.director.post(new, {**typed, "last_day": ""}))
    wrong = text(world.director.post(new, {**typed, "last_day": "2020-01-01"}))
    assert "Le dernier jour vient avant le premier." in wrong
    assert 'value="Ateliers"' in wrong
    assert "C’est ajouté." in text(world.director.post(new, typed, follow=True))
    made = Activity.objects.get(name="Ateliers")
    assert (made.min_age_months, made.max_age_months) == (72, 143)
    here = f"{HERE}{made.pk}/"
    group = {"name": "6–8 ans", "min_age_months_0": "6", "min_age_months_1": "years"}
    group |= {"max_age_months_0": "8", "max_age_months_1": "years"}
    world.director.post(f"{here}groupes/ajouter/", group)
    slot = {"name": "Atelier", "starts": "14:00", "ends": "16:00", "weekdays": ["2"], "days": "term"}
    world.director.post(f"{here}creneaux/ajouter/", {**slot, "order": "1"})
    row = Slot.objects.get(name="Atelier")
    assert (row.weekdays, row.starts) == ([2], time(14))
    gauge = {"name": "Atelier", "unit": "day", "capacity": "12", "since": "2026-12-01"}
    world.director.post(f"{HERE}jauges/ajouter/{world.the_structure.pk}/", gauge)
    made_gauge = Gauge.objects.get(name="Atelier")
    draws = f"{HERE}creneaux/{row.pk}/jauges/"
    shown = seen(world.director.get(draws))
    world.director.post(draws, {"groupe-0": [made_gauge.pk], "seen": shown})
    assert SlotGauge.objects.get(slot=row).gauge == made_gauge
    calculate = f"{here}ouvertures/calculer/"
    preview = world.director.get(calculate)
    assert "Atelier : 31 ouvertures" in text(preview)
    done = text(world.director.post(calculate, {"seen": seen(preview)}, follow=True))
    assert "31 ouvertures changées." in done
    assert "mercredi 2 décembre" in done
    assert Opening.objects.filter(activity=made, quotas__gauge=made_gauge).count() == 31
    assert "Rien à changer" in text(world.director.get(calculate))
    assert AgeGroup.objects.get(activity=made).max_age_months == 107


def test_two_agents_on_one_slot_the_second_reads_what_the_first_did(world):
    page = f"{HERE}creneaux/{world.morning.pk}/"
    both = {"name": "Matin", "starts": "08:00", "ends": "12:00", "weekdays": ["2"], "days": "term"}
    both |= {"order": str(world.morning.order), "seen": seen(world.director.get(page))}
    office = world.logged("guichet", Role.OFFICE)
    assert office.post(page, {**both, "ends": "11:30"}).status_code == 302
    late = world.director.post(page, {**both, "name": "Matinée"})
    for told in ("Guichet a modifié ceci", "Fin : 11 h 30", 'value="Matinée"'):
        assert told in text(late)
    assert Slot.objects.get().name == "Matin"
    again = world.director.post(page, {**both, "name": "Matinée", "seen": seen(late)})
    assert again.status_code == 302
    assert Slot.objects.get().name == "Matinée"
    assert "a modifié ceci" in text(world.director.post(page, {**both, "seen": "[{"}))


def test_what_is_used_says_where(world):
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    world.enrolment(zoe, world.wednesdays, durand, group=world.small)
    world.booking(zoe, world.opening(world.morning, date(2026, 12, 2)))
    for path, told in (
        (f"{world.page}supprimer/", "1 réservation"),
        (f"{HERE}creneaux/{world.morning.pk}/supprimer/", "1 réservation"),
        (f"{HERE}groupes/{world.small.pk}/supprimer/", "1 groupe d’une inscription"),
    ):
        assert told in text(world.director.post(path, follow=True))
    assert Slot.objects.exists()
    assert Activity.objects.exists()


def test_a_structure_keeps_the_posts_of_its_agents(world):
    office = world.logged("guichet", Role.OFFICE)
    empty = world.structure("Annexe")
    animator = world.staff("animation", Role.ANIMATOR, structure=empty)
    page = f"{HERE}structures/{empty.pk}/supprimer/"
    assert "c’est utilisé par : 1 poste" in text(office.post(page, follow=True))
    animator.posts.all().delete()
    assert "C’est supprimé" in text(office.post(page, follow=True))
    assert not Structure.objects.filter(pk=empty.pk).exists()


@pytest.mark.parametrize("asks", ["requires", "includes"])
def test_a_slot_that_another_one_asks_for_stays(world, asks):
    """Or the other one would be booked alone, and nobody had said so."""
    evening = world.slot(world.wednesdays, "Soir", "17:00", "18:30")
    getattr(evening, asks).add(world.morning)
    page = f"{HERE}creneaux/{world.morning.pk}/supprimer/"
    assert "c’est utilisé par : 1 créneau." in text(world.director.post(page, follow=True))
    assert getattr(evening, asks).count() == 1
    getattr(evening, asks).clear()
    assert "C’est supprimé" in text(world.director.post(page, follow=True))


RULE = {
    "book-kind": "week_before",
    "book-week_weekday": "1",
    "book-week_n": "1",
    "book-week_time": "23:59",
    "cancel-kind": "start",
    "after": "late",
    "since": "2026-12-01",
    "jour": "2026-12-02",
}


def test_the_effect_is_shown_before_a_rule_is_kept(world):
    page = f"{world.page}delais/"
    typed = {**RULE, "voir": world.morning.pk, "seen": seen(world.director.get(page))}
    shown = text(world.director.post(page, {**typed, "essayer": "1"}))
    assert "mardi 1er décembre 2026 à 12 h 00" in shown, "as stored"
    assert "mardi 24 novembre 2026 à 23 h 59" in shown, "as typed"
    assert BookingRule.objects.count() == 1
    world.director.post(page, {**typed, "enregistrer": "1"})
    new = BookingRule.objects.get(since=date(2026, 12, 1))
    assert (new.book_kind, new.book_weekday, new.cancel_kind, new.after) == (
        "week_before",
        1,
        "start",
        "late",
    )
    late = world.director.post(page, {**typed, "enregistrer": "1"})
    assert "Direction a modifié ceci" in text(late)
    past = text(
        world.director.post(page, {**typed, "seen": seen(late), "since": "2026-11-01", "enregistrer": "1"})
    )
    assert "le passé garde ses délais" in past
    empty = text(world.director.post(page, {**typed, "book-week_time": ""}))
    assert "Remplissez la phrase choisie." in empty
    assert BookingRule.objects.count() == 2
    assert "Réserver jusqu’au mardi de la semaine d’avant, 23 h 59" in text(world.director.get(page))


def test_the_office_keeps_structures_and_the_director_their_contacts(world):
    office = world.logged("guichet", Role.OFFICE)
    sheet = {
        "name": "Crèche",
        "kind": "childcare",
        "street": "1 rue",
        "commune": world.the_commune.pk,
        "order": "3",
    }
    office.post(f"{HERE}structures/ajouter/{world.the_authority.pk}/", sheet)
    made = Structure.objects.get(name="Crèche")
    assert "Nouvelle structure" in text(office.get(f"{HERE}structures/"))
    listed = text(world.director.get(f"{HERE}structures/"))
    assert "Crèche" not in listed
    assert "Nouvelle structure" not in listed
    contact = {"label": "Accueil", "ages": "pour les 3–5 ans", "phone": "03 00 00 00 09", "order": "1"}
    world.director.post(f"{HERE}structures/{world.the_structure.pk}/contacts/ajouter/", contact)
    assert StructureContact.objects.filter(label="Accueil", structure=world.the_structure).exists()
    office.post(f"{HERE}structures/{made.pk}/supprimer/")
    assert not Structure.objects.filter(pk=made.pk).exists()
    used = text(office.post(f"{HERE}structures/{world.the_structure.pk}/supprimer/", follow=True))
    assert "1 activité" in used


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


def test_a_question_is_written_like_a_sentence_and_changed_by_two(world):
    new = f"{world.page}questions/ajouter/"
    typed = {"text": "À quel arrêt ?", "kind": "choice", "choices": "Gare\n\nGare", "order": "1"}
    wrong = text(world.director.post(new, typed))
    assert "Donnez au moins deux réponses possibles, une par ligne." in wrong
    assert "Gare" in wrong
    wrong = text(world.director.post(new, {**typed, "kind": "text", "choices": "Gare"}))
    assert "choisissez « un choix dans une liste »" in wrong
    world.director.post(new, {**typed, "choices": " Gare \n\nMairie\nGare"})
    row = Question.objects.get()
    assert row.choices == ["Gare", "Mairie"]
    page = text(world.director.get(world.page))
    assert "un choix dans une liste ; Gare et Mairie ; facultatif" in page
    here = f"{HERE}questions/{row.pk}/"
    first = seen(world.director.get(here))
    changed = {**typed, "choices": "Gare\nÉcole", "seen": first}
    assert "C’est enregistré." in text(world.director.post(here, changed, follow=True))
    stale = text(world.director.post(here, {**changed, "choices": "Gare\nPlace", "required": "on"}))
    assert "Réponses possibles : Gare et École" in stale
    assert "Place" in stale
    world.director.post(f"{here}supprimer/")
    assert "Aucune question n’est posée" in text(world.director.get(world.page))


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


def test_a_stale_rule_says_which_sentences_have_changed(world):
    here = f"{world.page}delais/"
    first = world.director.get(here)
    page = unescape(first.content.decode())
    hidden = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("seen", "read")}
    BookingRule.objects.update(absence_proof_hours=48)
    typed = {
        "book-kind": "start",
        "cancel-kind": "start",
        "after": "refuse",
        "since": "2026-12-01",
        "enregistrer": "1",
        "jour": "2026-12-02",
        "voir": world.morning.pk,
    }
    stale = text(world.director.post(here, typed | hidden))
    told = stale.split("Il y a maintenant :")[1].split("Ce que vous avez saisi")[0]
    assert "Un justificatif d’absence est reçu jusqu’à 48 heures après le début" in told
    assert "Annuler" not in told


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


def test_the_gauges_of_a_slot_that_is_booked_say_what_can_be_done(world):
    page = f"{HERE}creneaux/{world.morning.pk}/jauges/"
    assert "ENREGISTRER" in text(world.director.get(page))
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    world.enrolment(zoe, world.wednesdays, durand)
    world.booking(zoe, world.opening(world.morning, date(2026, 12, 2)))
    shown = text(world.director.get(page))
    gauge = Gauge.objects.get(draws__slot=world.morning)
    assert "1 ouverture à venir de ce créneau a des réservations" in shown
    assert f"/agents/fermetures/capacites/{gauge.pk}/" in shown
    assert "ENREGISTRER" not in shown
    forced = text(world.director.post(page, {"groupe-0": []}))
    assert "1 ouverture à venir de ce créneau a des réservations" in forced
    assert SlotGauge.objects.filter(slot=world.morning).exists()


def test_a_gauge_of_another_director_is_named_and_leads_nowhere(world, count_queries):
    there = world.structure("Gymnase")
    hall = world.gauge("Salle de sport", 40, structure=there)
    world.draws(world.morning, hall)
    own = Gauge.objects.exclude(pk=hall.pk).get(draws__slot=world.morning)
    zoe = world.child(durand := world.home("Durand"), "Zoé")
    world.enrolment(zoe, world.wednesdays, durand)
    world.booking(zoe, world.opening(world.morning, date(2026, 12, 2)))
    page = f"{HERE}creneaux/{world.morning.pk}/jauges/"
    with count_queries() as few:
        shown = text(world.director.get(page))
    assert f"/agents/fermetures/capacites/{own.pk}/" in shown
    assert "<b>Salle de sport</b>" in shown
    assert "sa direction en change la capacité" in shown
    assert f"/agents/fermetures/capacites/{hall.pk}/" not in shown
    assert world.director.get(f"/agents/fermetures/capacites/{hall.pk}/").status_code == 404
    office = world.logged("guichet", Role.OFFICE)
    assert f"/agents/fermetures/capacites/{hall.pk}/" in text(office.get(page))
    for number in range(5):
        world.draws(world.morning, world.gauge(f"Salle {number}", 9, structure=there))
    with count_queries(len(few)):
        world.director.get(page)


def test_the_pages_of_an_activity_lead_to_each_other(world):
    row = world.opening(world.morning, date(2026, 12, 2))
    own = [
        world.page,
        f"{world.page}ouvertures/",
        f"{world.page}ouvertures/calculer/",
        f"{world.page}delais/",
        f"{world.page}lots/",
        f"{HERE}creneaux/{world.morning.pk}/jauges/",
        f"{HERE}ouvertures/{row.pk}/",
    ]
    sections = ("qui", "quand", "places", "inscription", "documents", "questions", "jour")
    whole = text(world.director.get(world.page))
    for section in sections:
        assert f'id="{section}"' in whole
    for page in own:
        shown = text(world.director.get(page))
        for section in sections:
            assert f'href="{world.page}#{section}"' in shown, (page, section)
        assert f'href="{world.page}delais/"' in shown


def test_lists_with_nothing_chosen_say_what_to_do_in_french(world):
    office = world.logged("guichet", Role.OFFICE)
    for page in (
        f"{HERE}nouvelle/{world.the_structure.pk}/",
        f"{HERE}structures/ajouter/{world.the_authority.pk}/",
        f"{world.page}modifier/quand/",
        f"{world.page}modifier/nom/",
        f"{world.page}modifier/inscription/",
    ):
        shown = text(office.get(page))
        assert "---" not in shown, page
        assert "Calendar" not in shown, page
    assert "Calendrier" in text(office.get(f"{world.page}modifier/quand/"))
