"""Two agents at the same moment on one family, one case, one slot: one is first, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import IntegrityError, connection

from marelle.activities.models import Slot
from marelle.activities.services import part_change
from marelle.activities.services.shared import shared_add, shared_remove
from marelle.core.actor import Actor, Role
from marelle.core.refusals import ChangedMeanwhile, No
from marelle.core.resealing import Resealing, reseal
from marelle.core.sealed import Sealed
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services import Terms, enrolment_accept, enrolment_refuse, enrolment_request
from marelle.families.care.bans import pickup_ban_set
from marelle.families.care.consents import TypeData, consent_type_change, type_held
from marelle.families.file.records import Record, record_held, record_mark, record_write
from marelle.families.incomes.rules import IncomeKind, IncomeStatus, NewIncome, Told
from marelle.families.incomes.selectors import incomes_mark
from marelle.families.incomes.services import income_note
from marelle.families.models import Family, Income, PickupBan, Residence
from marelle.families.services import NewAdult, residence_add
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.openings import part_drop
from marelle.flows.office.opening import HomesAlike, NewHome, home_open
from marelle.journal.edits import NotPossible
from marelle.messaging.models import Thread
from marelle.messaging.refusals import AssignedMeanwhile
from marelle.messaging.services import thread_assign
from marelle.places.models import Calendar, Commune, School
from tests.care import asked
from tests.offer import LAST_DAY
from tests.races.crowd import NOW
from tests.races.together import PATIENCE, together, together_or_errors
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 3
TODAY = date(2026, 11, 25)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand")
        self.offices = [actor_for(self.staff(name, Role.OFFICE)) for name in ("nadege", "omar")]


def one_is_told(calls: list[Callable[[], object]], refusal: type[No]) -> None:
    answers = together_or_errors(calls)
    refused = [one for one in answers if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [refusal], answers


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_two_addresses_of_one_home(round_: int) -> None:
    world = Village()
    family_id = world.durand.family.pk
    before = Residence.objects.count()
    seen = record_mark(record_held(Record.ADDRESS, family_id=family_id, day=TODAY))

    def writes(actor: Actor, street: str) -> Callable[[], object]:
        write = lambda: residence_add(  # noqa: E731
            actor=actor,
            family_id=family_id,
            street=street,
            postal_code="21999",
            city="Arelle",
            commune_id=None,
            since=TODAY,
            source="facture",
            now=NOW,
        )
        return lambda: record_write(Record.ADDRESS, write, family_id=family_id, seen=seen, day=TODAY)

    streets = ("1 rue Haute", "2 rue Basse")
    calls = [writes(actor, street) for actor, street in zip(world.offices, streets, strict=True)]
    one_is_told(calls, ChangedMeanwhile)
    assert Residence.objects.count() == before + 1
    assert not Income.objects.exists()


def test_two_agents_note_the_income_of_one_home_and_the_second_is_told() -> None:
    world = Village()
    family_id = world.durand.family.pk
    seen = incomes_mark(world.offices[0], family_id)

    def writes(actor: Actor, amount: int) -> Callable[[], object]:
        told = Told(IncomeStatus.PROVED, Decimal(amount))
        income = NewIncome(IncomeKind.QUOTIENT, told, TODAY, "attestation")
        return lambda: income_note(actor=actor, family_id=family_id, income=income, seen=seen, now=NOW)

    calls = [writes(actor, amount) for actor, amount in zip(world.offices, (700, 800), strict=True)]
    one_is_told(calls, ChangedMeanwhile)
    assert Income.objects.get().told.amount in {700, 800}


def test_values_are_sealed_anew_while_agents_write_and_none_is_lost(settings: Any) -> None:
    """Half of the writers still have the old key first, as a process that was not started again."""
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.SEALING_KEYS = (old,)
    world = Village()
    for year in range(2000, 2020):
        world.quotient(world.durand, "1", since=date(year, 1, 1))
    rows = list(Income.objects.order_by("pk"))
    settings.SEALING_KEYS = (new, old)
    written = Sealed(Fernet(old).encrypt(b"999").decode())

    def write() -> None:
        for row in rows[::3]:
            Income.objects.filter(pk=row.pk).update(amount=written)

    answers = together([reseal, write, reseal, write])
    assert not any(answer.lost for answer in answers if isinstance(answer, Resealing))
    assert reseal().lost == 0
    settings.SEALING_KEYS = (new,)
    amounts = [int(row.told.amount or 0) for row in Income.objects.order_by("pk")]
    assert amounts == [999 if place % 3 == 0 else 1 for place in range(20)]


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_one_home_is_created_once(round_: int) -> None:
    world = Village()
    adults = [NewAdult("first", "Thomas", "Ravel", phone="0639981006")]
    home = NewHome("Ravel", adults, [], same_as={}, address=None, invite=False)
    one_is_told([partial(home_open, actor=actor, home=home, now=NOW) for actor in world.offices], HomesAlike)
    assert Family.objects.filter(name="Ravel").count() == 1


def test_one_judgment_is_written_once() -> None:
    world = Village()
    zoe = world.child(world.durand, "Zoé")
    said = {"family_id": None, "name": "Max Perrin", "reason": "Jugement", "since": TODAY, "until": None}
    writes = [
        partial(pickup_ban_set, actor=actor, child_id=zoe.pk, now=NOW, **said) for actor in world.offices * 4
    ]
    together(writes)
    assert PickupBan.objects.count() == 1


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_two_answers_to_one_request(round_: int) -> None:
    world = Village()
    zoe = world.child(world.durand, "Zoé")
    asked = enrolment_request(
        actor=world.durand.actor,
        person_id=zoe.pk,
        activity_id=world.activity().pk,
        terms=Terms(date(2026, 12, 2), LAST_DAY, {}),
        now=NOW,
    )
    first, second = world.offices
    answers = together_or_errors(
        [
            lambda: enrolment_accept(actor=first, enrolment_id=asked.pk, group_id=None, now=NOW),
            lambda: enrolment_refuse(actor=second, enrolment_id=asked.pk, reason="Complet.", now=NOW),
        ]
    )
    refused = [one for one in answers if isinstance(one, Exception)]
    assert len(refused) == 1, answers
    assert isinstance(refused[0], No), answers
    kept = Enrolment.objects.get()
    assert (kept.state == "refused") is isinstance(answers[0], Exception)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_two_names_of_one_slot(round_: int) -> None:
    world = Village()
    slot = world.slot(world.activity(), "Matin")

    def names(actor: Actor, name: str) -> Callable[[], object]:
        seen = {"name": "Matin"}
        return lambda: part_change(
            actor=actor, model=Slot, pk=slot.pk, changes={"name": name}, seen=seen, now=NOW
        )

    calls = [names(actor, name) for actor, name in zip(world.offices, ("Aube", "Aurore"), strict=True)]
    one_is_told(calls, ChangedMeanwhile)
    assert Slot.objects.get().name in {"Aube", "Aurore"}


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_two_wordings_of_one_authorisation(round_: int) -> None:
    world = Village()
    row = asked(world.the_authority)
    seen = type_held(row)

    def words(actor: Actor, label: str) -> Callable[[], object]:
        line = TypeData(label=label, explanation="", needs_hour=False, order=1)
        return partial(consent_type_change, actor=actor, type_id=row.pk, line=line, seen=seen, now=NOW)

    labels = ("Photos de groupe", "Photos au journal")
    calls = [words(actor, label) for actor, label in zip(world.offices, labels, strict=True)]
    one_is_told(calls, ChangedMeanwhile)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_one_exchange_given_to_two_colleagues(round_: int) -> None:
    world = Village()
    thread = Thread.objects.create(
        family=world.durand.family, structure=world.the_structure, subject="a", opened_at=NOW, last_at=NOW
    )
    calls = [
        partial(thread_assign, actor=actor, thread_id=thread.pk, account_id=actor.user_id, seen=None, now=NOW)
        for actor in world.offices
    ]
    one_is_told(calls, AssignedMeanwhile)


def test_one_changes_what_another_takes_away() -> None:
    world = Village()
    slot = world.slot(world.activity(), "Matin")
    first, second = world.offices
    answers = together_or_errors(
        [
            lambda: part_change(actor=first, model=Slot, pk=slot.pk, changes={"name": "Aube"}, now=NOW),
            lambda: part_drop(actor=second, model=Slot, pk=slot.pk, now=NOW),
        ]
    )
    wrong = [one for one in answers if isinstance(one, Exception) and not isinstance(one, No)]
    assert not wrong, wrong
    assert not Slot.objects.exists()


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Commune, {"name": "Brisecombe", "postal_code": "21998"}),
        (Calendar, {"name": "Zone B", "zone": "B", "school_weekdays": [0, 1, 3, 4]}),
    ],
)
def test_two_agents_add_the_same_thing(
    round_: int, model: type[Commune | Calendar], values: dict[str, object]
) -> None:
    world = Village()

    def adds(actor: Actor) -> Callable[[], object]:
        return lambda: shared_add(actor=actor, model=model, values=values, now=NOW)

    one_is_told([adds(actor) for actor in world.offices], NotPossible)
    assert model.objects.filter(name=values["name"]).count() == 1


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_a_school_is_not_taken_from_under_an_activity_that_has_just_chosen_it() -> None:
    """An activity without a school is open to all: it would have opened without a word."""
    world = Village()
    school, activity = world.the_school, world.activity()
    counted, chosen = threading.Event(), threading.Event()

    def waits(execute: Callable[..., object], sql: str, *more: object) -> object:
        answer = execute(sql, *more)
        if "COUNT(" in sql:
            counted.set()
            chosen.wait(1)
        return answer

    def chooses() -> None:
        counted.wait(PATIENCE)
        activity.schools.add(school)
        chosen.set()

    def removes() -> None:
        with connection.execute_wrapper(waits):
            shared_remove(actor=world.offices[0], model=School, pk=school.pk, now=NOW)

    chose, removed = together_or_errors([chooses, removes])
    assert removed is None
    assert isinstance(chose, IntegrityError), chose
