"""A home is erased, made one with another, or left by somebody, while its family and its agents write.

Whoever came first: nobody is answered by an error, nothing is left of a home that was erased, and nothing
points at one that is in another.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Final

import pytest
from django.core.exceptions import ObjectDoesNotExist

from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.core.personal import Erase, declared
from marelle.core.refusals import No
from marelle.enrolments.services import Terms, enrolment_request
from marelle.families.care.pickups import ContactData, pickup_contact_add
from marelle.families.care.rules import SheetData
from marelle.families.file.changes import file_save, person_ask_add
from marelle.families.file.confirmation import file_confirm
from marelle.families.file.newcomers import Newcomer, NewcomerKind
from marelle.families.incomes.rules import IncomeKind, IncomeStatus, NewIncome, Told
from marelle.families.incomes.services import income_note
from marelle.families.models import Family, Person, SearchWord
from marelle.families.notes import note_add
from marelle.families.refusals import HomeGone
from marelle.families.services import residence_add
from marelle.files.services import file_check
from marelle.flows.actor.acting import acting_start
from marelle.flows.actor.actors import actor_for
from marelle.flows.actor.addresses import address_change
from marelle.flows.care.services import health_sheet_save, pickup_permission_give
from marelle.flows.desk.case_notes import note_add as case_note_add
from marelle.flows.home.erasure import StillNeeded
from marelle.flows.home.export import export_write
from marelle.flows.home.merging.refusals import MergeRefused
from marelle.flows.home.personal_rows import rows_of
from marelle.flows.home.separating.refusals import SeparationRefused
from marelle.flows.office.dossiers import adult_invite
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from marelle.messaging.models import NewsRecipient, NewsSending, Thread
from marelle.messaging.services import Recipient, thread_answer, thread_open, thread_read, thread_reply
from marelle.messaging.telling import news_told
from marelle.messaging.writing import Letter
from marelle.papers.models import PaperType
from marelle.papers.services import paper_send
from marelle.relay.models import Visit
from marelle.relay.services import care_ask
from marelle.relay.visits import visit_book
from tests.gone import another_adult, erases, held_of, merges, people_of, separates
from tests.messaging.rows import exchange_rows
from tests.races.stopped import held, wait_until_stopped
from tests.races.together import PATIENCE, together_or_errors
from tests.relay.test_services import ASKED
from tests.roles.world import NOW
from tests.scenario import PASSWORD, Scenario, picture

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS: Final = int(os.environ.get("ROUNDS", "1"))
"""A hundred by hand; one in a suite, which sees the common order of things."""

TRIES: Final = 12
AN_ANSWER: Final = (No, HomeGone, LookupError, ObjectDoesNotExist)
"""What a service may say to who came after; a page answers for each."""

EVENTS: Final = ("erased", "merged", "apart")
OF_WHO_LEAVES: Final = ("message", "contact", "copy", "planning")
"""What Camille does, who is the one to leave."""

Write = Callable[[], object]


class Busy(Scenario):
    """The Durands, Camille and Dominique with Tom and Zoé, who lives with the Martins too; and the office."""

    def __init__(self) -> None:
        super().__init__()
        self.durand, self.martin = self.home("Durand", "Camille"), self.home("Martin", "Sacha")
        self.twin = self.home("Durant", "Camille")
        self.tom, self.zoe = self.child(self.durand, "Tom"), self.child(self.durand, "Zoé")
        self.shared(self.zoe, self.durand, self.martin)
        self.dominique = another_adult(self, self.durand)
        self.uninvited = self.adult(self.durand, "Paule")
        self.office = actor_for(self.staff("guichet", Role.OFFICE))
        self.wednesdays = self.activity("Mercredis")
        self.relay = self.structure("Relais petite enfance", kind="relay")
        kind = {"kind": "relay", "enrolment_mode": "none", "booking_mode": "accompanied"}
        mornings = self.activity("Matinées", structure=self.relay, **kind)
        self.slot(mornings, "Matinée", "09:30", "11:30", weekdays=[3], capacity=9)
        self.rule(mornings)
        (self.morning,) = self.openings(mornings, date(2026, 12, 3), date(2026, 12, 3))
        self.slot(self.wednesdays, "Matin", weekdays=[2], capacity=9)
        self.rule(self.wednesdays)
        (self.wednesday,) = self.openings(self.wednesdays, date(2026, 12, 9), date(2026, 12, 9))
        self.paper = PaperType.objects.create(
            authority=self.the_authority, title="CAF", why="Pour le tarif.", about="family"
        )
        self.thread = Thread.objects.get(pk=exchange_rows(self.durand, self.the_structure, NOW)["thread_id"])
        recipients = NewsRecipient.objects.filter(family=self.durand.family)
        recipients.update(way="")
        NewsSending.objects.update(by_mail=True)
        erases(self.office, self.durand)
        self.case = Case.objects.get(kind="erasure")
        self.camille, self.other = self.durand.actor, actor_for(self.dominique.account)

    def writes(self) -> dict[str, Write]:
        """One of each kind, by who they are."""
        home, now, origin = self.durand.family, NOW, Origin()
        recipient = Recipient(self.the_structure.pk, None)
        letter = Letter("Où est-il ?", (file_check(upload=picture()),))
        neighbour = ContactData("Line Roche", "voisine", "+33639981002", may_fetch=True, may_be_called=True)
        lou = Newcomer(NewcomerKind.CHILD, "Lou", "Durand", birth_date=date(2020, 1, 2))
        told = Told(IncomeStatus.PROVED, Decimal("345.67"))
        income = NewIncome(IncomeKind.QUOTIENT, told, now.date(), "justificatif")
        where = {"street": "1 rue du Four", "postal_code": "21999", "city": "Arelle"}
        camille, other, office = (
            {"actor": one, "now": now} for one in (self.camille, self.other, self.office)
        )
        of_home = {"family_id": home.pk, "since": now.date(), "source": "justificatif"}
        return {
            "message": partial(
                thread_open, recipient=recipient, subject="Bonnet", letter=letter, origin=origin, **camille
            ),
            "reply": partial(thread_reply, thread_id=self.thread.pk, letter=letter, origin=origin, **other),
            "answer": partial(thread_answer, thread_id=self.thread.pk, letter=letter, **office),
            "read": partial(thread_read, thread_id=self.thread.pk, **camille),
            "seen": partial(thread_read, thread_id=self.thread.pk, **office),
            "file": partial(
                file_save,
                person_id=self.dominique.pk,
                typed={"adult.profession": {"value": "souffleuse de verre"}},
                seen={},
                **other,
            ),
            "child": partial(person_ask_add, newcomer=lou, **camille),
            "paper": partial(
                paper_send,
                type_id=self.paper.pk,
                person_id=None,
                uploads=[file_check(upload=picture())],
                structures=[self.the_structure.pk],
                **other,
            ),
            "contact": partial(pickup_contact_add, child_id=self.zoe.pk, contact=neighbour, **camille),
            "permission": partial(
                pickup_permission_give,
                child_id=self.tom.pk,
                day=now.date() + timedelta(days=1),
                name="Rachid Haddad",
                phone="",
                note="",
                **other,
            ),
            "health": partial(
                health_sheet_save,
                child_id=self.tom.pk,
                typed=SheetData(allergies="Arachide"),
                seen="",
                **camille,
            ),
            "planning": partial(bookings_save, changes=self.ticks(self.zoe, self.tom), **camille),
            "planning too": partial(bookings_save, changes=self.ticks(self.tom, self.zoe), **other),
            "confirmation": partial(file_confirm, **camille),
            "childcare": partial(care_ask, demand=ASKED, **other),
            "mail": partial(address_change, email="", password=PASSWORD, origin=origin, **other),
            "copy": partial(export_write, to=BytesIO(), **camille),
            "note": partial(note_add, family=home, text="À rappeler.", pinned=False, **office),
            "case note": partial(case_note_add, case_id=self.case.pk, text="À rappeler.", **office),
            "address": partial(residence_add, **where, commune_id=None, **of_home, **office),
            "income": partial(income_note, income=income, family_id=home.pk, **office),
            "invitation": partial(
                adult_invite, family_id=home.pk, person_id=self.uninvited.pk, seen=0, **office
            ),
            "acting": partial(acting_start, family_id=home.pk, **office),
            "news": partial(news_told, now=now),
        }

    def ticks(self, *children: Person) -> list[Change]:
        """Of children who are not enrolled: a booking would keep the home from being erased."""
        return [Change(child.pk, self.wednesday.pk, seen=False, wanted=True) for child in children]

    def happens(self, event: str) -> Write:
        """An agent erases, merges or separates; told that something has changed, it reads and goes on."""
        read = {
            "erased": lambda: erases(self.office, self.durand),
            "merged": lambda: merges(self.office, self.durand, self.twin),
            "apart": lambda: separates(self.office, self.durand, self.durand.adult),
        }[event]
        if event != "erased":
            Case.objects.filter(pk=self.case.pk).delete()

        def insists() -> object:
            for _try in range(TRIES):
                try:
                    return read()()
                except (MergeRefused, SeparationRefused):
                    continue
            raise AssertionError("never the same twice")

        return insists


def nothing_is_left(world: Busy, people: set[int]) -> None:
    """What the registry says is deleted is gone, and what it makes nameless names nobody."""
    left: dict[str, object] = {}
    for one in declared():
        if one.model is SearchWord:
            continue  # those of its number and of « Foyer effacé »
        rows = rows_of(one, family_id=world.durand.family.pk, people=people)
        if one.erase is Erase.DELETE:
            found = list(rows.values_list("pk", flat=True))
        elif one.erase is Erase.ANONYMISE:
            rows = rows.exclude(verb="family.erased") if one.model is Entry else rows
            told = {name: value for name, value in one.anonymise.items() if value is not None}
            found = list(rows.exclude(**told).values())
        else:
            continue
        if found:
            left[one.model._meta.label] = found
    assert left == {}


def all_is_well(world: Busy, event: str, people: set[int], answers: dict[str, object]) -> None:
    broken = {
        name: answer
        for name, answer in answers.items()
        if isinstance(answer, Exception) and not isinstance(answer, AN_ANSWER)
    }
    assert broken == {}
    assert not isinstance(answers["event"], Exception), answers["event"]
    if event == "erased":
        nothing_is_left(world, people)
    elif event == "merged":
        assert held_of(world.durand, set()) == {}
        assert not Family.objects.filter(pk=world.durand.family.pk).exists()


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("_round", range(ROUNDS))
def test_everybody_writes_while_it_happens(event: str, _round: int) -> None:
    world = Busy()
    people = people_of(world.durand)
    calls = {**world.writes(), "event": world.happens(event)}
    answers = dict(zip(calls, together_or_errors(list(calls.values())), strict=True))
    all_is_well(world, event, people, answers)


@pytest.mark.postgres
@pytest.mark.parametrize("first", ["writer", "agent"])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("name", ["message", "file", "contact", "note", "planning"])
def test_of_two_the_second_sees_what_the_first_has_done(name: str, event: str, first: str) -> None:
    """Both stopped at the home, and let go in the order in which they came."""
    world = Busy()
    people = people_of(world.durand)
    calls = {name: world.writes()[name], "event": world.happens(event)}
    if first == "agent":
        calls = dict(reversed(calls.items()))
    one, other = calls.values()
    comes = threading.Event()

    def the_other() -> object:
        comes.wait(PATIENCE)
        return other()

    with held(Family.objects.filter(pk=world.durand.family.pk)) as let_go:

        def once_started() -> None:
            wait_until_stopped(1)
            comes.set()
            wait_until_stopped(2)
            let_go()

        found = together_or_errors([one, the_other], once_started=once_started)
    answers = dict(zip(calls, found, strict=True))
    all_is_well(world, event, people, answers)
    too_late = first == "agent" and (event != "apart" or name in OF_WHO_LEAVES)
    assert isinstance(answers[name], AN_ANSWER) is too_late, answers[name]


@pytest.mark.parametrize("first", ["parent", "agent"])
def test_an_enrolment_asked_for_keeps_the_home_or_comes_too_late(first: str) -> None:
    world = Busy()
    people = people_of(world.durand)
    asks = partial(
        enrolment_request,
        actor=world.camille,
        person_id=world.tom.pk,
        activity_id=world.wednesdays.pk,
        terms=Terms(date(2026, 12, 2), date(2027, 6, 30), {}),
        now=NOW,
    )
    comes = partial(
        visit_book,
        actor=world.other,
        opening_id=world.morning.pk,
        adult_name="Dominique",
        child_ids=[world.zoe.pk],
        now=NOW,
    )
    calls = [asks, comes, world.happens("erased")]
    asked, came, erased = together_or_errors(calls if first == "parent" else calls[::-1])
    if first == "agent":
        asked, erased = erased, asked
    if isinstance(erased, StillNeeded):
        assert not (isinstance(asked, AN_ANSWER) and isinstance(came, AN_ANSWER))
    else:
        assert erased is None, erased
        assert isinstance(asked, AN_ANSWER), asked
        assert isinstance(came, AN_ANSWER), came
        nothing_is_left(world, people)
        assert not Visit.objects.exists()
