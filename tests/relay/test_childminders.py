"""A childminder comes in by herself: to the mornings of her relais, by everybody's rules, until it ends."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime, timedelta

import pytest

from marelle.accounts.models import Device, User
from marelle.accounts.refusals import AlreadyActive, DeadLink, WrongCredentials
from marelle.accounts.services import (
    AccessRefused,
    access_end,
    access_erase,
    access_invite_again,
    account_activate,
    connection_open,
)
from marelle.activities.models import Quota
from marelle.core.actor import Actor, Guest, Role
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.edits import NotPossible
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from marelle.mail.models import Message
from marelle.relay import childminders
from marelle.relay.childminders import DOOR
from marelle.relay.models import Childminder, ChildminderAccess, Visit, VisitChild
from marelle.relay.refusals import NoPlace
from marelle.relay.rules import SEATS_AT_MOST, Why
from marelle.relay.selectors import morning_lines, mornings_ahead
from marelle.relay.visits import Brought, visit_bring, visit_cancel, visit_enter, visit_mark
from tests.relay.test_visits import NOW, THURSDAY, Relay
from tests.scenario import PASSWORD
from tests.standing import built_once

MAIL = "nina@accueil.example"


class Minded(Relay):
    def __init__(self, capacity: int = 4) -> None:
        super().__init__(capacity)
        self.odile = Childminder.objects.create(authority=self.the_authority, name="Odile Fontaine")
        self.access = self.minder("odile", self.odile)
        self.actor = actor_for(self.access.account)

    def brings(self, *first_names: str, now: datetime = NOW, seen: str | None = None) -> Visit:
        return visit_bring(
            actor=self.actor, opening_id=self.morning.pk, first_names=first_names, seen=seen, now=now
        )

    def another_relay(self) -> tuple[Childminder, Actor]:
        village = self.authority("Arelle")
        relay = self.structure("Relais d’Arelle", kind="relay", authority=village)
        mornings = self.activity(
            "Matinées d’Arelle", kind="relay", structure=relay, enrolment_mode="none",
            booking_mode="accompanied",
        )  # fmt: skip
        self.slot(mornings, "Matinée", "09:30", "11:30", weekdays=[4], capacity=4)
        self.rule(mornings)
        (self.elsewhere,) = self.openings(mornings, THURSDAY + timedelta(1), THURSDAY + timedelta(1))
        row = Childminder.objects.create(authority=village, name="O. Fontaine")
        return row, actor_for(self.staff("mairie", Role.OFFICE, authority=village))

    def ends(self) -> None:
        access_end(
            DOOR, actor=self.director, opened_id=self.odile.pk, access_id=self.access.pk, reason="Déménage",
            now=NOW,
        )  # fmt: skip


built = built_once(Minded, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Minded:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


def refused(act: Callable[[], object]) -> Why:
    with pytest.raises(NoPlace) as why:
        act()
    return why.value.why


def test_she_comes_changes_and_gives_back(world):
    assert (world.actor.guest, world.actor.family_id, world.actor.powers) == (
        Guest.CHILDMINDER, None, frozenset(),
    )  # fmt: skip
    visit = world.brings("Lou", "Sacha")
    assert (visit.childminder, visit.adult_name, visit.seats, world.taken()) == (
        world.odile, "Odile Fontaine", 2, 2,
    )  # fmt: skip
    (line,) = morning_lines(world.actor, mornings_ahead(world.actor, now=NOW))
    assert (line.visit, line.facts.left) == (visit, 2)
    again = world.brings("Sacha", "Lou", "Nino")
    assert (again.pk, again.seats, world.taken()) == (visit.pk, 3, 3)
    assert world.brings("Nino", "Lou", "Sacha").pk == visit.pk, "the same in another order"
    visit_cancel(actor=world.actor, visit_id=visit.pk, now=NOW)
    assert world.taken() == 0
    told = Entry.objects.filter(actor_user_id=world.access.account_id).order_by("pk")
    assert [(one.verb, one.family_id) for one in told] == [
        ("visit.booked", None), ("visit.changed", None), ("visit.cancelled", None),
    ]  # fmt: skip


def test_what_an_agent_may_do_late_she_may_not(world):
    """The limits of homes hold for her, and whoever lives where does not matter."""
    last = morning_lines(world.actor, mornings_ahead(world.actor, now=NOW))[0].facts.window.closes_at
    assert refused(lambda: world.brings("Lou", now=last + timedelta(minutes=1))) is Why.TOO_LATE
    visit = world.brings("Lou", now=last)
    late = world.morning.starts_at - timedelta(minutes=5)
    assert refused(lambda: visit_cancel(actor=world.actor, visit_id=visit.pk, now=late)) is Why.TOO_LATE
    visit_cancel(actor=world.director, visit_id=visit.pk, now=late)
    assert world.taken() == 0


def test_places_are_everybodys(world):
    world.comes(world.home("Durand"), "Noé", "Lou")
    assert refused(lambda: world.brings("A", "B", "C")) is Why.FULL
    assert refused(world.brings) is Why.NO_CHILD
    Quota.objects.update(capacity=20)
    assert refused(lambda: world.brings(*["Lou"] * (SEATS_AT_MOST + 1))) is Why.SEATS
    assert (world.taken(), Visit.objects.count()) == (2, 1)


def test_a_first_name_is_looked_for_nowhere(world):
    world.child(world.home("Durand"), "Noé", born=date(2025, 1, 2))
    world.brings("Noé")
    assert VisitChild.objects.get().child is None


def test_whom_an_agent_has_tied_stays_tied_under_the_same_name(world):
    noe = world.child(world.home("Durand"), "Noé", born=date(2025, 1, 2))
    visit_enter(
        actor=world.director, opening_id=world.morning.pk, childminder_id=world.odile.pk,
        brought=[Brought("Noé", noe.birth_date), Brought("Lou")], now=NOW,
    )  # fmt: skip
    world.brings("noé", "Noé", "Sacha")
    assert dict(VisitChild.objects.values_list("first_name", "child")) == {
        "noé": noe.pk, "Noé": None, "Sacha": None,
    }  # fmt: skip


def enters(world, *brought: Brought, row: Childminder | None = None, actor: Actor | None = None) -> Visit:
    return visit_enter(
        actor=actor or world.director, opening_id=world.morning.pk,
        childminder_id=(row or world.odile).pk, brought=brought, now=NOW,
    )  # fmt: skip


def test_two_of_one_name_whom_an_agent_has_tied_both_stay_so(world):
    born = [date(2025, 1, 2), date(2025, 1, 3)]
    tied = [
        world.child(world.home(name), "Noé", born=day) for name, day in zip(("A", "B"), born, strict=True)
    ]
    enters(world, *(Brought("Noé", day) for day in born))
    world.brings("Noé", "Noé", "Lou")
    assert {one.child_id for one in VisitChild.objects.all()} == {None, *(one.pk for one in tied)}


def test_a_child_whom_an_agent_names_twice_comes_once(world):
    noe = world.child(world.home("Durand"), "Noé", born=date(2025, 1, 2))
    visit = enters(
        world, Brought("Noé", noe.birth_date), Brought("noé", noe.birth_date), Brought("Lou"), Brought("Lou")
    )
    assert sorted(one.child_id or 0 for one in visit.children.all()) == [0, 0, noe.pk]
    assert (visit.seats, world.taken()) == (3, 3)


def test_nobody_enters_her_at_a_morning_of_another_authority(world):
    row, _mayor = world.another_relay()
    both = actor_for(world.staff("admin", Role.ADMINISTRATOR))
    with pytest.raises(NotYours):
        enters(world, Brought("Lou"), row=row, actor=both)
    assert enters(world, Brought("Lou"), actor=both).childminder == world.odile


def adds(world, name: str = "Odile Fontaine", **given: object) -> Childminder:
    held = {"phone": "", "email": "", "commune_id": None, **given}
    return childminders.childminder_add(
        actor=world.director, authority_id=world.the_authority.pk, name=name, now=NOW, **held
    )


def test_said_again_what_is_left_empty_stays_as_it_was_noted(world):
    world.ends()
    adds(world, phone="+33639982101", email=MAIL)
    row = adds(world, phone="+33639982102")
    row.refresh_from_db()
    assert (row.pk, row.phone, row.email) == (world.odile.pk, "+33639982102", MAIL)


def test_the_address_of_who_comes_in_is_hers_until_her_access_ends(world):
    held, other = world.odile.email, "bureau@exemple.test"
    adds(world, email=other)
    with pytest.raises(NotYours):
        changes_address(world, other)
    world.odile.refresh_from_db()
    assert world.odile.email == held
    world.ends()
    changes_address(world, other)
    assert adds(world, email=MAIL).email == MAIL
    assert Childminder.objects.get(pk=world.odile.pk).email == MAIL


def changes_address(world, email: str) -> None:
    childminders.childminder_change(
        actor=world.director, childminder_id=world.odile.pk, changes={"email": email}, seen=None, now=NOW
    )


def test_a_page_that_has_aged_is_said_so(world):
    visit = world.brings("Lou")
    seen = visit_mark(visit)
    world.brings("Sacha", seen=seen)
    with pytest.raises(ChangedMeanwhile):
        world.brings("Nino", seen=seen)
    assert VisitChild.objects.get().first_name == "Sacha"


def test_she_has_the_mornings_of_her_relais_and_her_own_comings_alone(world):
    row, _mayor = world.another_relay()
    nina = Childminder.objects.create(authority=world.the_authority, name="Nina Roy")
    theirs = visit_enter(
        actor=world.director, opening_id=world.morning.pk, childminder_id=nina.pk, brought=[Brought("Zoé")],
        now=NOW,
    )  # fmt: skip
    home = world.comes(world.home("Durand"), "Noé")
    assert [one.pk for one in mornings_ahead(world.actor, now=NOW)] == [world.morning.pk]
    (line,) = morning_lines(world.actor, mornings_ahead(world.actor, now=NOW))
    assert line.visit is None
    for visit in (theirs, home):
        with pytest.raises(NotYours):
            visit_cancel(actor=world.actor, visit_id=visit.pk, now=NOW)
    with pytest.raises(NotYours):
        visit_bring(actor=world.actor, opening_id=world.elsewhere.pk, first_names=["Lou"], now=NOW)
    assert not Visit.objects.filter(childminder=row).exists()


def test_two_relais_have_one_account_and_each_ends_its_own(world):
    row, mayor = world.another_relay()
    Message.objects.all().delete()
    given = childminders.childminder_invite(
        actor=mayor, childminder_id=row.pk, email=world.access.account.email.upper(), now=NOW
    )
    assert (given.sent, given.access.account) == (None, world.access.account)
    assert Message.objects.get().kind == "relay/childminder_access"
    assert {one.pk for one in mornings_ahead(world.actor, now=NOW)} == {world.morning.pk, world.elsewhere.pk}
    visit = visit_bring(actor=world.actor, opening_id=world.elsewhere.pk, first_names=["Lou"], now=NOW)
    assert (visit.childminder, visit.adult_name) == (row, "O. Fontaine")
    world.ends()
    assert [one.pk for one in mornings_ahead(world.actor, now=NOW)] == [world.elsewhere.pk]
    assert User.objects.get(pk=world.access.account_id).is_active


def invites(world, email: str = MAIL, row: Childminder | None = None):
    nina = row or Childminder.objects.create(authority=world.the_authority, name="Nina Roy")
    return childminders.childminder_invite(actor=world.director, childminder_id=nina.pk, email=email, now=NOW)


def test_the_invitation_is_one_link_and_mails_go_there_from_then_on(world):
    given = invites(world)
    (mail,) = Message.objects.filter(kind="relay/childminder_invitation")
    assert (mail.to, mail.secret, given.sent.token in mail.text) == (MAIL, True, True)
    assert "famille" not in mail.text.lower()
    assert given.access.childminder.email == MAIL
    user = account_activate(token=given.sent.token, identifier="nina", password=PASSWORD, now=NOW)
    assert (user.guest, user.display_name) == ("childminder", "Nina Roy")
    with pytest.raises(DeadLink):
        account_activate(token=given.sent.token, identifier="nina2", password=PASSWORD, now=NOW)
    with pytest.raises(AlreadyActive):
        access_invite_again(
            DOOR, actor=world.director, opened_id=given.access.childminder.pk, access_id=given.access.pk,
            now=NOW,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("whose", "code"),
    [("parent", "account_exists"), ("agent", "account_exists"), ("payer", "account_exists"),
     ("colleague", "already"), ("herself", "already"), ("herself elsewhere", "already")],
)  # fmt: skip
def test_an_address_that_is_anothers_is_refused_and_nothing_is_written(world, whose, code):
    user = world.access.account
    if whose in {"parent", "agent"}:
        user = world.home("Durand").user if whose == "parent" else world.staff("agent", Role.ADMINISTRATOR)
    elif whose == "payer":
        user = world.staff("payeur", Role.ADMINISTRATOR)
        user.posts.all().delete()
        user.guest = "payer"
    user.email = MAIL
    user.save()
    row = world.odile if whose in {"herself", "herself elsewhere"} else None
    if whose == "herself elsewhere":
        user.email = "odile@accueil.example"
        user.save()
    with pytest.raises(AccessRefused, match=code):
        invites(world, MAIL.upper(), row)
    assert (ChildminderAccess.objects.count(), Message.objects.count()) == (1, 0)


def test_an_end_is_at_once_and_mornings_taken_stay(world, client):
    visit = world.brings("Lou")
    user = world.access.account
    client.force_login(user)
    Device.objects.create(
        user=user, session_key=client.session.session_key, label="", first_seen=NOW, last_seen=NOW
    )
    Message.objects.all().delete()
    world.ends()
    assert client.get("/matinees/").status_code == 302, "out at once"
    user.refresh_from_db()
    assert (user.is_active, user.has_usable_password()) == (False, False)
    (mail,) = Message.objects.all()
    assert (mail.kind, mail.to, "Déménage" in mail.text) == ("relay/childminder_access", user.email, False)
    assert list(mornings_ahead(world.actor, now=NOW)) == []
    for act in (
        lambda: world.brings("Sacha"),
        lambda: visit_cancel(actor=world.actor, visit_id=visit.pk, now=NOW),
    ):
        with pytest.raises(NotYours):
            act()
    assert world.taken() == 1
    with pytest.raises(WrongCredentials):
        connection_open(name="odile", password=PASSWORD, mark="", origin=Origin(), now=NOW)
    with pytest.raises(AccessRefused, match="ended"):
        world.ends()


def test_she_ends_it_herself_at_every_relais(world):
    row, _mayor = world.another_relay()
    ChildminderAccess.objects.create(
        childminder=row, account=world.access.account, given_at=NOW, given_by="Maire"
    )
    assert childminders.childminder_leave(actor=world.actor, now=NOW) == 2
    assert not ChildminderAccess.objects.live().exists()
    assert not User.objects.get(pk=world.access.account_id).is_active
    for actor in (world.actor, world.director, world.home("Durand").actor):
        with pytest.raises(NotYours):
            childminders.childminder_leave(actor=actor, now=NOW)
    assert Childminder.objects.get(pk=world.odile.pk).active, "the relais decides of its list"


def test_who_is_taken_off_the_list_comes_in_no_more(world):
    childminders.childminder_stop(actor=world.director, childminder_id=world.odile.pk, now=NOW)
    world.access.refresh_from_db()
    assert (world.access.ended_at, world.access.reason) == (NOW, childminders.STOPPED)
    assert not User.objects.get(pk=world.access.account_id).is_active
    with pytest.raises(NotYours):
        invites(world, row=world.odile)
    ChildminderAccess.objects.update(ended_at=None, ended_by="")
    assert list(mornings_ahead(world.actor, now=NOW)) == [], "whatever a row says"


def test_erased_she_is_nobody_and_the_mornings_stay(world):
    visit = world.brings("Lou")
    ids = {"actor": world.director, "childminder_id": world.odile.pk, "now": NOW}
    with pytest.raises(AccessRefused, match="stays"):
        childminders.childminder_erase(**ids)
    with pytest.raises(AccessRefused, match="stays"):
        access_erase(DOOR, actor=world.director, opened_id=world.odile.pk, access_id=world.access.pk, now=NOW)
    childminders.childminder_stop(**ids)
    childminders.childminder_erase(**ids)
    for row in (world.odile, visit, world.access.account):
        row.refresh_from_db()
    assert "Odile" not in f"{world.odile.name} {visit.adult_name} {visit.booked_by}"
    assert (world.odile.phone, world.odile.email, world.odile.erased_at) == ("", "", NOW)
    assert (world.access.account.display_name, world.access.account.email) == ("", "")
    assert (visit.seats, world.taken()) == (1, 1)
    row = adds(world, world.odile.name)
    assert (row.pk, row.active, row.erased_at) == (world.odile.pk, True, None), "whom one may stop again"


def test_another_relais_keeps_the_account(world):
    row, _mayor = world.another_relay()
    ChildminderAccess.objects.create(
        childminder=row, account=world.access.account, given_at=NOW, given_by="Maire"
    )
    ids = {"actor": world.director, "childminder_id": world.odile.pk, "now": NOW}
    childminders.childminder_stop(**ids)
    childminders.childminder_erase(**ids)
    world.access.account.refresh_from_db()
    assert (world.access.account.is_active, world.access.account.display_name) == (True, "Odile")


def test_what_ended_long_ago_goes_by_itself(world):
    def purged(days: int) -> int:
        return childminders.childminders_purge(before=NOW + timedelta(days=days), now=NOW)

    assert purged(9) == 0
    world.ends()
    assert (purged(0), purged(1)) == (0, 1), "the account, of one who still comes"
    world.odile.refresh_from_db()
    assert world.odile.name == "Odile Fontaine"
    childminders.childminder_stop(actor=world.director, childminder_id=world.odile.pk, now=NOW)
    assert (purged(0), purged(1), purged(1)) == (0, 1, 0)
    world.odile.refresh_from_db()
    assert "Odile" not in world.odile.name
    told = Entry.objects.filter(verb__endswith=".purged")
    assert {(one.verb, one.subject_label) for one in told} == {
        ("childminder_access.purged", ""), ("childminder.purged", ""),
    }  # fmt: skip


def test_another_relais_neither_invites_nor_ends_nor_erases(world):
    _row, mayor = world.another_relay()
    ids = {"childminder_id": world.odile.pk, "now": NOW}
    access = {"opened_id": world.odile.pk, "access_id": world.access.pk, "now": NOW}
    for actor in (mayor, world.home("Durand").actor, world.actor):
        for act in (
            lambda actor: childminders.childminder_invite(actor=actor, email=MAIL, **ids),
            lambda actor: access_invite_again(DOOR, actor=actor, **access),
            lambda actor: access_end(DOOR, actor=actor, reason="a", **access),
            lambda actor: access_erase(DOOR, actor=actor, **access),
            lambda actor: childminders.childminder_stop(actor=actor, **ids),
            lambda actor: childminders.childminder_erase(actor=actor, **ids),
        ):
            with pytest.raises(NotYours):
                act(actor)
    assert ChildminderAccess.objects.live().count() == 1


def changes(world, row: Childminder, seen: dict | None = None, **given: object) -> tuple[str, ...]:
    return childminders.childminder_change(
        actor=world.director, childminder_id=row.pk, changes=given, seen=seen, now=NOW
    )


def test_what_is_noted_of_her_is_changed_and_written_down(world):
    commune = world.commune("Brisecombe")
    assert changes(world, world.odile, phone="+33639982102", commune=commune) == ("phone", "commune")
    assert changes(world, world.odile, phone="+33639982102") == ()
    assert Entry.objects.filter(verb="childminder.changed").count() == 1
    with pytest.raises(ChangedMeanwhile) as caught:
        changes(world, world.odile, seen={"phone": ""}, phone="")
    assert caught.value.data["by"] == world.director.label
    world.odile.refresh_from_db()
    assert (world.odile.phone, world.odile.commune) == ("+33639982102", commune)


def test_her_new_name_is_that_of_her_comings_and_of_her_account(world):
    world.brings("Lou")
    access_user = world.access.account
    User.objects.filter(pk=access_user.pk).update(display_name="Odile Fontaine")
    Visit.objects.update(booked_by="Odile Fontaine")
    changes(world, world.odile, name="Odile Fontaine-Roy")
    visit = Visit.objects.get()
    assert (visit.adult_name, visit.booked_by) == ("Odile Fontaine-Roy", "Odile Fontaine-Roy")
    access_user.refresh_from_db()
    assert access_user.display_name == "Odile Fontaine-Roy"
    row, mayor = world.another_relay()
    childminders.childminder_invite(actor=mayor, childminder_id=row.pk, email=access_user.email, now=NOW)
    changes(world, world.odile, name="O. F.")
    access_user.refresh_from_db()
    assert access_user.display_name == "Odile Fontaine-Roy", "another relais calls her so"


def test_a_name_that_another_has_is_refused_and_so_is_who_comes_no_more(world):
    adds(world, "Nina Roy")
    with pytest.raises(NotPossible):
        changes(world, world.odile, name="Nina Roy", phone="+33639982102")
    world.odile.refresh_from_db()
    assert (world.odile.name, world.odile.phone) == ("Odile Fontaine", "")
    _row, mayor = world.another_relay()
    with pytest.raises(NotYours):
        childminders.childminder_change(
            actor=mayor, childminder_id=world.odile.pk, changes={"name": "X"}, seen=None, now=NOW
        )
    childminders.childminder_stop(actor=world.director, childminder_id=world.odile.pk, now=NOW)
    with pytest.raises(NotYours):
        changes(world, world.odile, name="X")
