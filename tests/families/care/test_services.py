"""Who writes a child's care, what is refused, what the journal says of it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial

import pytest

from marelle.core.actor import Actor
from marelle.core.clock import PARIS
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.families.care import health, pickups
from marelle.families.care.consents import consents_answer
from marelle.families.care.health import health_sheet_save, sheet_data, version_of
from marelle.families.care.pickups import ContactData
from marelle.families.care.refusals import ReadOnly, Unseen, WrongValue
from marelle.families.care.rules import CONTACTS_AT_MOST, Answer, SheetData
from marelle.families.care.scope import siblings_of
from marelle.families.models import (
    Consent,
    FieldPolicy,
    Guardianship,
    HealthSheet,
    PickupContact,
    PickupPermission,
    Vaccination,
)
from marelle.families.models.care import sealed_sheet, sheet_said
from marelle.files.fields import checked
from marelle.files.models import StoredFile
from marelle.journal.models import Entry
from tests.care import asked, picture, sheet
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
LATER = datetime(2026, 11, 25, 21, 20, tzinfo=PARIS)
LINE = ContactData("Line Roche", "voisine", "+33639981002", may_fetch=True, may_be_called=False)
PEANUT = SheetData(allergies="Arachide", is_severe=True, pai=True, pai_until=date(2027, 8, 31))


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.petit = self.home("Petit", "Alex")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))

    def agent(self) -> Actor:
        return Actor(None, "Guichet", family_id=self.durand.family.pk, on_behalf_of=True)


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def save(actor: Actor, world: Village, typed: SheetData, *, seen: str = "", now: datetime = NOW):
    return health_sheet_save(actor=actor, child_id=world.zoe.pk, typed=typed, seen=seen, now=now)


def test_a_sheet_is_kept_at_once_and_the_journal_names_fields_without_a_value(world: Village) -> None:
    fields = save(world.durand.actor, world, PEANUT)
    assert fields == ("allergies", "is_severe", "pai", "pai_until")
    assert sheet_data(HealthSheet.objects.get()) == PEANUT
    entry = Entry.objects.get(verb="health.saved")
    assert entry.data == {"fields": list(fields)}
    assert "Arachide" not in str(entry.__dict__)


def test_the_same_sheet_sent_twice_changes_nothing(world: Village) -> None:
    save(world.durand.actor, world, PEANUT)
    assert save(world.durand.actor, world, PEANUT, seen="", now=LATER) == ()
    assert HealthSheet.objects.get().updated_at == NOW
    assert Entry.objects.filter(verb="health.saved").count() == 1


def test_what_the_other_home_wrote_meanwhile_is_not_overwritten(world: Village) -> None:
    world.shared(world.zoe, world.durand, world.petit)
    save(world.durand.actor, world, PEANUT)
    seen = version_of(HealthSheet.objects.get())
    save(world.petit.actor, world, replace(PEANUT, remarks="Lunettes"), seen=seen, now=LATER)
    with pytest.raises(ChangedMeanwhile):
        save(world.durand.actor, world, replace(PEANUT, allergies="Kiwi"), seen=seen, now=LATER)
    assert HealthSheet.objects.get().remarks == "Lunettes"
    assert HealthSheet.objects.get().allergies == "Arachide"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (SheetData(is_severe=True), "allergy_missing"),
        (SheetData(pai_meal="family"), "pai_missing"),
        (SheetData(pai=True, pai_until=date(1850, 1, 1)), "pai_until"),
        (SheetData(remarks="é" * 1001), "too_long"),
    ],
)
def test_what_a_sheet_cannot_say(world: Village, typed: SheetData, code: str) -> None:
    with pytest.raises(WrongValue) as refused:
        save(world.durand.actor, world, typed)
    assert refused.value.code == code
    assert not HealthSheet.objects.exists()


def test_an_agent_in_the_familys_name_adds_without_reading(world: Village) -> None:
    save(world.durand.actor, world, PEANUT)
    save(world.agent(), world, SheetData(allergies="Kiwi", doctor_name="Dr Lemoine"), now=LATER)
    kept = sheet_data(HealthSheet.objects.get())
    assert kept == replace(PEANUT, allergies="Arachide\nKiwi", doctor_name="Dr Lemoine")


def test_who_writes_nothing(world: Village) -> None:
    with pytest.raises(NotYours):
        save(world.petit.actor, world, PEANUT)
    step = world.adult(world.durand, "Sacha", identifier="sacha")
    world.guardian(step, world.zoe, link="step_parent", has_authority=False)
    world.durand.adults.reverse()
    with pytest.raises(ReadOnly, match="no_authority"):
        save(world.durand.actor, world, PEANUT)
    world.durand.adults.reverse()
    world.durand.family.left_on = date(2026, 11, 25)
    world.durand.family.save()
    with pytest.raises(ReadOnly, match="home_left"):
        save(world.durand.actor, world, PEANUT)
    Guardianship.objects.update(may_see=False)
    with pytest.raises(NotYours):
        save(world.durand.actor, world, PEANUT)


def test_the_authoritys_table_of_fields_holds_for_health(world: Village) -> None:
    save(world.durand.actor, world, PEANUT)
    FieldPolicy.objects.create(code="health.allergies", policy="read_only")
    FieldPolicy.objects.create(code="health.pai", policy="hidden")
    FieldPolicy.objects.create(code="health.remarks", policy="moderated")
    FieldPolicy.objects.create(code="health.vaccinations", policy="read_only")
    seen = version_of(HealthSheet.objects.get())
    fields = save(world.durand.actor, world, SheetData(remarks="Lunettes"), seen=seen, now=LATER)
    assert fields == ("remarks",), "health is never moderated: an allergy does not wait"
    with pytest.raises(ReadOnly):
        add_vaccine(world)
    with pytest.raises(ReadOnly):
        health.pai_file_set(
            actor=world.durand.actor, child_id=world.zoe.pk, upload=checked(picture()), seen=None, now=NOW
        )
    assert not StoredFile.objects.exists()


def test_the_file_of_the_pai_is_replaced_and_taken_away(world: Village) -> None:
    actor, child = world.durand.actor, world.zoe.pk
    sends = partial(health.pai_file_set, actor=actor, child_id=child)
    sends(upload=checked(picture("un.png")), seen=None, now=NOW)
    first = HealthSheet.objects.get()
    assert first.pai is True
    with pytest.raises(ChangedMeanwhile):
        sends(upload=checked(picture("de l’autre adulte.png")), seen=None, now=LATER)
    sends(upload=checked(picture("deux.png")), seen=first.pai_file_id, now=LATER)
    assert [row.name for row in StoredFile.objects.all()] == ["deux.png"]
    assert health.pai_file_remove(actor=actor, child_id=child, now=LATER) is True
    assert health.pai_file_remove(actor=actor, child_id=child, now=LATER) is False
    assert not StoredFile.objects.exists()


def test_an_agent_replaces_no_file_that_it_cannot_read_before_it_was_told(world: Village) -> None:
    sends = partial(health.pai_file_set, child_id=world.zoe.pk, now=LATER)
    sends(actor=world.agent(), upload=checked(picture("un.png")), seen=None)
    sends(
        actor=world.durand.actor,
        upload=checked(picture("deux.png")),
        seen=HealthSheet.objects.get().pai_file_id,
    )
    there = HealthSheet.objects.get().pai_file_id
    for seen in (None, 0, there - 1):
        with pytest.raises(Unseen) as told:
            sends(actor=world.agent(), upload=checked(picture("trois.png")), seen=seen)
        assert told.value.data["file_id"] == there
    with pytest.raises(NotYours):
        health.pai_file_remove(actor=world.agent(), child_id=world.zoe.pk, now=LATER)
    assert [row.name for row in StoredFile.objects.all()] == ["deux.png"]
    sends(actor=world.agent(), upload=checked(picture("trois.png")), seen=there)
    assert [row.name for row in StoredFile.objects.all()] == ["trois.png"]


def test_an_agent_who_cannot_read_it_ends_no_pai(world: Village) -> None:
    save(world.durand.actor, world, SheetData(pai=True))
    assert save(world.agent(), world, SheetData(pai=False), now=LATER) == ()
    assert HealthSheet.objects.get().pai is True


def add_vaccine(world: Village, on: date = date(2020, 3, 4), vaccine: str = "ROR") -> Vaccination:
    return health.vaccination_add(
        actor=world.durand.actor, child_id=world.zoe.pk, vaccine=vaccine, on=on, now=NOW
    )


def test_vaccines(world: Village) -> None:
    row = add_vaccine(world, vaccine="  ROR  (rougeole) ")
    assert row.vaccine == "ROR (rougeole)"
    with pytest.raises(WrongValue, match="vaccine_twice"):
        add_vaccine(world, vaccine="ror (ROUGEOLE)")
    with pytest.raises(WrongValue, match="vaccine_day"):
        add_vaccine(world, on=date(1850, 1, 1))
    assert HealthSheet.objects.exists(), "what says when all of it goes"
    for actor in (world.petit.actor, world.agent()):
        with pytest.raises(NotYours):
            health.vaccination_remove(actor=actor, child_id=world.zoe.pk, vaccination_id=row.pk, now=NOW)
    health.vaccination_remove(actor=world.durand.actor, child_id=world.zoe.pk, vaccination_id=row.pk, now=NOW)
    assert not Vaccination.objects.exists()


def add_contact(world: Village, contact: ContactData = LINE) -> PickupContact:
    made = pickups.pickup_contact_add(
        actor=world.durand.actor, child_id=world.zoe.pk, contact=contact, now=NOW
    )
    return made[world.zoe.pk]


def test_contacts_are_added_changed_moved_and_removed(world: Village) -> None:
    actor, child = world.durand.actor, world.zoe.pk
    line, paul = add_contact(world), add_contact(world, replace(LINE, name="Paul Vidal"))
    pickups.pickup_contact_move(actor=actor, child_id=child, contact_id=paul.pk, up=True, now=NOW)
    assert list(PickupContact.objects.values_list("name", flat=True)) == ["Paul Vidal", "Line Roche"]
    changed = replace(LINE, link="marraine")
    pickups.pickup_contact_change(
        actor=actor, child_id=child, contact_id=line.pk, contact=changed, seen=LINE, now=NOW
    )
    pickups.pickup_contact_remove(actor=actor, child_id=child, contact_id=paul.pk, now=NOW)
    assert PickupContact.objects.get().link == "marraine"


def test_one_person_is_named_once_for_several_children(world: Village) -> None:
    actor, zoe = world.durand.actor, world.zoe
    leo = world.child(world.durand, "Léo")
    assert [child.pk for child in siblings_of(actor, zoe.pk, day=NOW.date())] == [leo.pk]
    made = pickups.pickup_contact_add(actor=actor, child_id=zoe.pk, contact=LINE, also=[leo.pk], now=NOW)
    assert set(made) == {zoe.pk, leo.pk}
    pickups.pickup_contact_remove(actor=actor, child_id=leo.pk, contact_id=made[leo.pk].pk, now=NOW)
    assert PickupContact.objects.get().child == zoe  # each has its own from then on


def test_who_is_named_already_for_a_sibling_is_left_there(world: Village) -> None:
    leo = world.child(world.durand, "Léo")
    add_contact(world)
    made = pickups.pickup_contact_add(
        actor=world.durand.actor, child_id=leo.pk, contact=LINE, also=[world.zoe.pk], now=NOW
    )
    assert set(made) == {leo.pk}
    assert PickupContact.objects.count() == 2


def test_nobody_is_named_for_a_child_of_another_home(world: Village) -> None:
    stranger = world.child(world.home("Roche"), "Nina")
    with pytest.raises(NotYours):
        pickups.pickup_contact_add(
            actor=world.durand.actor, child_id=world.zoe.pk, contact=LINE, also=[stranger.pk], now=NOW
        )
    assert not PickupContact.objects.exists()


def test_contacts_that_cannot_be(world: Village) -> None:
    add_contact(world)
    with pytest.raises(WrongValue, match="named_twice"):
        add_contact(world, replace(LINE, name="ROCHE Line"))
    with pytest.raises(WrongValue, match="for_nothing"):
        add_contact(world, replace(LINE, name="Paul Vidal", may_fetch=False))
    for number in range(CONTACTS_AT_MOST - 1):
        add_contact(world, replace(LINE, name=f"Voisin numéro{number}"))
    with pytest.raises(WrongValue, match="too_many_contacts"):
        add_contact(world, replace(LINE, name="Paul Vidal"))


def test_the_other_home_touches_no_contact_of_this_one(world: Village) -> None:
    world.shared(world.zoe, world.durand, world.petit)
    row = add_contact(world)
    actor, child = world.petit.actor, world.zoe.pk
    with pytest.raises(NotYours):
        pickups.pickup_contact_change(
            actor=actor, child_id=child, contact_id=row.pk, contact=LINE, seen=LINE, now=NOW
        )
    with pytest.raises(NotYours):
        pickups.pickup_contact_remove(actor=actor, child_id=child, contact_id=row.pk, now=NOW)
    with pytest.raises(NotYours):
        pickups.pickup_contact_move(actor=actor, child_id=child, contact_id=row.pk, up=True, now=NOW)
    assert PickupContact.objects.get().family == world.durand.family


def give(world: Village, day: date = date(2026, 11, 26), name: str = "Rachid Haddad") -> pickups.Given:
    return pickups.pickup_permission_give(
        actor=world.durand.actor,
        child_id=world.zoe.pk,
        day=day,
        name=name,
        phone="+33639981001",
        note="",
        now=NOW,
    )


def test_a_permission_sent_twice_is_one(world: Village) -> None:
    first, second = give(world), give(world, name="HADDAD Rachid")
    assert (first.is_new, second.is_new) == (True, False)
    assert PickupPermission.objects.get() == second.permission
    for day in (date(2026, 11, 24), date(2026, 12, 10)):
        with pytest.raises(WrongValue, match="permission_day"):
            give(world, day)


def test_a_permission_is_taken_back_once_by_its_home(world: Village) -> None:
    world.shared(world.zoe, world.durand, world.petit)
    row = give(world).permission

    def take_back(actor: Actor, now: datetime = NOW) -> None:
        pickups.pickup_permission_take_back(actor=actor, child_id=world.zoe.pk, permission_id=row.pk, now=now)

    with pytest.raises(NotYours):
        take_back(world.petit.actor)
    with pytest.raises(NotYours):
        take_back(world.durand.actor, datetime(2026, 11, 27, 8, tzinfo=PARIS))
    take_back(world.durand.actor)
    with pytest.raises(NotYours):
        take_back(world.durand.actor)
    assert give(world).is_new


def answer(world: Village, answers: dict[int, Answer], year: int = 2026) -> tuple[str, ...]:
    return consents_answer(
        actor=world.durand.actor,
        child_id=world.zoe.pk,
        school_year=year,
        answers=answers,
        authority_ids={world.the_authority.pk},
        now=NOW,
    )


def test_answers_are_kept_with_who_and_only_changes_are_told(world: Village) -> None:
    photos = asked(world.the_authority)
    alone = asked(world.the_authority, "Seul", needs_hour=True)
    said = {photos.pk: Answer(False), alone.pk: Answer(True, time(17))}
    assert answer(world, said) == ("photos", "seul")
    assert answer(world, said) == ()
    assert answer(world, {photos.pk: Answer(True)}) == ("photos",)
    row = Consent.objects.get(type=photos)
    assert (row.given, row.person, row.family) == (True, world.durand.adult, world.durand.family)
    assert Consent.objects.get(type=alone).from_hour == time(17)
    assert [entry.data for entry in Entry.objects.filter(verb="consent.answered").order_by("pk")] == [
        {"fields": ["photos", "seul"]},
        {"fields": ["photos"]},
    ]


def test_answers_that_cannot_be(world: Village) -> None:
    alone = asked(world.the_authority, "Seul", needs_hour=True)
    elsewhere = asked(world.authority("Mairie"), "Photos")
    retired = asked(world.the_authority, "Baignade")
    retired.active = False
    retired.save()
    with pytest.raises(WrongValue, match="hour_missing"):
        answer(world, {alone.pk: Answer(True)})
    for said, year in (
        ({elsewhere.pk: Answer(True)}, 2026),
        ({retired.pk: Answer(True)}, 2026),
        ({alone.pk: Answer(False)}, 2027),
        ({10**9: Answer(True)}, 2026),
    ):
        with pytest.raises(NotYours):
            answer(world, said, year)
    assert not Consent.objects.exists()


def test_nothing_of_one_home_is_told_to_the_other(world: Village) -> None:
    """The sheet is common; the history of an act stays with the home that did it."""
    world.shared(world.zoe, world.durand, world.petit)
    sheet(world.zoe, allergies="Arachide")
    add_contact(world)
    give(world)
    assert not Entry.objects.filter(family_id=world.petit.family.pk).exists()


def test_how_long_a_sheet_is_sealed_tells_nothing_of_what_is_on_it() -> None:
    said = SheetData(allergies="Arachide et fruits à coque", is_severe=True, pai=True, doctor_name="Dr Roy")
    assert sheet_said(sealed_sheet(said)) == said
    assert len({len(sealed_sheet(one).token) for one in (said, SheetData())}) == 1
