"""People of a payer are invited to read its bills, and their access ends."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from marelle.accounts.models import Device, Invitation, RecoveryCode, User
from marelle.accounts.refusals import AlreadyActive, DeadLink, WrongCredentials
from marelle.accounts.services import (
    AccessRefused,
    access_end,
    access_erase,
    access_invite_again,
    account_activate,
    connection_open,
)
from marelle.billing import guests
from marelle.billing.guest_bills import bills_read, payers_read, readable_by_payer
from marelle.billing.guests import DOOR
from marelle.billing.mails import tell_payers
from marelle.billing.models import Payer, PayerAccess
from marelle.core.actor import Guest, Power, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from marelle.mail.models import Message, MessageState
from marelle.places.models import Authority, Post
from marelle.places.posts.services import PostRefused, agent_invite, post_give
from tests.billing.world import Village
from tests.scenario import PASSWORD
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
MAIL = "odile@departement.example"


class Paid(Village):
    """The Durand home, of which a département pays a part."""

    def __init__(self) -> None:
        super().__init__()
        self.payer = self.payer_of(self.the_authority)
        self.bill = self.invoice(payer=self.payer)

    def payer_of(self, authority: Authority, name: str = "Département") -> Payer:
        return Payer.objects.create(
            authority=authority, kind="department", last_name=name, street="1 rue Haute",
            postal_code="21000", city="Dijon",
        )  # fmt: skip

    def invites(self, email: str = MAIL, payer: Payer | None = None, name: str = "Odile Bertin"):
        return guests.payer_invite(
            actor=self.office, payer_id=(payer or self.payer).pk, name=name, email=email, now=NOW
        )

    def activates(self, given, identifier: str = "odile", password: str = PASSWORD) -> User:
        return account_activate(token=given.sent.token, identifier=identifier, password=password, now=NOW)

    def opened(self) -> tuple[PayerAccess, User]:
        given = self.invites()
        return given.access, self.activates(given)

    def ends(self, access: PayerAccess) -> None:
        access_end(
            DOOR, actor=self.office, opened_id=access.payer_id, access_id=access.pk,
            reason="A changé de service", now=NOW,
        )  # fmt: skip


built = built_once(Paid, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Paid:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


def test_who_is_invited_reads_the_bills_of_that_payer_alone(world):
    own = world.invoice()
    other = world.invoice(payer=world.payer_of(world.the_authority, "CCAS"))
    access, user = world.opened()
    actor = actor_for(user)
    assert (actor.guest, actor.family_id, actor.person_id, actor.powers) == (
        Guest.PAYER, None, None, frozenset(),
    )  # fmt: skip
    assert bills_read(actor) == [world.bill]
    assert payers_read(actor) == (world.payer,)
    assert own not in readable_by_payer(actor)
    assert other not in readable_by_payer(actor)
    assert (access.given_by, access.ended_at) == (world.office.label, None)


def test_the_invitation_is_one_link_by_mail_that_says_whose_bills(world):
    given = world.invites()
    (mail,) = Message.objects.all()
    assert (mail.kind, mail.to, mail.secret, mail.family_id) == (
        "accounts/payer_invitation",
        MAIL,
        True,
        None,
    )
    assert given.sent.token in mail.text
    assert "du Département" in mail.text
    assert "famille" not in mail.text.lower()
    assert given.sent.expires_at == NOW + timedelta(days=14)
    world.activates(given)
    with pytest.raises(DeadLink):
        world.activates(given, "encore")


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("who", ["parent", "agent"])
def test_an_address_of_a_home_or_an_agent_is_refused_and_nothing_is_written(world, who, active):
    user = world.durand.user if who == "parent" else world.guichet
    User.objects.filter(pk=user.pk).update(email=MAIL.upper(), is_active=active)
    before = User.objects.count()
    with pytest.raises(AccessRefused) as refused:
        world.invites()
    assert refused.value.code == "account_exists"
    assert (User.objects.count(), PayerAccess.objects.count(), Message.objects.count()) == (before, 0, 0)


def test_the_same_person_is_not_invited_twice_for_a_payer(world):
    given = world.invites()
    for _state in ("invited", "active"):
        with pytest.raises(AccessRefused) as refused:
            world.invites(MAIL.upper())
        assert refused.value.code == "already"
        if _state == "invited":
            world.activates(given)
    assert PayerAccess.objects.count() == 1


def test_a_payer_has_several_people(world):
    world.invites()
    world.invites("paul@departement.example")
    assert PayerAccess.objects.live().filter(payer=world.payer).count() == 2


def test_the_payer_of_another_authority_comes_on_the_same_account(world, client):
    _access, user = world.opened()
    village = world.authority("Arelle")
    theirs = world.payer_of(village)
    Message.objects.all().delete()
    mayor = actor_for(world.staff("mairie", Role.OFFICE, authority=village))
    given = guests.payer_invite(actor=mayor, payer_id=theirs.pk, name="O. B.", email=MAIL, now=NOW)
    assert (given.sent, given.access.account) == (None, user)
    (mail,) = Message.objects.all()
    assert (mail.kind, mail.to) == ("billing/payer_access", MAIL)
    assert {one.pk for one in payers_read(actor_for(user))} == {world.payer.pk, theirs.pk}
    user.refresh_from_db()
    assert user.display_name == "Odile Bertin"
    client.force_login(user)
    Device.objects.create(
        user=user, session_key=client.session.session_key, label="", first_seen=NOW, last_seen=NOW
    )
    access_end(DOOR, actor=mayor, opened_id=theirs.pk, access_id=given.access.pk, reason="a", now=NOW)
    user.refresh_from_db()
    assert user.is_active
    assert client.get("/payeur/").status_code == 302, "out at once, and in again for the other"
    assert payers_read(actor_for(user)) == (world.payer,)


def test_of_who_has_not_come_in_another_payer_sends_a_link_for_both(world):
    first = world.invites()
    second = world.invites(payer=world.payer_of(world.the_authority, "CCAS"))
    with pytest.raises(DeadLink):
        world.activates(first)
    user = world.activates(second)
    assert len(payers_read(actor_for(user))) == 2


def test_another_link_kills_the_one_before_and_is_not_sent_to_who_came_in(world):
    given = world.invites()
    sent = access_invite_again(
        DOOR, actor=world.office, opened_id=world.payer.pk, access_id=given.access.pk, now=NOW
    )
    with pytest.raises(DeadLink):
        world.activates(given)
    account_activate(token=sent.token, identifier="odile", password=PASSWORD, now=NOW)
    with pytest.raises(AlreadyActive):
        access_invite_again(
            DOOR, actor=world.office, opened_id=world.payer.pk, access_id=given.access.pk, now=NOW
        )


def test_an_end_closes_the_account_at_once_and_tells_by_mail_not_why(world, client):
    access, user = world.opened()
    client.force_login(user)
    RecoveryCode.objects.create(user=user, code_hash="x")
    Device.objects.create(
        user=user, session_key=client.session.session_key, label="", first_seen=NOW, last_seen=NOW
    )
    Message.objects.all().delete()
    world.ends(access)
    access.refresh_from_db()
    assert (access.ended_at, access.ended_by, access.reason) == (
        NOW,
        world.office.label,
        "A changé de service",
    )
    assert client.get("/payeur/").status_code == 302, "out at once"
    user.refresh_from_db()
    assert (user.is_active, user.has_usable_password(), user.recovery_codes.count()) == (False, False, 0)
    assert bills_read(actor_for(user)) == []
    (mail,) = Message.objects.all()
    assert (mail.kind, mail.to) == ("billing/payer_access", MAIL)
    assert "arrêté" in mail.subject
    assert "service" not in mail.text.partition("Pour joindre")[0]
    with pytest.raises(AccessRefused, match="ended"):
        world.ends(access)
    with pytest.raises(WrongCredentials):
        connection_open(name="odile", password=PASSWORD, mark="", origin=Origin(), now=NOW)


def test_an_end_before_the_first_connection_takes_the_link_back(world):
    given = world.invites()
    world.ends(given.access)
    invitation = Message.objects.get(kind="accounts/payer_invitation")
    assert invitation.state == MessageState.REVOKED
    with pytest.raises(DeadLink):
        world.activates(given)


def test_who_ended_is_invited_anew_on_the_same_account(world):
    access, user = world.opened()
    world.ends(access)
    given = world.invites(name="Odile Bertin-Roy")
    assert (given.access.account_id, given.access.pk != access.pk) == (user.pk, True)
    again = world.activates(given, "odile", "Une-autre-phrase-2026")
    assert (again.pk, again.display_name) == (user.pk, "Odile Bertin-Roy")
    assert bills_read(actor_for(again)) == [world.bill]
    assert PayerAccess.objects.filter(payer=world.payer).count() == 2, "the first stays"


def test_an_office_of_another_authority_neither_invites_nor_ends(world):
    access, _user = world.opened()
    other = actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Arelle")))
    ids = {"opened_id": world.payer.pk, "access_id": access.pk}
    for act in (
        lambda: guests.payer_invite(actor=other, payer_id=world.payer.pk, name="a", email="a@b.fr", now=NOW),
        lambda: access_invite_again(DOOR, actor=other, **ids, now=NOW),
        lambda: access_end(DOOR, actor=other, **ids, reason="a", now=NOW),
        lambda: access_erase(DOOR, actor=other, **ids, now=NOW),
        lambda: guests.payer_invite(actor=world.office, payer_id=0, name="a", email="a@b.fr", now=NOW),
    ):
        with pytest.raises(NotYours):
            act()
    assert PayerAccess.objects.live().count() == 1


def test_erasing_leaves_the_days_and_nobody(world):
    access, user = world.opened()
    ids = {"opened_id": world.payer.pk, "access_id": access.pk}
    with pytest.raises(AccessRefused, match="stays"):
        access_erase(DOOR, actor=world.office, **ids, now=NOW)
    world.ends(access)
    access_erase(DOOR, actor=world.office, **ids, now=NOW)
    user.refresh_from_db()
    access.refresh_from_db()
    assert (user.display_name, user.email, access.reason, access.ended_at) == ("", "", "", NOW)


def test_what_ended_long_ago_is_emptied_by_itself(world):
    access, user = world.opened()
    assert _purged(9) == 0, "it still reads"
    world.ends(access)
    assert _purged(0) == 0
    given = world.invites(payer=world.payer_of(world.the_authority, "CCAS"))
    assert _purged(1) == 0, "it reads for another"
    world.ends(given.access)
    assert _purged(1) == 1
    user.refresh_from_db()
    assert (user.display_name, user.identifier) == ("", f"ferme-{user.pk}")
    told = Entry.objects.get(verb="payer_access.purged")
    assert (told.subject_id, told.subject_label, told.actor_label) == (user.pk, "", "Marelle")
    assert _purged(1) == 0


def _purged(days: int) -> int:
    return guests.guests_purge(before=NOW + timedelta(days=days), now=NOW)


def test_a_guest_gets_no_post(world):
    _access, user = world.opened()
    admin = actor_for(world.staff("admin", Role.ADMINISTRATOR))
    power = Power(Role.OFFICE, authority_id=world.the_authority.pk)
    with pytest.raises(PostRefused, match="guest"):
        post_give(actor=admin, user_id=user.pk, power=power, now=NOW)
    for email in (MAIL, MAIL.upper()):
        with pytest.raises(PostRefused, match="guest"):
            agent_invite(actor=admin, name="O", email=email, powers=[power], is_same=True, now=NOW)
    assert not Post.objects.filter(user=user).exists()


def test_whatever_a_row_says_a_guest_has_no_home_and_no_power(world):
    _access, user = world.opened()
    Person.objects.filter(pk=world.durand.adult.pk).update(account=user)
    Post.objects.create(user=user, role="administrator")
    actor = actor_for(User.objects.get(pk=user.pk))
    assert (actor.family_id, actor.person_id, actor.is_staff, actor.guest) == (None, None, False, Guest.PAYER)


@pytest.mark.parametrize("field", ["is_staff", "is_superuser"])
def test_the_database_refuses_a_guest_who_administers(world, field):
    _access, user = world.opened()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(**{field: True})
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(guest="anybody")


def test_the_journal_tells_who_gave_and_who_ended(world):
    access, _user = world.opened()
    world.ends(access)
    told = Entry.objects.filter(verb__startswith="payer_access.").order_by("pk")
    assert [(one.verb, one.subject_label, one.actor_user_id, one.family_id) for one in told] == [
        ("payer_access.given", "Odile Bertin, Département", world.guichet.pk, None),
        ("payer_access.ended", "Odile Bertin, Département", world.guichet.pk, None),
    ]


def test_new_bills_are_told_once_to_each_who_reads(world):
    _access, user = world.opened()
    world.invites("paul@departement.example")  # who has not come in is told by its invitation alone
    both = world.payer_of(world.the_authority, "CCAS")
    world.invites(payer=both)
    Message.objects.all().delete()
    bills = {world.payer.pk: 3, both.pk: 2}
    told = tell_payers(
        authority=world.the_authority, month=world.bill.month, bills=bills, corrected=False, now=NOW
    )
    (mail,) = Message.objects.all()
    assert (told, mail.to, mail.family_id) == (1, MAIL, None)
    assert "5 factures à lire" in mail.subject
    assert "/payeur/" in mail.text
    for said in ("famille", "Durand", "Zoé", "40,00"):
        assert said not in mail.text
    assert Invitation.objects.pending().count() == 1
    User.objects.filter(pk=user.pk).update(email="")
    assert not tell_payers(
        authority=world.the_authority, month=world.bill.month, bills=bills, corrected=False, now=NOW
    )


def test_what_is_billed_is_what_is_read(world):
    _access, user = world.opened()
    assert [row.total for row in bills_read(actor_for(user))] == [Decimal("40.00")]
