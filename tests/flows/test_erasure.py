"""A home is erased as the registry says, once nothing needs it, and never a child whom another home holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.storage import storages
from django.db import transaction
from django.test import Client

from marelle.accounts.models import User
from marelle.attendance.models import Call, Mismatch, Tick
from marelle.attendance.outcomes import OutcomeCode
from marelle.attendance.rules import TickKind
from marelle.billing.models import Invoice
from marelle.cases.models import Case, CaseState
from marelle.cases.services import AlreadyOpen
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.personal import Erase, declared
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.families.locks import home_locked
from marelle.families.models import Family, Guardianship, HealthSheet, Member, Person, SearchWord
from marelle.families.refusals import HomeGone, ReasonMissing
from marelle.files.models import StoredFile
from marelle.files.services import file_make
from marelle.flows.actor.actors import actor_for
from marelle.flows.door.mismatches import mismatches_tell
from marelle.flows.home.erasure import (
    Obstacle,
    OwnErasure,
    StillNeeded,
    erasure,
    erasure_ask,
    erasure_carry_out,
    erasure_refuse,
    erasure_withdraw,
)
from marelle.journal.chain import entries_seal
from marelle.journal.models import ChainLink, Entry
from marelle.journal.services import record
from marelle.journal.walking import chain_walked
from marelle.mail.models import Message
from marelle.places.models import Post
from marelle.pricing.amounts import Fixed
from marelle.pricing.models import Adjustment, HomeTrait, Price
from marelle.pricing.selectors import book_of
from marelle.pricing.tariffs import Adjustment as Pure
from marelle.pricing.tariffs import Always, Becomes
from marelle.pricing.writing import adjustment_write
from marelle.relay.visits import visit_book, visit_cancel
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
REDUCED = Pure(0, "CCAS", date(2026, 1, 1), None, 1, Always(), Becomes(Fixed(Decimal(1))))
OVER = {"starts_on": date(2024, 9, 1), "ends_on": date(2025, 8, 31)}


class Leaving(Scenario):
    """The Durands ask to be erased. Zoé lives with the Martins too; Tom with the Durands alone."""

    def __init__(self) -> None:
        super().__init__()
        self.durand, self.martin = self.home("Durand", "Camille"), self.home("Martin", "Sacha")
        self.zoe, self.tom = self.child(self.durand, "Zoé"), self.child(self.durand, "Tom")
        Person.objects.filter(pk=self.zoe.pk).update(last_name="Martin")
        self.zoe.refresh_from_db()
        self.shared(self.zoe, self.durand, self.martin)
        activity = self.activity()
        for child, home in ((self.zoe, self.durand), (self.tom, self.durand), (self.zoe, self.martin)):
            row = self.enrolment(child, activity, home, **OVER)
            Enrolment.objects.filter(pk=row.pk).update(comment=f"Mot des {home.family.name}")
            subject = Subject("enrolment", row.pk, f"{child} · Mercredis")
            record(
                actor=home.actor,
                verb="enrolment.requested",
                subject=subject,
                family_id=home.family.pk,
                now=NOW,
            )
        for child in (self.zoe, self.tom):
            file = self.pdf(self.durand, f"pai-{child.first_name}.pdf")
            HealthSheet.objects.create(
                child=child, allergies="Arachide", pai_file=file, updated_at=NOW, updated_by="Camille Durand"
            )
        self.office = actor_for(self.staff("guichet", Role.OFFICE))
        erasure_ask(actor=self.durand.actor, now=NOW)

    def pdf(self, home: Home, name: str) -> StoredFile:
        return file_make(
            actor=home.actor, content=b"%PDF-1.7", name=name, pages=1, family_id=home.family.pk, now=NOW
        )

    def invoice(self, *, paid: str) -> Invoice:
        return Invoice.objects.create(
            authority=self.the_authority,
            family=self.durand.family,
            number="F1",
            month=date(2026, 9, 1),
            issued_on=date(2026, 10, 1),
            due_on=date(2026, 10, 31),
            total=Decimal("12.50"),
            paid=Decimal(paid),
            pdf=self.pdf(self.durand, "facture.pdf"),
        )

    def carry_out(self) -> None:
        erasure_carry_out(actor=self.office, family_id=self.durand.family.pk, now=NOW)


@pytest.fixture
def world(time_machine) -> Leaving:
    time_machine.move_to(NOW, tick=False)
    return Leaving()


def everything() -> str:
    """All that any declared table holds in any of its columns, as one text."""
    return "\n".join(
        str(row) for declaration in declared() for row in declaration.model._default_manager.values_list()
    )


def test_nothing_names_the_home_any_more_and_the_other_home_keeps_all_that_is_its_own(world) -> None:
    account, email = world.durand.user.pk, world.durand.adult.email
    before = {child.pk for child in (world.zoe, world.tom)}
    world.carry_out()
    mail = Message.objects.get(kind="families/erasure_done")
    assert mail.to == email
    mail.delete()
    left = everything()
    for name in ("Camille", "Durand", "Tom", email):
        assert name not in left
    zoe = Person.objects.get(pk=world.zoe.pk)
    assert str(zoe) == "Zoé Martin"
    assert Member.objects.filter(person=zoe).get().family == world.martin.family
    assert Guardianship.objects.filter(child=zoe).get().adult == world.martin.adult
    assert HealthSheet.objects.get().child == zoe
    (told,) = (one for one in Enrolment.objects.all() if one.comment == "Mot des Martin")
    assert told.family == world.martin.family
    assert Enrolment.objects.filter(person_id__in=before).count() == 3
    closed = User.objects.get(pk=account)
    assert (closed.is_active, closed.email, closed.display_name) == (False, "", "")
    assert not closed.has_usable_password()


def test_the_chain_of_the_journal_shows_an_erasure_and_no_flaw(world) -> None:
    account = Subject("account", world.durand.user.pk, "camille")
    for verb in ("connection.opened", "connection.closed"):
        record(actor=world.durand.actor, verb=verb, subject=account, now=NOW - timedelta(days=1))
    entries_seal(now=NOW + timedelta(hours=1))
    before = Entry.objects.count()
    world.carry_out()
    gone = ChainLink.objects.get(kind="purge")
    assert (gone.taken, gone.intact, gone.before) == (2, True, None)
    assert Entry.objects.filter(actor_label="Camille Durand").count() == 0
    assert before - 2 < Entry.objects.count()
    assert [flaw for step in chain_walked() for flaw in step.flaws] == []


def test_files_go_with_their_content_but_the_plan_of_the_child_who_stays(world) -> None:
    paths = {row.name: row.path for row in StoredFile.objects.all()}
    world.carry_out()
    assert list(StoredFile.objects.values_list("name", flat=True)) == ["pai-Zoé.pdf"]
    storage = storages["private"]
    assert {name: storage.exists(path) for name, path in paths.items()} == {
        "pai-Tom.pdf": False,
        "pai-Zoé.pdf": True,
    }


def test_invoices_stay_with_their_pdf_and_the_name_of_who_owed_them(world) -> None:
    world.invoice(paid="12.50")
    world.carry_out()
    invoice = Invoice.objects.get()
    assert (invoice.family.name, invoice.family.number) == ("Durand", world.durand.family.number)
    assert invoice.pdf is not None
    assert Person.objects.get(pk=world.durand.adult.pk).last_name == "effacée"


def test_not_while_something_needs_the_home(world) -> None:
    world.invoice(paid="0")
    enrolment = Enrolment.objects.filter(family=world.durand.family).first()
    Enrolment.objects.filter(pk=enrolment.pk).update(ends_on=date(2027, 8, 31))
    with pytest.raises(StillNeeded) as refused:
        world.carry_out()
    assert set(refused.value.data["obstacles"]) == {Obstacle.ENROLLED, Obstacle.UNPAID}
    assert Case.objects.get(kind="erasure").state == CaseState.OPEN
    assert Family.objects.get(pk=world.durand.family.pk).name == "Durand"


def test_what_the_page_counts_is_what_the_registry_says(world, count_queries) -> None:
    with count_queries(9):
        found = erasure(world.office, world.durand.family.pk, now=NOW)
    assert found is not None
    counts = {part.declaration.model.__name__: part.count for part in found.parts}
    assert (counts["Member"], counts["Enrolment"], counts["HealthSheet"], counts["Person"]) == (3, 2, 1, 2)
    assert found.shared == ("Zoé",)
    assert {part.declaration.erase for part in found.parts} == {Erase.DELETE, Erase.ANONYMISE}


def test_it_is_asked_once_taken_back_and_asked_again(world) -> None:
    with pytest.raises(AlreadyOpen):
        erasure_ask(actor=world.durand.actor, now=NOW)
    assert erasure_withdraw(actor=world.durand.actor, now=NOW)
    assert not erasure_withdraw(actor=world.durand.actor, now=NOW)
    assert erasure(world.office, world.durand.family.pk, now=NOW) is None
    with pytest.raises(NotYours):
        world.carry_out()
    erasure_ask(actor=world.durand.actor, now=NOW)
    assert erasure(world.office, world.durand.family.pk, now=NOW) is not None


def test_a_refusal_has_its_reason_and_is_told(world) -> None:
    home = world.durand.family.pk
    with pytest.raises(ReasonMissing):
        erasure_refuse(actor=world.office, family_id=home, reason=" ", now=NOW)
    erasure_refuse(actor=world.office, family_id=home, reason="Une aide est en cours.", now=NOW)
    assert "Une aide est en cours." in Message.objects.get(kind="families/erasure_refused").text
    assert Entry.objects.filter(verb="family.erasure_refused", family_id=home).exists()


def test_nobody_erases_its_own_home_nor_one_of_another_office(world) -> None:
    Post.objects.create(user=world.durand.user, role="office", authority=world.the_authority)
    with pytest.raises(OwnErasure):
        erasure_carry_out(actor=world.durand.actor, family_id=world.durand.family.pk, now=NOW)
    other = actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie")))
    with pytest.raises(NotYours):
        erasure_carry_out(actor=other, family_id=world.durand.family.pk, now=NOW)


def test_who_also_works_here_keeps_its_account(world) -> None:
    Post.objects.create(user=world.durand.user, role="director", structure=world.the_structure)
    world.carry_out()
    account = User.objects.get(pk=world.durand.user.pk)
    assert account.is_active
    assert not Person.objects.filter(account=account).exists()


def test_from_the_parent_to_the_agent_and_out(world) -> None:
    parent, agent = Client(), Client()
    parent.force_login(world.durand.user)
    agent.force_login(User.objects.get(identifier="guichet"))
    assert "Retirer ma demande" in parent.get("/compte/effacement/").content.decode()
    page = f"/agents/effacements/{world.durand.family.pk}/"
    assert page in agent.get("/agents/").content.decode()
    SearchWord.objects.get_or_create(family=world.durand.family, word="durand")
    seen = agent.get(page).content.decode()
    assert "Mots de recherche" not in seen, "an index tells an agent nothing"
    for told in ("Ce qui est effacé", "sans aucun nom", "Zoé"):
        assert told in seen
    empty = agent.post(page, {"reason": ""})
    assert (empty.status_code, Case.objects.get(kind="erasure").state) == (200, CaseState.OPEN)
    done = agent.post(f"{page}effacer/", follow=True).content.decode()
    assert "Les données du foyer sont effacées" in done
    assert agent.post(f"{page}effacer/").status_code == 404
    assert parent.get("/compte/")["Location"].startswith("/connexion/")


def test_seats_held_at_a_morning_keep_the_home(world) -> None:
    """Or they would be taken for ever: the visit goes with the home, and its seats would not come back."""
    mornings = world.activity(
        "Matinées",
        kind="relay",
        structure=world.structure("Relais", kind="relay"),
        enrolment_mode="none",
        booking_mode="accompanied",
    )
    world.slot(mornings, "Matinée", "09:30", "11:30", weekdays=[3], capacity=4)
    world.rule(mornings)
    (opening,) = world.openings(mornings, date(2026, 12, 3), date(2026, 12, 3))
    visit = visit_book(
        actor=world.durand.actor,
        opening_id=opening.pk,
        adult_name="Camille",
        child_ids=[world.tom.pk],
        now=NOW,
    )
    with pytest.raises(StillNeeded) as refused:
        world.carry_out()
    assert refused.value.data["obstacles"] == (Obstacle.EXPECTED,)
    visit_cancel(actor=world.durand.actor, visit_id=visit.pk, now=NOW)
    world.carry_out()
    assert opening.quotas.get().taken == 0


def test_what_agents_read_and_noted_names_nobody_any_more(world) -> None:
    """These acts are of no home, so that the home does not read them."""
    home = world.durand.family.pk
    for kind, pk in (("person", world.tom.pk), ("note", home), ("family", home)):
        record(actor=world.office, verb=f"{kind}.read", subject=Subject(kind, pk, "Tom Durand"), now=NOW)
    kept = record(actor=world.office, verb="person.read", subject=Subject("person", 0, "Zoé Martin"), now=NOW)
    world.carry_out()
    assert set(Entry.objects.filter(verb__endswith=".read").values_list("subject_label", flat=True)) == {
        "",
        kept.subject_label,
    }


def test_who_writes_after_finds_the_home_erased_and_so_does_the_worker(world) -> None:
    day = date(2026, 11, 24)
    tuesdays = world.activity("Mardis")
    world.slot(tuesdays, weekdays=[day.weekday()])
    (opening,) = world.openings(tuesdays, day, day)
    over = {"starts_on": day, "ends_on": day}
    enrolment = world.enrolment(world.tom, opening.activity, world.durand, **over)
    world.booking(world.tom, opening, enrolment=enrolment)
    Call.objects.create(
        opening=opening, state=Call.State.CLOSED, closed_at=NOW - timedelta(days=1), closed_by=""
    )
    Tick.objects.create(
        opening=opening,
        structure=opening.activity.structure,
        day=day,
        kind=TickKind.CALL_CLOSED,
        at=NOW,
        at_tablet=NOW,
        received_at=NOW - timedelta(hours=1),
        outcome=OutcomeCode.APPLIED,
        by="Line",
    )
    assert mismatches_tell(now=NOW) == 1
    world.carry_out()
    assert mismatches_tell(now=NOW + timedelta(minutes=1)) == 0
    assert not Mismatch.objects.exists()
    with pytest.raises(HomeGone), transaction.atomic():
        home_locked(world.durand.family.pk)


def test_what_a_decision_changed_goes_with_it_and_what_others_pay_stays(world: Leaving):
    """An adjustment for one home alone, with its price, is of that home."""
    kept = adjustment_write(world.the_authority.pk, replace(REDUCED, name="Fratrie"))
    only = adjustment_write(world.the_authority.pk, REDUCED)
    decided = HomeTrait.objects.create(
        authority=world.the_authority, family=world.durand.family, kind="decision", since=NOW.date(),
        reason="CCAS", noted_at=NOW, noted_by="G", adjustment=only,
    )  # fmt: skip
    HomeTrait.objects.create(
        authority=world.the_authority, family=world.durand.family, kind="regular", since=NOW.date(),
        reason="À l’année", noted_at=NOW, noted_by="G",
    )  # fmt: skip
    assert len(book_of(world.the_authority.pk).adjustments) == 2
    world.carry_out()
    assert not HomeTrait.objects.filter(pk=decided.pk).exists()
    assert list(Adjustment.objects.all()) == [kept]
    assert list(Price.objects.all()) == [kept.price]
    assert len(book_of(world.the_authority.pk).adjustments) == 1
