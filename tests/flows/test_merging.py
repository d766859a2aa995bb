"""Two files become one: nothing is lost, no child holds a place twice, who read an old page is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.checks import run_checks
from django.db import models

from marelle.accounts.models import Device, User
from marelle.accounts.services import password_ask
from marelle.activities.models import Quota
from marelle.billing.models import Invoice
from marelle.bookings.models import Absence, Booking
from marelle.bookings.states import BookingState, EndCause
from marelle.cases.models import Case, CaseState
from marelle.cases.services import open_case
from marelle.core import personal
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.personal import Merge, declared
from marelle.core.subject import Subject
from marelle.enrolments.models import EndRequest, Enrolment
from marelle.families.file import last_quotient
from marelle.families.finding.selectors import families_matching
from marelle.families.models import (
    ChangeRequest,
    CustodyPeriod,
    Family,
    FormerFile,
    Guardianship,
    HealthSheet,
    Member,
    Person,
    Quotient,
    Residence,
)
from marelle.families.refusals import NoSuchRow
from marelle.flows.actors import ACTING_FOR, actor_for
from marelle.flows.erasure import erasure_ask
from marelle.flows.merging import rows, settling
from marelle.flows.merging.matching import Someone, likely_pairs
from marelle.flows.merging.preview import merge_preview
from marelle.flows.merging.refusals import AlreadyMerged, MergeRefused
from marelle.flows.merging.services import Merged, family_merge
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from marelle.journal.services import record
from marelle.mail.models import Message
from marelle.messaging.models import Thread
from marelle.papers.models import Paper, PaperType
from marelle.papers.services.sending import subject_of
from marelle.places.models import Post
from marelle.relay.models import Visit, VisitChild
from tests.scenario import PASSWORD, Home, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
WEDNESDAY = date(2026, 12, 2)


class Twice(Scenario):
    """The Haddads are there twice: Rachid wrote the first file, Amina the second; Inès is in both."""

    def __init__(self) -> None:
        super().__init__()
        self.kept, self.left = self.home("Haddad", "Rachid"), self.home("HADDAD", "Amina")
        self.ines = self.child(self.kept, "Inès", born=date(2018, 5, 14))
        self.twin = self.child(self.left, "Ines", born=date(2018, 5, 14), last_name="Haddad")
        self.sami = self.child(self.left, "Sami", born=date(2021, 2, 3), last_name="Haddad")
        self.wednesdays = self.activity()
        self.morning = self.slot(self.wednesdays, "Matin", capacity=10)
        (self.first_wednesday,) = self.openings(self.wednesdays, WEDNESDAY)
        self.office = actor_for(self.staff("guichet", Role.OFFICE))

    def merge(self, **changes: Any) -> Merged:
        given: dict[str, Any] = {
            "actor": self.office,
            "kept_id": self.kept.family.pk,
            "left_id": self.left.family.pk,
        }
        given |= {name: changes.pop(name) for name in ("actor", "kept_id", "left_id") if name in changes}
        pairs = changes.pop("pairs", None)
        if "fingerprint" not in changes:
            preview = merge_preview(**given, pairs=pairs, now=NOW)
            changes = {"fingerprint": preview.fingerprint, **changes}
            pairs = preview.pairs
        return family_merge(**given, pairs=pairs or {}, **{"chosen": {}, "now": NOW, **changes})

    def both_enrolled(self) -> None:
        for child, home in ((self.ines, self.kept), (self.twin, self.left)):
            self.enrolment(child, self.wednesdays, home)

    def taken(self) -> int:
        return Quota.objects.get(openings=self.first_wednesday).taken

    def case(self, kind: str, subject_id: int, home: Home) -> Case:
        return open_case(
            actor=home.actor, kind=kind, subject=Subject(kind, subject_id), family_id=home.family.pk, now=NOW
        )


@pytest.fixture
def world(time_machine: Any) -> Twice:
    time_machine.move_to(NOW, tick=False)
    return Twice()


def refusal_of(call: Any) -> str:
    with pytest.raises(MergeRefused) as refused:
        call()
    return refused.value.code


# Who is whom


def someone(
    pk: int, first: str, last: str, born: date | None = date(2018, 1, 1), *, child: bool = True
) -> Someone:
    return Someone(pk, first, last, born, child)


def test_likely_pairs_have_the_same_names_without_accents_and_the_same_birth():
    kept = [
        someone(1, "Zoé", "Le Goff"),
        someone(2, "Léo", "Le Goff"),
        someone(3, "Anne", "Le Goff", None, child=False),
    ]
    left = [
        someone(11, "ZOE", "LE-GOFF"),
        someone(12, "Léo", "Le Goff", date(2018, 1, 2)),
        someone(13, "Anne", "Le Goff", date(1985, 1, 1), child=False),
    ]
    assert likely_pairs(kept, left) == {11: 1, 13: 3}


def test_two_of_one_name_are_nobodys_twin_and_a_shared_child_needs_no_pair():
    twice = [someone(1, "Zoé", "Martin"), someone(2, "Zoé", "Martin")]
    assert likely_pairs(twice, [someone(11, "Zoé", "Martin")]) == {}
    assert likely_pairs([someone(1, "Zoé", "Martin")], [someone(1, "Zoé", "Martin")]) == {}
    nobody = someone(1, "Bébé", "Martin", None)
    assert likely_pairs([nobody], [someone(11, "Bébé", "Martin", None)]) == {}


# What is kept


def test_the_file_left_goes_into_the_other_with_its_people_and_its_number_finds_it(world):
    assert world.merge() == Merged(world.kept.family.pk)
    kept = Family.objects.get()
    assert kept == world.kept.family
    assert set(kept.members.values_list("person__first_name", "kind")) == {
        ("Rachid", "adult"),
        ("Amina", "adult"),
        ("Inès", "child"),
        ("Sami", "child"),
    }
    former = FormerFile.objects.get()
    assert (former.family, former.old_id, former.number) == (
        kept,
        world.left.family.pk,
        world.left.family.number,
    )
    # Both adults answer for the child of both files; she for her own only, as before.
    assert set(Guardianship.objects.values_list("adult__first_name", "child__first_name")) == {
        ("Rachid", "Inès"),
        ("Amina", "Inès"),
        ("Amina", "Sami"),
    }
    for words in (world.left.family.number, "amina", "sami haddad"):
        assert [found.id for found in families_matching(words, limit=5)] == [kept.pk]
    entry = Entry.objects.get(verb="family.merged")
    assert (entry.family_id, entry.data["number"]) == (kept.pk, world.left.family.number)
    assert Message.objects.filter(kind="families/files_merged", family_id=kept.pk).count() == 2


def test_both_accounts_open_the_one_file(world):
    world.merge()
    assert world.kept.actor.family_id == actor_for(world.left.adult.account).family_id == world.kept.family.pk


def test_every_table_that_points_at_the_file_left_points_at_the_one_kept(world):
    world.enrolment(world.twin, world.wednesdays, world.left)
    world.booking(world.twin, world.first_wednesday)
    Invoice.objects.create(
        authority=world.the_authority, family=world.left.family, number="F1", month=date(2026, 9, 1),
        issued_on=date(2026, 10, 1), due_on=date(2026, 10, 31), total=Decimal(12), paid=Decimal(0),
    )  # fmt: skip
    Thread.objects.create(
        family=world.left.family, structure=world.the_structure, subject="Bonjour", opened_at=NOW, last_at=NOW
    )
    about = Subject("person", world.twin.pk, "Ines")
    record(
        actor=world.left.actor, verb="booking.saved", subject=about, family_id=world.left.family.pk, now=NOW
    )
    before = {d.model: d.model._default_manager.count() for d in declared() if d.merge is not Merge.DROP}
    world.merge()
    after = {d.model: d.model._default_manager.count() for d in declared() if d.merge is not Merge.DROP}
    gone = {Family: 1, Person: 1, Member: 1}
    new = {FormerFile: 1, Entry: 1, Message: 2}
    for model, count in before.items():
        assert after[model] == count - gone.get(model, 0) + new.get(model, 0), model
    assert Booking.objects.get().child == world.ines
    entry = Entry.objects.get(verb="booking.saved")
    assert (entry.subject_id, entry.family_id) == (world.ines.pk, world.kept.family.pk)
    for model in (Enrolment, Booking, Invoice, Thread):
        assert model.objects.get().family == world.kept.family


def test_a_person_who_is_not_confirmed_as_the_same_stays_a_person_of_its_own(world):
    world.merge(pairs={})
    assert Member.objects.filter(kind="child").count() == 3


# Values


def test_a_value_wins_over_none_and_the_file_written_last_over_the_other(world):
    Person.objects.filter(pk=world.twin.pk).update(diet="no_pork", first_name="Inés")
    later = NOW + timedelta(minutes=1)
    subject = Subject("person", world.twin.pk, "Inés")
    record(
        actor=world.left.actor, verb="file.saved", subject=subject, family_id=world.left.family.pk, now=later
    )
    preview = merge_preview(
        actor=world.office, kept_id=world.kept.family.pk, left_id=world.left.family.pk, now=NOW
    )
    assert {one.key: one.default for one in preview.differences} == {
        "home.name": "left",
        "home.address": "left",
        f"child.first_name-{world.twin.pk}": "left",
        f"child.diet-{world.twin.pk}": "left",
    }
    world.merge(chosen={f"child.first_name-{world.twin.pk}": "kept", "home.name": "neither"})
    ines = Person.objects.get(pk=world.ines.pk)
    assert (ines.first_name, ines.diet) == ("Inès", "no_pork")
    assert Family.objects.get().name == "HADDAD"


@pytest.mark.parametrize("side", ["kept", "left"])
def test_the_address_chosen_is_the_one_that_holds_and_both_histories_stay(world, side):
    Residence.objects.filter(family=world.left.family).update(since=date(2024, 1, 1))
    chosen = Residence.objects.get(family=getattr(world, side).family).street
    for name in ("kept", "left"):
        Residence.objects.filter(family=getattr(world, name).family).update(source=f"proof of {name}")
    world.merge(chosen={"home.address": side})
    rows = Residence.objects.filter(family=world.kept.family)
    last = rows.order_by("-since").first()
    assert (last.street, last.source) == (chosen, f"proof of {side}")
    assert rows.filter(since__lte=date(2024, 1, 1)).count() == 2


@pytest.mark.parametrize("side", ["kept", "left"])
def test_the_quotient_chosen_rests_on_its_own_proof(world, side):
    for name, amount, since in (("kept", 400, date(2025, 1, 1)), ("left", 900, date(2025, 6, 1))):
        family = getattr(world, name).family
        Quotient.objects.filter(family=family).delete()
        Quotient.objects.create(family=family, amount=amount, since=since, source=f"proof of {name}")
    world.merge(chosen={"home.quotient": side})
    assert last_quotient(world.kept.family.pk).source == f"proof of {side}"


def test_what_either_file_denied_stays_denied(world):
    rachid = world.kept.adult
    Guardianship.objects.filter(adult=rachid).update(may_fetch=False)
    twin_of_rachid = world.adult(world.left, "Rachid", last_name="Haddad")
    world.guardian(twin_of_rachid, world.twin, may_book=False)
    world.merge()
    row = Guardianship.objects.get(adult=rachid, child=world.ines)
    assert (row.may_fetch, row.may_book, row.may_see) == (False, False, True)


def test_nothing_said_of_a_childs_health_is_lost(world):
    HealthSheet.objects.create(
        child=world.ines, allergies="Arachide", is_severe=True, updated_at=NOW, updated_by="R"
    )
    HealthSheet.objects.create(
        child=world.twin, allergies="Œuf", pai=True, updated_at=NOW + timedelta(hours=1), updated_by="A"
    )
    world.merge()
    sheet = HealthSheet.objects.get()
    assert (sheet.child, sheet.is_severe, sheet.pai) == (world.ines, True, True)
    assert "Arachide" in sheet.allergies
    assert "Œuf" in sheet.allergies


def test_sheets_that_do_not_fit_into_one_are_left_as_they_are(world):
    for child, letter in ((world.ines, "a"), (world.twin, "b")):
        HealthSheet.objects.create(child=child, remarks=letter * 600, updated_at=NOW, updated_by="R")
    assert refusal_of(world.merge) == "health_too_long"
    assert Family.objects.count() == 2
    assert HealthSheet.objects.count() == 2


# Places


def test_a_place_held_twice_is_held_once_and_the_counter_is_right(world):
    world.both_enrolled()
    kept = world.booking(world.ines, world.first_wednesday)
    other = world.booking(world.twin, world.first_wednesday)
    Absence.objects.create(booking=other, declared_at=NOW, declared_by="Amina")
    assert world.taken() == 2
    world.merge()
    assert world.taken() == 1
    kept.refresh_from_db()
    other.refresh_from_db()
    assert (kept.state, other.state, other.end_cause) == ("booked", "cancelled", EndCause.CHANGED)
    assert Absence.objects.get().booking == kept


def test_the_surest_of_two_places_is_kept(world):
    world.both_enrolled()
    waiting = world.booking(world.ines, world.first_wednesday, state=BookingState.WAITING)
    booked = world.booking(world.twin, world.first_wednesday)
    world.merge()
    assert set(Booking.objects.live()) == {booked}
    assert Booking.objects.get(pk=booked.pk).child == world.ines
    assert Booking.objects.get(pk=waiting.pk).state == "cancelled"
    assert world.taken() == 1


def test_a_child_is_not_in_two_structures_at_the_same_hours(world):
    elsewhere = world.activity("Ailleurs", structure=world.structure("Ailleurs"))
    world.slot(elsewhere, "Matin", "09:00", "11:00", capacity=5)
    (there,) = world.openings(elsewhere, WEDNESDAY)
    world.enrolment(world.ines, world.wednesdays, world.kept)
    world.enrolment(world.twin, elsewhere, world.left)
    here = world.booking(world.ines, world.first_wednesday)
    world.booking(world.twin, there)
    world.merge()
    assert list(Booking.objects.live()) == [here]
    assert Quota.objects.get(openings=there).taken == 0


def test_the_place_given_back_goes_to_who_waits(world, django_capture_on_commit_callbacks):
    Quota.objects.filter(openings=world.first_wednesday).update(capacity=2)
    world.both_enrolled()
    world.booking(world.ines, world.first_wednesday)
    world.booking(world.twin, world.first_wednesday)
    martin = world.home("Martin")
    tom = world.child(martin, "Tom")
    world.enrolment(tom, world.wednesdays, martin)
    world.rule(world.wednesdays)
    queued = world.booking(tom, world.first_wednesday, state=BookingState.WAITING)
    with django_capture_on_commit_callbacks(execute=True):
        world.merge()
    queued.refresh_from_db()
    assert queued.state == BookingState.BOOKED
    assert world.taken() == 2


def test_of_two_enrolments_in_one_activity_one_stays_with_all_its_bookings(world):
    world.both_enrolled()
    first, second = Enrolment.objects.order_by("pk")
    Enrolment.objects.filter(pk=second.pk).update(ends_on=date(2027, 9, 30))
    later = world.openings(world.wednesdays, WEDNESDAY + timedelta(days=7))[0]
    world.booking(world.twin, later)
    end = EndRequest.objects.create(
        enrolment=second, last_day=date(2027, 1, 1), requested_at=NOW, requested_by="Amina"
    )
    world.merge()
    first.refresh_from_db()
    second.refresh_from_db()
    end.refresh_from_db()
    assert (first.state, first.ends_on, second.state) == ("accepted", date(2027, 9, 30), "ended")
    assert Booking.objects.get().enrolment == first
    assert end.enrolment == first


def test_a_demand_beside_an_accepted_enrolment_is_withdrawn_with_its_case(world):
    world.enrolment(world.ines, world.wednesdays, world.kept)
    asked = world.enrolment(world.twin, world.wednesdays, world.left, state="requested")
    case = world.case("enrolment", asked.pk, world.left)
    world.merge()
    asked.refresh_from_db()
    case.refresh_from_db()
    assert (asked.state, case.state) == ("withdrawn", CaseState.WITHDRAWN)


def test_of_two_papers_that_wait_the_last_one_does_and_the_other_can_still_be_read(world):
    kind = PaperType.objects.create(authority=world.the_authority, title="Assurance", why="", about="child")
    papers = []
    for child, home, hours in ((world.ines, world.kept, 1), (world.twin, world.left, 0)):
        paper = Paper.objects.create(
            paper_type=kind,
            family=home.family,
            person=child,
            sent_at=NOW + timedelta(hours=hours),
            sent_by="A",
        )
        open_case(
            actor=home.actor, kind="paper", subject=subject_of(paper), family_id=home.family.pk, now=NOW
        )
        papers.append(paper)
    world.merge()
    assert [Paper.objects.get(pk=paper.pk).state for paper in papers] == ["received", "replaced"]
    assert Case.objects.open().get().subject_id == papers[0].pk
    assert {paper.person_id for paper in Paper.objects.all()} == {world.ines.pk}


def test_of_two_changes_of_one_field_the_last_one_waits(world):
    changes = []
    for home, hours in ((world.kept, 0), (world.left, 1)):
        change = ChangeRequest.objects.create(
            kind="field",
            family=home.family,
            field="home.regime",
            asked_at=NOW + timedelta(hours=hours),
            asked_by="A",
        )
        world.case("change", change.pk, home)
        changes.append(change)
    world.merge()
    assert [ChangeRequest.objects.get(pk=one.pk).state for one in changes] == ["replaced", "open"]
    assert Case.objects.open().get().subject_id == changes[1].pk


def test_somebody_to_add_keeps_its_links_to_people_who_have_another_key_now(world):
    twin_of_rachid = world.adult(world.left, "Rachid", last_name="Haddad")
    change = ChangeRequest.objects.create(
        kind="add", family=world.left.family, asked_at=NOW, asked_by="A",
        new={"kind": "child", "first_name": "Lou", "links": {str(twin_of_rachid.pk): "father"}},
    )  # fmt: skip
    world.merge()
    change.refresh_from_db()
    assert change.new["links"] == {str(world.kept.adult.pk): "father"}


def test_a_child_of_both_homes_is_a_member_once_and_its_weeks_are_over_where_they_differ(world):
    world.shared(world.ines, world.kept, world.left)
    preview = merge_preview(
        actor=world.office, kept_id=world.kept.family.pk, left_id=world.left.family.pk, pairs={}, now=NOW
    )
    assert preview.shared == ("Inès",)
    world.merge(pairs={})
    assert Member.objects.filter(person=world.ines).get().family == world.kept.family
    assert CustodyPeriod.objects.get().until == date(2026, 11, 24)


# Accounts of one person


def one_person_with_two_accounts(world: Twice) -> tuple[User, User]:
    twin = world.adult(world.left, "Rachid", last_name="Haddad", identifier="rachid2")
    twin.account.email = "rachid@famille.example"
    twin.account.last_login = NOW
    twin.account.save()
    return world.kept.user, twin.account


def test_two_accounts_of_one_person_are_two_names_for_the_one_used_last(world):
    first, second = one_person_with_two_accounts(world)
    first.set_password("celui de l’autre compte")
    first.save()
    world.merge()
    assert Person.objects.get(pk=world.kept.adult.pk).account == second
    for name in (first.identifier, second.identifier):
        assert authenticate(username=name, password=PASSWORD) == second
        assert authenticate(username=name, password="celui de l’autre compte") is None
    password_ask(name=first.identifier, origin=Origin(), now=NOW)
    assert Message.objects.get(kind="accounts/new_password").to == "rachid@famille.example"


def test_an_account_of_an_agent_stays_and_two_of_agents_are_left_alone(world):
    first, second = one_person_with_two_accounts(world)
    Post.objects.create(user=first, role="director", structure=world.the_structure)
    Post.objects.create(user=second, role="director", structure=world.the_structure)
    assert refusal_of(world.merge) == "two_agents"
    Post.objects.filter(user=second).delete()
    world.merge()
    assert Person.objects.get(pk=world.kept.adult.pk).account == first


def test_an_account_without_an_address_is_not_given_that_of_the_other(world):
    _first, second = one_person_with_two_accounts(world)
    User.objects.filter(pk=second.pk).update(email="")
    world.merge()
    second.refresh_from_db()
    assert second.email == ""


# What is refused


def test_a_family_never_merges_with_itself(world):
    assert refusal_of(lambda: world.merge(left_id=world.kept.family.pk)) == "same_file"


def test_an_agent_merges_neither_its_own_home_nor_that_of_its_child(world):
    martin = world.home("Martin")
    world.shared(world.sami, world.left, martin)
    for home in (world.kept, martin):
        Post.objects.create(user=home.user, role="office", authority=world.the_authority)
        assert refusal_of(lambda home=home: world.merge(actor=actor_for(home.user))) == "own_file"


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.ANIMATOR])
def test_who_keeps_no_files_finds_none(world, role):
    with pytest.raises(NoSuchRow):
        world.merge(actor=actor_for(world.staff("autre", role)))


def test_the_office_of_another_authority_finds_none(world):
    other = world.staff("voisin", Role.OFFICE, authority=world.authority("Commune voisine"))
    with pytest.raises(NoSuchRow):
        world.merge(actor=actor_for(other))


def test_a_family_that_is_not_there(world):
    with pytest.raises(NoSuchRow):
        world.merge(left_id=10**9)


@pytest.mark.parametrize("side", ["kept", "left"])
def test_whoever_read_an_older_page_is_told(world, side):
    preview = merge_preview(
        actor=world.office, kept_id=world.kept.family.pk, left_id=world.left.family.pk, now=NOW
    )
    home = getattr(world, side)
    subject = Subject("family", home.family.pk)
    record(actor=home.actor, verb="file.saved", subject=subject, family_id=home.family.pk, now=NOW)
    assert refusal_of(lambda: world.merge(fingerprint=preview.fingerprint, pairs=preview.pairs)) == "stale"
    assert Family.objects.count() == 2


def test_a_page_read_with_other_pairs_is_an_older_page(world):
    preview = merge_preview(
        actor=world.office, kept_id=world.kept.family.pk, left_id=world.left.family.pk, now=NOW
    )
    assert refusal_of(lambda: world.merge(fingerprint=preview.fingerprint, pairs={})) == "stale"


@pytest.mark.parametrize("pairs", ["unknown", "kinds", "two"])
def test_people_who_cannot_be_one(world, pairs):
    wrong = {
        "unknown": {world.twin.pk: 10**9},
        "kinds": {world.twin.pk: world.kept.adult.pk},
        "two": {world.twin.pk: world.ines.pk, world.sami.pk: world.ines.pk},
    }[pairs]
    assert refusal_of(lambda: world.merge(pairs=wrong)) == "wrong_pairs"


def test_not_while_an_agent_works_in_the_name_of_one(world, client):
    colleague = world.staff("collegue", Role.OFFICE)
    client.force_login(colleague)
    session = client.session
    session[ACTING_FOR] = world.left.family.pk
    session.save()
    Device.objects.create(
        user=colleague, session_key=session.session_key, first_seen=NOW, last_seen=NOW - timedelta(minutes=20)
    )
    assert refusal_of(world.merge) == "acting"
    Device.objects.update(last_seen=NOW - timedelta(minutes=31))
    world.merge()


def test_not_while_one_asks_to_be_erased(world):
    erasure_ask(actor=world.left.actor, now=NOW)
    assert refusal_of(world.merge) == "erasure_waiting"


def test_the_same_form_sent_twice_changes_nothing_the_second_time(world):
    preview = merge_preview(
        actor=world.office, kept_id=world.kept.family.pk, left_id=world.left.family.pk, now=NOW
    )
    sent = {"pairs": preview.pairs, "fingerprint": preview.fingerprint}
    world.merge(**sent)
    assert world.merge(**sent) == Merged(world.kept.family.pk, already=True)
    assert Entry.objects.filter(verb="family.merged").count() == 1
    with pytest.raises(AlreadyMerged):
        merge_preview(actor=world.office, kept_id=world.left.family.pk, left_id=world.kept.family.pk, now=NOW)


def test_a_file_merged_in_turn_takes_its_former_numbers_along(world):
    world.merge()
    third = world.home("Haddad", "Rachid")
    world.merge(kept_id=third.family.pk, left_id=world.kept.family.pk)
    assert set(FormerFile.objects.values_list("number", "family_id")) == {
        (world.left.family.number, third.family.pk),
        (world.kept.family.number, third.family.pk),
    }


# For the developer of the next table


def test_a_table_of_which_nothing_is_said_stops_the_start(monkeypatch):
    assert not [found for found in run_checks() if found.id == "marelle.E003"]
    monkeypatch.setattr("marelle.flows.checks.SETTLERS", {})
    names = {found.obj._meta.object_name for found in run_checks() if found.id == "marelle.E003"}
    assert names == {model.__name__ for model in settling.SETTLERS}


def test_a_column_forgotten_stops_the_merge_rather_than_lose_its_rows(world, monkeypatch):
    Thread.objects.create(
        family=world.left.family, structure=world.the_structure, subject="Bonjour", opened_at=NOW, last_at=NOW
    )
    move = rows.move
    monkeypatch.setattr(
        "marelle.flows.merging.services.move",
        lambda model, moves: None if model is Thread else move(model, moves),
    )
    with pytest.raises(RuntimeError, match=r"messaging\.Thread"):
        world.merge()


def test_every_pointer_is_seen():
    """What Django knows to point at a home or a person is what a merge moves."""
    known = {
        (relation.related_model, relation.field.attname)
        for root in (Family, Person)
        for relation in root._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel)
    }
    moved = {(model, pointer.column) for model in rows.pointing_models() for pointer in rows.pointers(model)}
    assert known <= moved
    generic = {(model, column) for model, column in moved - known}
    assert {column for _model, column in generic} <= set(personal.GENERIC_COLUMNS)


def test_of_two_visits_to_one_morning_one_stays_with_each_child_once(world):
    morning = world.activity("Matinée", kind="relay", booking_mode="accompanied")
    slot = world.slot(morning, "Matinée", capacity=6)
    here = world.opening(slot, WEDNESDAY)
    for home, children in ((world.kept, [world.ines]), (world.left, [world.twin, world.sami])):
        visit = Visit.objects.create(
            opening=here,
            family=home.family,
            adult_name="A",
            seats=len(children),
            booked_at=NOW,
            booked_by="A",
        )
        for child in children:
            VisitChild.objects.create(visit=visit, child=child, first_name=child.first_name)
    Quota.objects.filter(openings=here).update(taken=3)
    world.merge()
    visit = Visit.objects.get(cancelled_at=None)
    assert (visit.family, visit.seats) == (world.kept.family, 2)
    assert set(visit.children.values_list("child_id", flat=True)) == {world.ines.pk, world.sami.pk}
    assert Quota.objects.get(openings=here).taken == 2
