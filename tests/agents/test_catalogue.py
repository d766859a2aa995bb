"""« Activités » on the screen: a director builds what is offered, and reads it in sentences."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, time
from html import unescape

import pytest
from django.test import Client

from marelle.activities.audiences import Audience, AudienceKind
from marelle.activities.models import (
    Activity,
    AgeGroup,
    BookingRule,
    Gauge,
    Opening,
    Question,
    Slot,
    SlotGauge,
)
from marelle.activities.rules import Limit, LimitKind, Wave
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.places.models import Structure, StructureContact
from tests.agents.village import HERE, NOW, Village, seen, text
from tests.standing import built_once
from tests.waves import wave

pytestmark = pytest.mark.django_db


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_the_page_says_in_sentences_what_is_set(world, count_queries):
    world.director.get(world.page)  # definitions are read once
    with count_queries(19) as one:
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
    draws = f"{here}jauges/"
    shown = seen(world.director.get(draws))
    world.director.post(draws, {f"c-{row.pk}-0": [made_gauge.pk], "seen": shown})
    assert SlotGauge.objects.get(slot=row).gauge == made_gauge
    calculate = f"{here}ouvertures/calculer/"
    preview = world.director.get(calculate)
    assert "Atelier : 31 ouvertures" in text(preview)
    assert "le calendrier ne connaît pas les jours fériés" in text(preview)
    held = text(world.director.post(calculate, {"seen": seen(preview)}))
    assert "Rien n’est fait encore : lisez ce qui est à regarder" in held
    assert not Opening.objects.filter(activity=made).exists()
    looked = {"seen": seen(preview), "regarde": "1"}
    done = text(world.director.post(calculate, looked, follow=True))
    assert "31 ouvertures changées." in done
    assert "mercredi 2 décembre" in done
    assert Opening.objects.filter(activity=made, quotas__gauge=made_gauge).count() == 31
    assert "Rien à changer" in text(world.director.get(calculate))
    assert AgeGroup.objects.get(activity=made).max_age_months == 107


def test_families_read_what_it_is_and_what_it_costs_in_the_directors_words(world):
    page = f"{world.page}modifier/presentation/"
    assert "Rien n’est dit de ce que cela coûte." in text(world.director.get(world.page))
    said = {
        "description": "Jeux et forêt.\r\nDes bottes !",
        "cost_text": "De 2 € à 6 €, <selon> le quotient.",
    }
    said |= {"seen": seen(world.director.get(page))}
    assert "C’est enregistré." in text(world.director.post(page, said, follow=True))
    durand = world.home("Durand")
    parent = Client()
    parent.force_login(durand.user)
    zoe = world.child(durand, "Zoé")
    asked = parent.get(f"/inscriptions/{zoe.pk}/demander/{world.wednesdays.pk}/").content.decode()
    for shown in (asked, world.director.get(world.page).content.decode()):
        assert "Jeux et forêt.<br>Des bottes !" in shown
        assert "De 2 € à 6 €, &lt;selon&gt; le quotient." in shown
    assert Activity.objects.get(pk=world.wednesdays.pk).cost_text == "De 2 € à 6 €, <selon> le quotient."


def test_groups_that_share_an_age_are_told_when_they_are_made_and_on_the_page(world):
    typed = {"name": "Tous", "min_age_months_0": "5", "min_age_months_1": "years"}
    typed |= {"max_age_months_0": "7", "max_age_months_1": "years"}
    told = "ont des âges en commun"
    assert told not in text(world.director.get(world.page))
    assert told in text(world.director.post(f"{world.page}groupes/ajouter/", typed, follow=True))
    shown = text(world.director.get(world.page))
    assert f"Les groupes « {world.small.name} » et « Tous » ont des âges en commun" in shown
    row = AgeGroup.objects.get(name="Tous")
    page = f"{HERE}groupes/{row.pk}/"
    sent = {**typed, "min_age_months_0": "30", "max_age_months_0": "", "seen": seen(world.director.get(page))}
    assert told not in text(world.director.post(page, sent, follow=True))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("40000", "Donnez un nombre plus petit : 9999 au plus."),
        ("-1", "Donnez un nombre plus grand : 0 au moins."),
        ("douze", "Donnez un nombre entier"),
    ],
)
def test_a_number_past_its_limit_is_told_in_words(world, typed, told):
    gauge = {"name": "Salle", "unit": "day", "capacity": typed, "since": "2026-12-01"}
    shown = text(world.director.post(f"{HERE}jauges/ajouter/{world.the_structure.pk}/", gauge))
    assert told in shown
    assert "Assurez-vous" not in shown
    page = f"{world.page}modifier/nom/"
    named = {
        "name": "Mercredis",
        "kind": "wednesday",
        "order": "40000",
        "seen": seen(world.director.get(page)),
    }
    assert "Donnez un nombre plus petit : 999 au plus." in text(world.director.post(page, named))


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


LIMITS_KEPT = {
    "book-strict": "until",
    "book-off_day": "kept",
    "cancel-strict": "until",
    "cancel-off_day": "kept",
}
RULE = {
    "book-kind": "week_before",
    "book-week_weekday": "1",
    "book-week_n": "1",
    "book-week_time": "23:59",
    "cancel-kind": "start",
    **LIMITS_KEPT,
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


def test_mondays_have_their_own_limit_which_is_shown_changed_and_ended(world):
    page = f"{world.page}delais/"
    typed = {
        **RULE,
        "voir": world.morning.pk,
        "weekdays": ["0", "1"],
        "book-strict": "before",
        "enregistrer": "1",
    }
    world.director.post(page, {**typed, "seen": seen(world.director.get(page))})
    new = BookingRule.objects.get(since=date(2026, 12, 1))
    assert (new.weekdays, new.book_strict, new.cancel_strict) == ([0, 1], True, False)
    shown = world.director.get(page)
    assert "Pour les lundis et mardis à partir du 1 décembre 2026".replace(" 1 d", " 1er d") in text(shown)
    assert "Réserver avant 23 h 59 le mardi de la semaine d’avant" in text(shown)
    assert f'href="{page}?jours=01"' in shown.content.decode()
    own = world.director.get(f"{page}?jours=01")
    assert own.context["form"]["weekdays"].value() == [0, 1]
    assert own.context["form"].book["week_weekday"].value() == 1
    assert "Ne plus traiter à part les lundis et mardis, à partir du" in text(own)
    asked = world.director.post(f"{page}fin/?jours=01", {"a-partir-du": "2026-12-08"}, follow=True)
    assert "Les lundis et mardis suivent de nouveau le délai de tous les jours." in text(asked)
    new.refresh_from_db()
    assert new.until == date(2026, 12, 7)
    assert world.director.post(f"{page}fin/", {"a-partir-du": "2026-12-08"}).status_code == 404
    for nonsense in ("7", "x", "-1", "²"):
        assert world.director.get(page, {"jours": nonsense}).status_code == 404


def test_waves_are_added_changed_and_taken_off(world):
    page = f"{world.page}delais/"
    shown = world.director.get(page)
    assert len(shown.context["form"].waves) == 1, "one to fill"
    typed = {**RULE, "voir": world.morning.pk, "seen": seen(shown), "waves_shown": "1"}
    residents = {"wave-0-audience": "residents", "wave-0-kind": "fixed", "wave-0-off_day": "kept"}
    more = world.director.post(page, {**typed, **residents, "vague": "1"})
    assert len(more.context["form"].waves) == 2
    assert not BookingRule.objects.filter(since=date(2026, 12, 1)).exists()
    empty = world.director.post(page, {**typed, **residents, "enregistrer": "1"})
    assert "Remplissez la phrase choisie." in text(empty)
    named = {**residents, "wave-0-audience": "communes", "wave-0-at": "2026-11-30T07:00"}
    assert "Cochez-en au moins une." in text(
        world.director.post(page, {**typed, **named, "enregistrer": "1"})
    )
    rolling = {
        "wave-1-audience": "all",
        "wave-1-kind": "week_before",
        "wave-1-week_weekday": "0",
        "wave-1-week_n": "6",
        "wave-1-week_time": "07:00",
        "wave-1-off_day": "kept",
        "wave-2-audience": "",
        "waves_shown": "3",
    }
    both = {**typed, **named, **rolling, "wave-0-communes": [world.the_commune.pk]}
    world.director.post(page, {**both, "enregistrer": "1"})
    rule = BookingRule.objects.get(since=date(2026, 12, 1)).as_rule()
    assert rule.waves == (
        wave(
            datetime(2026, 11, 30, 7, tzinfo=PARIS),
            Audience(AudienceKind.COMMUNES, frozenset({world.the_commune.pk})),
        ),
        Wave(Limit(LimitKind.WEEK_BEFORE, n=6, weekday=0, time=time(7))),
    )
    told = text(world.director.get(page))
    assert "S’ouvre le lundi 30 novembre 2026 à 7 h 00 pour certaines communes." in told
    assert "S’ouvre le lundi, 6 semaines avant, 7 h 00 pour toutes les familles." in told
    world.director.post(
        page, {**both, "seen": seen(world.director.get(page)), "wave-0-audience": "", "enregistrer": "1"}
    )
    assert len(BookingRule.objects.get(since=date(2026, 12, 1)).as_rule().waves) == 1
    for nonsense in ("-1", "x", "1e9", "999999999999"):
        sent = world.director.post(page, {**typed, "waves_shown": nonsense, "enregistrer": "1"})
        assert sent.status_code == 200


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


def test_a_stale_rule_says_which_sentences_have_changed(world):
    here = f"{world.page}delais/"
    first = world.director.get(here)
    page = unescape(first.content.decode())
    hidden = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("seen", "read")}
    BookingRule.objects.update(after="late")
    typed = {
        "book-kind": "start",
        "cancel-kind": "start",
        **LIMITS_KEPT,
        "after": "refuse",
        "since": "2026-12-01",
        "enregistrer": "1",
        "jour": "2026-12-02",
        "voir": world.morning.pk,
    }
    stale = text(world.director.post(here, typed | hidden))
    told = stale.split("Il y a maintenant :")[1].split("Ce que vous avez saisi")[0]
    assert "la réservation est notée « tardive »" in told
    assert "Annuler" not in told


def test_the_pages_of_an_activity_lead_to_each_other(world):
    row = world.opening(world.morning, date(2026, 12, 2))
    own = [
        world.page,
        f"{world.page}ouvertures/",
        f"{world.page}ouvertures/calculer/",
        f"{world.page}delais/",
        f"{world.page}absences/",
        f"{world.page}lots/",
        f"{world.page}jauges/",
        f"{HERE}ouvertures/{row.pk}/",
    ]
    sections = (
        "presentation",
        "qui",
        "quand",
        "places",
        "combien",
        "inscription",
        "documents",
        "questions",
        "jour",
    )
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
