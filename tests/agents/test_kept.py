"""« Places gardées » on the screen: set, read in a sentence, changed, taken away; children named; copied."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, time

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.activities.models import Gauge, GaugeLevel, KeptPlaces, Quota
from marelle.activities.occupancy import HalfHour, Rate
from marelle.activities.selectors import Places, Wished, places_to_come
from marelle.agents.desk.places import place_table
from marelle.agents.places.words import nursery_block
from marelle.bookings.kept import kept_add, kept_follow, kept_name
from marelle.bookings.occupation import NurseryDay
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.enrolments.models import KeptFor
from marelle.flows.actor.actors import actor_for
from marelle.flows.office.home_file import nursery_places
from marelle.flows.year.next_year import Wanted, activities_copy, copies_preview
from marelle.journal.edits import NotPossible
from marelle.journal.models import Entry
from marelle.places.models import Post
from marelle.relay.models import CareRequest
from tests.agents.village import HERE, NOW, Village, seen, text
from tests.kept import kept_given
from tests.standing import built_once

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 2)
PLACES = "/agents/places/"


class World(Village):
    def __init__(self) -> None:
        super().__init__()
        self.gauge_of = Gauge.objects.get(draws__slot=self.morning)
        Gauge.objects.update(name="Matin")
        self.new = f"{self.page}places-gardees/ajouter/"
        self.typed = {
            "name": "Suivi social",
            "gauge": str(self.gauge_of.pk),
            "places": "4",
            "audience": "named",
            "since": "2026-12-01",
            "until": "",
            "release_n": "1",
            "release_counting": "calendar",
            "release_time": "18:00",
            "release_at": "",
        }
        self.petit = self.home("Petit", "Sacha")
        self.zoe = self.enrolment(
            self.child(self.petit, "Zoé", born=date(2019, 3, 4)), self.wednesdays, self.petit
        )
        self.leo = self.enrolment(self.child(self.petit, "Léo"), self.wednesdays, self.petit)

    def names(self, row: KeptPlaces) -> str:
        return f"{HERE}places-gardees/{row.pk}/enfants/"


built = built_once(World, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> World:
    time_machine.move_to(NOW)
    return deepcopy(built)


def here(row: KeptPlaces) -> str:
    return f"{HERE}places-gardees/{row.pk}/"


def test_it_is_written_read_changed_by_two_and_taken_away(world):
    assert "Aucune place n’est gardée." in text(world.director.get(world.page))
    answer = world.director.post(world.new, world.typed)
    row = KeptPlaces.objects.get()
    assert answer["Location"] == world.names(row), "children are named next"
    page = text(world.director.get(world.page))
    assert (
        "4 places de « Matin » pour des enfants désignés, jusqu’à la veille, 18 h 00, à partir du 1er" in page
    )
    assert "personne encore" in page
    first = seen(world.director.get(here(row)))
    changed = {"places": "1", "audience": "residents", "until": "2027-01-31", "release_time": ""}
    changed |= {"release_n": "", "release_at": "2026-12-10T12:00", "seen": first}
    assert "C’est enregistré." in text(world.director.post(here(row), world.typed | changed, follow=True))
    page = text(world.director.get(world.page))
    assert "1 place de « Matin » pour les habitants, jusqu’au jeudi 10 décembre 2026 à 12 h 00" in page
    assert "du 1er décembre 2026 au 31 janvier 2027" in page
    assert "personne encore" not in page
    stale = text(world.director.post(here(row), world.typed | {"places": "5", "seen": first}))
    assert "Combien de places : 1" in stale
    assert 'value="5"' in stale
    world.director.post(f"{here(row)}supprimer/")
    assert not KeptPlaces.objects.exists()
    verbs = Entry.objects.filter(verb__startswith="kept_places").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["kept_places.added", "kept_places.changed", "kept_places.removed"]


def test_a_set_for_nobody_to_name_leads_back_to_the_activity(world):
    commune = world.commune("Avressieux")
    typed = world.typed | {"audience": "communes", "communes": [str(commune.pk)]}
    assert world.director.post(world.new, typed)["Location"] == world.page
    assert "les familles d’Avressieux" in text(world.director.get(world.page))
    assert world.director.get(world.names(KeptPlaces.objects.get())).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "obligatoire"),
        ({"name": "a" * 81}, "80"),
        ({"gauge": ""}, "obligatoire"),
        ({"gauge": "999999"}, "Choisissez dans la liste."),
        ({"gauge": "9" * 30}, "Choisissez dans la liste."),
        ({"places": "0"}, "1 au moins"),
        ({"places": "10000"}, "9999 au plus"),
        ({"places": "quatre"}, "nombre"),
        ({"places": ""}, "obligatoire"),
        ({"audience": "all"}, "choix"),
        ({"audience": "communes"}, "Cochez-en au moins une."),
        ({"audience": "communes", "communes": ["999999"]}, "Choisissez dans la liste."),
        ({"audience": "communes", "communes": ["9" * 30]}, "Choisissez dans la liste."),
        ({"audience": "schools"}, "Cochez-en au moins une."),
        ({"audience": "schools", "schools": ["999999"]}, "Choisissez dans la liste."),
        ({"since": ""}, "Donnez une date"),
        ({"since": "demain"}, "Donnez une date"),
        ({"until": "2026-11-30"}, "La fin vient avant le début."),
        ({"release_n": "-1"}, "0 au moins"),
        ({"release_n": "367"}, "366 au plus"),
        ({"release_n": ""}, "0 pour le jour même"),
        ({"release_counting": "lunar"}, "choix"),
        ({"release_time": "midi"}, "Donnez une heure"),
        ({"release_time": ""}, "Dites jusqu’à quelle heure, ou jusqu’à quel instant."),
        ({"release_at": "demain"}, "Donnez un jour et une heure"),
        ({"release_at": "2026-12-10T12:00"}, "le même instant pour tous"),
    ],
)
def test_what_makes_no_sense_is_said_beside_it_and_what_was_kept_stays(world, wrong, said):
    assert world.the_school
    row = kept_given(world.wednesdays, world.gauge_of, 3)
    typed = world.typed | {"seen": seen(world.director.get(here(row)))}
    answer = text(world.director.post(here(row), typed | wrong))
    assert said in answer
    assert "aria-invalid" in answer
    row.refresh_from_db()
    assert (row.places, row.name, row.release_time, row.release_at) == (3, "Suivi social", time(18), None)
    assert world.director.post(world.new, world.typed | wrong).status_code == 200
    assert KeptPlaces.objects.count() == 1


def test_communes_of_another_audience_are_left_out(world):
    typed = world.typed | {"communes": [str(world.commune("Avressieux").pk)]}
    world.director.post(world.new, typed)
    assert not KeptPlaces.objects.get().communes.exists()


def test_a_gauge_that_no_slot_draws_on_is_no_choice_whoever_asks(world):
    other = world.gauge("Judo", 8)
    assert "Judo" not in text(world.director.get(world.new))
    values = {"gauge": other, "name": "A", "places": 1, "audience": "named", "since": DAY}
    values |= {"release_time": time(18), "communes": [], "schools": []}
    director = actor_for(User.objects.get(identifier="direction"))
    with pytest.raises(NotPossible) as no:
        kept_add(actor=director, activity_id=world.wednesdays.pk, values=values, now=NOW)
    assert set(no.value.data["errors"]) == {"gauge"}


def test_the_gauge_of_a_set_stays_its_own_once_no_slot_draws_on_it(world):
    row = kept_given(world.wednesdays, world.gauge_of, 3)
    world.morning.draws.all().delete()
    typed = world.typed | {"places": "2", "seen": seen(world.director.get(here(row)))}
    world.director.post(here(row), typed)
    row.refresh_from_db()
    assert row.places == 2


def test_without_a_gauge_it_says_what_comes_first(world):
    bare = world.activity("Judo")
    world.slot(bare)
    page = f"{HERE}{bare.pk}/"
    shown = text(world.director.get(page))
    assert "Choisissez d’abord les jauges des créneaux." in shown
    assert "Garder des places" not in shown
    assert "choisissez d’abord leurs jauges" in text(world.director.get(f"{page}places-gardees/ajouter/"))


def test_more_than_there_is_is_told_once_saved_and_on_the_page(world):
    told = "« Matin » n’a que 24 places, et 25 y sont gardées le 1er décembre 2026"
    assert told not in text(world.director.post(world.new, world.typed | {"places": "24"}, follow=True))
    answer = world.director.post(world.new, world.typed | {"name": "Crèche", "places": "1"}, follow=True)
    assert told in text(answer)
    assert KeptPlaces.objects.count() == 2
    assert told in text(world.director.get(world.page))
    KeptPlaces.objects.filter(name="Crèche").update(since=date(2026, 9, 1), until=date(2026, 11, 30))
    assert "n’a que" not in text(world.director.get(world.page)), "not on the same days"


def test_what_there_is_is_that_of_the_first_day_to_come(world):
    kept_given(world.wednesdays, world.gauge_of, 20)
    GaugeLevel.objects.create(gauge=world.gauge_of, since=date(2027, 1, 4), capacity=10)
    assert "n’a que" not in text(world.director.get(world.page))
    GaugeLevel.objects.create(gauge=world.gauge_of, since=date(2026, 11, 2), capacity=12)
    told = "n’a que 12 places, et 20 y sont gardées le 25 novembre 2026"
    assert told in text(world.director.get(world.page))


def test_a_director_of_elsewhere_finds_nothing(world):
    row = kept_given(world.wednesdays, world.gauge_of)
    other = Client()
    other.force_login(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    for page in (world.new, here(row), world.names(row)):
        assert other.get(page).status_code == 404
        assert other.post(page, world.typed).status_code == 404
    assert other.post(f"{here(row)}supprimer/").status_code == 404


def name(world: World, row: KeptPlaces, ticked, seen=()):
    sent = {"e": [one.pk for one in ticked], "vu": [one.pk for one in seen]}
    return text(world.director.post(world.names(row), sent, follow=True))


def named(row: KeptPlaces) -> set[int]:
    return set(KeptFor.objects.filter(kept=row).values_list("enrolment_id", flat=True))


def test_children_are_named_from_those_enrolled_and_counted(world):
    row = kept_given(world.wednesdays, world.gauge_of)
    gone = world.enrolment(
        world.child(world.petit, "Tom"), world.wednesdays, world.petit, ends_on=date(2026, 11, 24)
    )
    asked = world.enrolment(world.child(world.petit, "Eva"), world.wednesdays, world.petit, state="requested")
    page = text(world.director.get(world.names(row)))
    assert page.index("Petit Léo") < page.index("Petit Zoé")
    assert "né(e) le 4 mars 2019" in page
    assert "Petit Tom" not in page
    assert "Petit Eva" not in page
    assert "Choisir les enfants" in text(world.director.get(here(row)))
    assert "1 enfant désigné." in name(world, row, [world.zoe])
    assert "1 enfant désigné" in text(world.director.get(world.page))
    KeptFor.objects.create(kept=row, enrolment=gone)
    KeptFor.objects.create(kept=row, enrolment=asked)
    assert "1 enfant désigné" in text(world.director.get(world.page)), "who is not there is not counted"
    assert "1 enfant désigné, 1 retiré." in name(world, row, [world.leo], [world.zoe])
    assert named(row) == {world.leo.pk, gone.pk, asked.pk}, "who was not shown stays"
    assert "Rien n’avait changé." in name(world, row, [world.leo], [world.leo])


def test_what_another_agent_named_or_took_off_meanwhile_stays_and_is_told(world):
    row = kept_given(world.wednesdays, world.gauge_of)
    name(world, row, [world.zoe])
    first = [world.zoe]
    other = actor_for(world.staff("bureau", Role.OFFICE))
    kept_name(actor=other, pk=row.pk, enrolment_ids=[world.leo.pk], now=NOW)
    told = name(world, row, [world.zoe], first)
    assert "Un autre agent a changé entre-temps, et c’est gardé : Léo Petit et Zoé Petit." in told
    assert named(row) == {world.leo.pk}
    assert "Un autre agent" not in name(world, row, [world.leo], [world.leo])


def test_an_agents_own_child_is_shown_and_another_names_it(world):
    row = kept_given(world.wednesdays, world.gauge_of)
    parent = world.home("Durand", "Camille")
    own = world.enrolment(world.child(parent, "Nina"), world.wednesdays, parent)
    Post.objects.create(user=parent.user, role=Role.DIRECTOR, structure=world.the_structure)
    mine = Client()
    mine.force_login(parent.user)
    page = mine.get(world.names(row)).content.decode()
    assert f'value="{own.pk}" disabled' in page
    assert "votre famille" in text(mine.get(world.names(row)))
    sent = {"e": [own.pk, world.zoe.pk]}
    told = text(mine.post(world.names(row), {"e": []}, follow=True))
    assert "Rien n’avait changé." in told
    assert "propre famille" in text(mine.post(world.names(row), sent, follow=True))
    assert not named(row)
    KeptFor.objects.create(kept=row, enrolment=own)
    page = mine.get(world.names(row)).content.decode()
    assert f'name="vu" value="{own.pk}"' not in page, "a box that is not sent takes nobody off"
    told = text(mine.post(world.names(row), {"e": [world.zoe.pk]}, follow=True))
    assert "Un autre agent" not in told
    assert named(row) == {own.pk, world.zoe.pk}


def test_a_child_whom_two_homes_enrol_is_there_once_by_the_one_that_is_named(world):
    row = kept_given(world.wednesdays, world.gauge_of)
    other = world.home("Roy", "Alix")
    world.shared(world.zoe.person, world.petit, other)
    second = world.enrolment(world.zoe.person, world.wednesdays, other)
    page = world.director.get(world.names(row)).content.decode()
    assert page.count("<b>Petit Zoé</b>") == 1
    assert f'value="{world.zoe.pk}"' in page
    KeptFor.objects.create(kept=row, enrolment=second)
    page = world.director.get(world.names(row)).content.decode()
    assert page.count("<b>Petit Zoé</b>") == 1
    assert f'name="e" value="{second.pk}" checked' in page
    KeptFor.objects.create(kept=row, enrolment=world.zoe)
    assert "1 enfant désigné" in text(world.director.get(world.page))


def keep_of(world: World, places: int, capacity: int = 24) -> None:
    """Kept of the morning of 2 December, of which Zoé, who counts for none, has one."""
    world.quota_day = world.opening(world.morning, DAY)
    Quota.objects.update(capacity=capacity)
    world.booking(world.zoe.person, world.quota_day)
    kept_given(world.wednesdays, world.gauge_of, places)
    kept_follow({world.gauge_of.pk}, now=NOW)


def test_agents_read_what_is_kept_and_free_still(world):
    keep_of(world, 2)
    assert "1 / 24, 2 gardées" in text(world.director.get(f"{PLACES}?jour=2026-12-02"))
    assert "1 / 24, 2 gardées" in text(world.director.get(f"{PLACES}jour/?jour=2026-12-02"))
    assert "1 prises sur 24, 2 gardées" in text(world.director.get(f"{world.page}?jour=2026-12-02"))
    world.booking(world.leo.person, world.quota_day, state=BookingState.WAITING)
    assert "21 places libres, 2 gardées" in text(world.director.get(f"{PLACES}attente/"))
    queue = f"{PLACES}attente/{world.quota_day.pk}/"
    assert "21 places libres, 2 gardées" in text(world.director.get(queue))
    Quota.objects.update(capacity=2)
    assert "1 / 2, 1 gardée<" in text(world.director.get(f"{PLACES}?jour=2026-12-02")), "of those left"
    Quota.objects.update(capacity=24, kept_taken=1)
    assert "1 / 24, 1 gardée" in text(world.director.get(f"{PLACES}?jour=2026-12-02"))


def test_a_child_who_waits_for_the_places_kept_for_it_is_no_exception_told(world):
    keep_of(world, 2, capacity=3)
    row = KeptPlaces.objects.get()
    world.booking(world.leo.person, world.quota_day, state=BookingState.WAITING)
    name(world, row, [world.leo])
    page = text(world.director.get(f"{PLACES}attente/"))
    assert "complet, 2 gardées" in page
    assert "sauf pour un enfant" not in page


def test_the_tightest_of_two_gauges_is_the_one_with_the_least_for_all(world):
    world.draws(world.morning, world.gauge("Bâtiment", 22))
    keep_of(world, 3)
    Quota.objects.filter(gauge__name="Bâtiment").update(capacity=22)
    assert "1 prises sur 24, 3 gardées" in text(world.director.get(f"{world.page}?jour=2026-12-02"))


def test_a_nursery_tells_its_places_without_those_kept(world):
    nursery = world.structure("Crèche", kind="childcare")
    care = world.activity("Accueil", structure=nursery, years=(0, 3))
    slot = world.slot(care, "Accueil", "08:00", "18:00", weekdays=[2], capacity=10)
    world.openings(care, DAY)
    Quota.objects.filter(openings__slot=slot).update(taken=4, kept=3, kept_taken=1)
    office = actor_for(world.staff("bureau", Role.OFFICE))
    wanted = CareRequest(structure=nursery, starts_on=DAY, weekly={"2": ["08:00", "12:00"]})
    (found,) = nursery_places(office, wanted, day=NOW.date())
    assert (found.taken, found.kept, found.left) == (6, 2, 4)


def test_where_only_places_kept_are_left_it_says_so_and_giving_one_asks_for_the_reason(world):
    keep_of(world, 2, capacity=3)
    shown = text(world.director.get(f"{PLACES}?jour=2026-12-02"))
    assert "1 / 3, 2 gardées" in shown
    assert "il ne reste que des places gardées" in shown
    waits = world.booking(world.leo.person, world.quota_day, state=BookingState.WAITING)
    queue = f"{PLACES}attente/{world.quota_day.pk}/"
    assert "complet, 2 gardées" in text(world.director.get(queue))
    assert "complet, 2 gardées" in text(world.director.get(f"{PLACES}attente/"))
    move = f"{queue}{waits.pk}/"
    sent = {"act": "place", "priority": "0", "seen": "0", "reason": ""}
    asked = text(world.director.post(move, sent))
    assert "les places qui restent sont gardées" in asked
    assert "Donner la place au-delà de la capacité" not in asked
    world.director.post(move, sent | {"reason": "Accord de la direction"})
    waits.refresh_from_db()
    assert (waits.state, waits.passed) == ("booked", "kept_places")


@pytest.mark.parametrize(
    ("taken", "kept", "cell"),
    [
        (18, 2, ("18 / 24, 2 gardées", "", "ok")),
        (23, 2, ("23 / 24, 1 gardée", "que des places gardées", "warn")),
        (22, 2, ("22 / 24, 2 gardées", "que des places gardées", "warn")),
        (19, 2, ("19 / 24, 2 gardées", "presque complet", "warn")),
        (24, 2, ("24 / 24", "complet", "error")),
        (24, 0, ("24 / 24", "complet", "error")),
    ],
)
def test_the_places_of_a_request_tell_what_is_kept(taken, kept, cell):
    (row,) = place_table([Places(1, "Matin", DAY, taken + kept, 24, kept)]).rows
    (found,) = row[1]
    assert (found.text.replace("\u00a0", " "), found.word, found.tone) == cell


def test_the_request_reads_them_from_the_quotas(world):
    keep_of(world, 2)
    wished = Wished.of(world.wednesdays.pk, wishes={}, group_id=None, first=DAY, last=DAY)
    (found,) = places_to_come(wished)
    assert (found.taken, found.kept, found.left) == (3, 2, 21)


def test_half_hours_tell_what_is_kept_of_them():
    line = nursery_block(NurseryDay("Crèche", (HalfHour(16, 8, 12, 2),), Rate(8, 12), Rate(8, 12))).hours[0]
    assert line.places == "8\u00a0/\u00a012, 2 gardées"


def test_the_next_year_takes_it_along_and_names_nobody(world):
    office = actor_for(world.staff("bureau", Role.OFFICE))
    lasting = kept_given(world.wednesdays, world.gauge_of, 2, since=world.wednesdays.first_day)
    KeptFor.objects.create(kept=lasting, enrolment=world.zoe)
    fixed = kept_given(
        world.wednesdays, world.gauge_of, 3, name="Communes", audience="communes", since=date(2026, 11, 2),
        until=date(2026, 11, 29), release_at=datetime(2026, 11, 10, 12, tzinfo=PARIS),
    )  # fmt: skip
    fixed.communes.add(world.commune("Avressieux"))
    (preview,) = copies_preview(office, [world.wednesdays.pk])
    lines = {line.key: line for line in preview.dates}
    assert lines[f"kept-{lasting.pk}-since"].of == "Suivi social (2 places)"
    assert f"kept-{lasting.pk}-release_at" not in lines
    page = text(world.director.get(f"{HERE}annee/copier/?a={world.wednesdays.pk}"))
    assert "Communes (3 places) : Ces places sont gardées jusqu’au" in page
    key = f"kept-{fixed.pk}-until"
    dates = {key: line.after for key, line in lines.items()} | {key: date(2027, 12, 5)}
    (made,) = activities_copy(actor=office, wanted=[Wanted(world.wednesdays.pk, "Suite", dates)], now=NOW)
    first, second = made.activity.kept_places.order_by("places")
    assert (first.places, first.since, first.until) == (2, made.activity.first_day, None)
    assert (first.release_n, first.release_time, first.release_at) == (1, time(18), None)
    assert (second.audience, second.until, second.gauge_id) == (
        "communes",
        date(2027, 12, 5),
        world.gauge_of.pk,
    )
    assert second.release_at == datetime(2027, 11, 9, 12, tzinfo=PARIS)
    assert [one.name for one in second.communes.all()] == ["Avressieux"]
    assert not KeptFor.objects.filter(kept__activity=made.activity).exists()
    assert KeptPlaces.objects.filter(activity=world.wednesdays).count() == 2
