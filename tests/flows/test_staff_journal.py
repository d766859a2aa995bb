"""The journal of staff: what is in it, and whose acts one reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from marelle.accounts.models import User
from marelle.billing.models import Invoice
from marelle.core.actor import SYSTEM, Actor, Power, Role
from marelle.core.subject import Subject
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from marelle.flows.journal.sentences import SENTENCES
from marelle.flows.journal.staff import (
    ALL,
    KINDS,
    OF_ACCOUNTS,
    OWN,
    READINGS,
    Wanted,
    staff_accounts,
    staff_journal,
    staff_journal_exported,
)
from marelle.flows.upkeep.journal_purge import LOGS_OF_ACCESS
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.places.models import Post
from marelle.places.posts.services import agent_posts_set, post_give
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Staff:
    """A director of each of two authorities, an office and an administrator, and a home."""

    def __init__(self) -> None:
        self.world = world = Scenario()
        self.durand = world.home("Durand", "Camille")
        self.director = world.staff("direction", Role.DIRECTOR)
        elsewhere = world.structure("Ailleurs", authority=world.authority("Mairie"))
        self.stranger = world.staff("ailleurs", Role.DIRECTOR, structure=elsewhere)
        self.office = actor_for(world.staff("guichet", Role.OFFICE))
        self.chief = actor_for(world.staff("admin", Role.ADMINISTRATOR))

    def acts(
        self, user: User, verb: str = "enrolment.accepted", *, days_ago: int = 0, family: int = 0, of: int = 0
    ) -> Entry:
        return record(
            actor=actor_for(user),
            verb=verb,
            subject=Subject("person", of, "Zoé"),
            family_id=family or None,
            now=NOW - timedelta(days=days_ago),
        )


def read(actor: Actor, **wanted: object) -> list[str]:
    return [act.entry.verb for act in staff_journal(actor, Wanted(**wanted)).acts]  # type: ignore[arg-type]


def test_each_act_of_staff_has_one_kind_and_readings_are_those_that_are_logged() -> None:
    found = [verbs for _label, verbs in KINDS.values()]
    assert all(found)
    assert sum(map(len, found)) == len(ALL)
    assert frozenset().union(*found) == ALL
    assert set(LOGS_OF_ACCESS) >= READINGS
    assert all(any(verb.startswith(f"{word}.") for verb in SENTENCES) for word in OWN)
    assert set(SENTENCES) >= OF_ACCOUNTS


def test_an_office_reads_its_agents_and_the_administrator_all() -> None:
    staff = Staff()
    staff.acts(staff.director, "health.read")
    staff.acts(staff.stranger, "note.added")
    staff.acts(staff.durand.user, "enrolment.requested", family=staff.durand.family.pk)
    record(actor=SYSTEM, verb="health.purged", subject=Subject("person", 1, "Zoé"), now=NOW)
    assert read(staff.office) == ["health.read"]
    assert read(staff.chief) == ["note.added", "health.read"]
    assert read(actor_for(staff.director)) == []


def test_who_has_left_is_still_read_by_who_it_worked_for() -> None:
    staff = Staff()
    staff.acts(staff.director)
    held = {Power(Role.DIRECTOR, structure_id=staff.world.the_structure.pk)}
    agent_posts_set(actor=staff.office, user_id=staff.director.pk, powers=(), seen=held, now=NOW)
    assert "enrolment.accepted" in read(staff.office)
    assert staff.director in staff_accounts(staff.chief)
    mairie = actor_for(
        staff.world.staff("mairie", Role.OFFICE, authority=staff.stranger.posts.get().structure.authority)
    )
    assert staff.director not in staff_accounts(mairie)


def test_an_agent_who_is_a_parent_leaves_nothing_of_its_own_home() -> None:
    staff = Staff()
    parent = staff.durand.user
    other = staff.world.home("Martin", "Sacha").family.pk
    post_give(
        actor=SYSTEM,
        user_id=parent.pk,
        power=Power(Role.ANIMATOR, structure_id=staff.world.the_structure.pk),
        now=NOW,
    )
    parent = User.objects.get(pk=parent.pk)
    staff.acts(parent, "booking.saved", family=staff.durand.family.pk)
    staff.acts(parent, "connection.opened")
    staff.acts(parent, "password.changed")
    staff.acts(parent, "account.email_changed")
    staff.acts(parent, "health.listed")
    staff.acts(parent, "note.added", family=other)
    assert Person.objects.get(account=parent)
    assert read(staff.office) == ["note.added", "health.listed"]


def test_it_is_narrowed_by_agent_kind_family_and_days() -> None:
    staff = Staff()
    other = staff.world.staff("animation", Role.ANIMATOR)
    family = staff.durand.family
    staff.acts(staff.director, "health.read", days_ago=3)
    staff.acts(other, "health.listed", days_ago=2)
    staff.acts(staff.director, "note.added", days_ago=1, family=family.pk)
    staff.acts(staff.director, "gauge.changed")
    day = date(2026, 11, 25)
    assert read(staff.office, agent_id=other.pk) == ["health.listed"]
    assert read(staff.office, agent_id=staff.stranger.pk) == []
    assert read(staff.office, kind="sante") == ["health.listed", "health.read"]
    assert read(staff.office, kind="reglages") == ["gauge.changed"]
    assert read(staff.office, family_number=family.number) == ["note.added"]
    staff.acts(staff.director, "health.read", of=staff.durand.adults[0].pk)
    about = Subject("family", family.pk, str(family))
    record(actor=actor_for(other), verb="income.read", subject=about, now=NOW)
    read_too = ["income.read", "health.read", "note.added"]
    assert read(staff.office, family_number=family.number) == read_too
    assert read(staff.office, family_number="rien") == []
    assert read(staff.office, first=day - timedelta(days=2), last=day - timedelta(days=1)) == [
        "note.added",
        "health.listed",
    ]
    assert read(staff.office, kind="<b>") == read(staff.office)


def test_acts_in_a_familys_name_are_found_together() -> None:
    staff = Staff()
    office = User.objects.get(pk=staff.office.user_id)
    acting = actor_for(office, acting_for=staff.durand.family.pk)
    subject = Subject("person", 1, "Zoé")
    record(actor=acting, verb="booking.saved", subject=subject, family_id=staff.durand.family.pk, now=NOW)
    staff.acts(office, "acting.started", family=staff.durand.family.pk)
    staff.acts(office, "note.added", family=staff.durand.family.pk)
    assert read(staff.office, for_families=True) == ["acting.started", "booking.saved"]


def test_pages_follow_each_other_and_cost_the_same(django_assert_num_queries) -> None:
    staff = Staff()
    for days_ago in range(45, 0, -1):
        staff.acts(staff.director, days_ago=days_ago, family=staff.durand.family.pk)
    with django_assert_num_queries(3):
        first = staff_journal(staff.office, Wanted())
    with django_assert_num_queries(3):
        second = staff_journal(staff.office, Wanted(before=first.older))
    assert (len(first.acts), len(second.acts), second.older) == (40, 5, None)
    assert first.acts[-1].entry.at > second.acts[0].entry.at
    assert first.acts[0].family_number == staff.durand.family.number


def test_a_file_that_is_taken_is_written_down() -> None:
    staff = Staff()
    staff.acts(staff.director)
    assert len(staff_journal_exported(staff.office, Wanted(), now=NOW).acts) == 1
    assert Entry.objects.get(verb="staff_journal.exported").data == {"count": 1}
    assert read(staff.office)[0] == "staff_journal.exported"


def test_the_journal_of_bills_tells_whoever_acted_on_those_of_the_office() -> None:
    staff = Staff()
    world = staff.world
    here, elsewhere = world.the_authority, staff.stranger.posts.get().structure.authority
    bills = [
        Invoice.objects.create(
            authority=authority,
            family=staff.durand.family,
            number=f"F{authority.pk}",
            month=date(2026, 10, 1),
            issued_on=date(2026, 11, 5),
            due_on=date(2026, 12, 5),
            total=10,
        )
        for authority in (here, elsewhere)
    ]
    family = staff.durand.family.pk
    for bill in bills:
        subject = Subject("invoice", bill.pk, bill.number)
        record(actor=SYSTEM, verb="invoice.issued", subject=subject, family_id=family, now=NOW)
    parent = actor_for(staff.durand.user)
    subject = Subject("invoice", bills[0].pk, bills[0].number)
    record(actor=parent, verb="exported_bill.settled", subject=subject, family_id=family, now=NOW)
    record(actor=SYSTEM, verb="note.added", subject=subject, family_id=family, now=NOW)
    told = staff_journal(staff.office, Wanted(kind="factures"))
    assert [(act.entry.verb, act.entry.subject_label) for act in told.acts] == [
        ("exported_bill.settled", bills[0].number),
        ("invoice.issued", bills[0].number),
    ]
    assert len(staff_journal(staff.chief, Wanted(kind="factures")).acts) == 3
    assert len(staff_journal(staff.chief, Wanted(kind="factures", authority_id=elsewhere.pk)).acts) == 1
    assert staff_journal(staff.office, Wanted(kind="factures", authority_id=elsewhere.pk)).acts == ()
    assert staff_journal(staff.office, Wanted(kind="factures"), but_homes={family}).acts == ()
    assert staff_journal(staff.office, Wanted(kind="factures", family_number="0")).acts == ()


def test_an_agent_who_is_a_parent_reads_nothing_of_what_it_did_with_its_own_bills() -> None:
    staff = Staff()
    post_give_to(staff)
    bill = Invoice.objects.create(
        authority=staff.world.the_authority, family=staff.durand.family, number="F1", month=date(2026, 10, 1),
        issued_on=date(2026, 11, 5), due_on=date(2026, 12, 5), total=10,
    )  # fmt: skip
    record(
        actor=actor_for(staff.durand.user), verb="invoice.issued", subject=Subject("invoice", bill.pk, "F1"),
        family_id=staff.durand.family.pk, now=NOW,
    )  # fmt: skip
    assert staff_journal(staff.office, Wanted(kind="factures")).acts == ()


def post_give_to(staff: Staff) -> None:
    Post.objects.create(user=staff.durand.user, role=Role.OFFICE, authority=staff.world.the_authority)
