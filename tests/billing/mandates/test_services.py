"""Mandates are accepted by who is recognised, seen by two people, ended; never two at once."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core import signing
from django.db import IntegrityError

from marelle.accounts.recognised import Recognised
from marelle.billing.mandates.offers import MandateRefused, mandate_offer, offer_read, offer_sealed
from marelle.billing.mandates.services import (
    mandate_accept,
    mandate_check,
    mandate_end,
    mandate_refuse,
    mandate_stop,
    mandates_erase,
)
from marelle.billing.models import AnnouncedDebit, Invoice, Mandate
from marelle.core.actor import Actor, Role
from marelle.core.refusals import NotYours
from marelle.core.sealed import opened
from marelle.families.refusals import NotAllowed
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.billing.mandates.held import IBAN, NOW, OTHER, Debited, account
from tests.billing.world import mandate_row
from tests.scenario import Home
from tests.standing import built_once

pytestmark = pytest.mark.django_db

State, End = Mandate.State, Mandate.End


built = built_once(Debited)


@pytest.fixture
def world(built, db) -> Debited:
    return deepcopy(built)


def states() -> list[tuple[str, str, str]]:
    return list(Mandate.objects.order_by("pk").values_list("last_digits", "state", "end"))


def refused(code: str):
    return pytest.raises(MandateRefused, match=code)


def test_the_first_that_a_home_accepts_holds_at_once_as_it_was_read(world):
    offer = world.offer()
    row = world.accepts(offer)
    assert (row.state, row.text, row.rum) == (State.ACTIVE, offer.text, offer.rum)
    assert (opened(row.iban), row.last_digits, row.signer) == (IBAN, "2606", world.durand.user.person)
    assert row.signed_on == date(2026, 11, 29)
    held = str(Mandate.objects.filter(pk=row.pk).values().get())
    assert IBAN not in held
    assert IBAN[4:14] not in held
    mail = Message.objects.get(kind="billing/mandate")
    assert "2606" in mail.text
    assert IBAN not in mail.text
    entry = Entry.objects.get(verb="mandate.accepted")
    assert (entry.subject_label, entry.family_id) == (row.rum, world.durand.family.pk)


def test_another_account_waits_for_an_agent_and_then_replaces(world):
    world.accepts()
    row = world.accepts(world.offer(OTHER))
    assert states() == [("2606", "active", ""), ("3000", "waiting", "")]
    mandate_check(actor=world.first, mandate_id=row.pk, now=NOW)
    assert states() == [("2606", "ended", "replaced"), ("3000", "active", "")]


def test_ending_and_beginning_again_is_no_way_round_the_check(world):
    mandate_stop(actor=world.durand.actor, mandate_id=world.accepts().pk, now=NOW)
    assert world.accepts(world.offer(OTHER)).state == State.WAITING


def test_a_third_takes_the_place_of_one_that_waits(world):
    world.accepts()
    world.accepts(world.offer(OTHER))
    world.accepts(world.offer(IBAN))
    assert [state for _end, state, _why in states()] == ["active", "ended", "waiting"]


def test_nobody_accepts_unrecognised_nor_for_another(world):
    offer, actor = world.offer(), world.durand.actor
    other = world.home("Martin", "Nora")
    late = Recognised(actor.user_id, NOW - timedelta(minutes=11))
    for shown in (None, late, Recognised(other.actor.user_id, NOW)):
        with refused("unrecognised"):
            mandate_accept(actor=actor, offer=offer, recognised=shown, now=NOW)
    with refused("changed"):
        mandate_accept(
            actor=other.actor, offer=offer, recognised=Recognised(other.actor.user_id, NOW), now=NOW
        )
    for_it = replace(actor, on_behalf_of=True)
    with pytest.raises(NotYours):
        mandate_offer(actor=for_it, authority_id=world.the_authority.pk, account=account(), now=NOW)
    with pytest.raises(NotYours):
        mandate_accept(actor=for_it, offer=offer, recognised=Recognised(actor.user_id, NOW), now=NOW)
    assert not Mandate.objects.exists()


def test_of_two_tabs_the_second_is_told(world):
    first, second = world.offer(), world.offer(OTHER)
    world.accepts(first)
    with refused("changed"):
        world.accepts(second)
    with refused("changed"):
        world.accepts(first)


def test_what_ends_while_it_is_accepted_is_told(world):
    row = world.accepts()
    offer = world.offer(OTHER)
    mandate_end(actor=world.first, mandate_id=row.pk, reason="Compte clos", now=NOW)
    with refused("changed"):
        world.accepts(offer)


def test_words_or_a_creditor_that_changed_are_read_again(world):
    offer = world.offer()
    with refused("changed"):
        world.accepts(replace(offer, version="2020-1"))
    world.terms.creditor = "Syndicat"
    world.terms.save()
    with refused("changed"):
        world.accepts(offer)
    world.terms.ics = ""
    world.terms.save()
    with refused("closed"):
        world.offer()


def test_what_is_shown_comes_back_sealed_to_who_got_it(world):
    offer, actor, pk = world.offer(), world.durand.actor, world.the_authority.pk
    posted = offer_sealed(offer, actor, NOW)
    assert offer_read(posted, actor, pk, NOW) == offer
    assert IBAN not in posted
    assert IBAN not in str(signing.loads(posted, salt="marelle.billing.mandates.offers"))
    other = world.home("Martin", "Nora").actor
    for who, where, text, at in (
        (other, pk, posted, NOW),
        (actor, pk + 1, posted, NOW),
        (actor, pk, posted[:-3], NOW),
        (actor, pk, "", NOW),
        (actor, pk, "é" * 10_000, NOW),
        (actor, pk, posted, NOW + timedelta(hours=1)),
    ):
        with refused("changed"):
            offer_read(text, who, where, at)


def test_a_paper_is_seen_by_another_agent_who_types_the_account_again(world):
    row = world.notes()
    assert row.state == State.WAITING
    assert row.paper.family_id == world.durand.family.pk
    with refused("same"):
        mandate_check(actor=world.first, mandate_id=row.pk, iban=IBAN, now=NOW)
    for typed in ("", OTHER):
        with refused("differs"):
            mandate_check(actor=world.second, mandate_id=row.pk, iban=typed, now=NOW)
    assert mandate_check(actor=world.second, mandate_id=row.pk, iban=IBAN, now=NOW).state == State.ACTIVE
    with refused("checked"):
        mandate_check(actor=world.second, mandate_id=row.pk, iban=IBAN, now=NOW)


def test_nobody_sees_to_the_account_of_its_own_home(world):
    world.accepts()
    row = world.accepts(world.offer(OTHER))
    own = replace(world.second, person_id=world.durand.user.person.pk)
    for act in (
        lambda: mandate_check(actor=own, mandate_id=row.pk, now=NOW),
        lambda: mandate_end(actor=own, mandate_id=row.pk, reason="x", now=NOW),
    ):
        with pytest.raises(NotAllowed, match="own_file"):
            act()


def test_a_reference_is_once_in_an_authority(world):
    world.notes(world.paper(rum="ANCIEN-12"))
    with refused("rum"):
        world.notes(world.paper(rum="ANCIEN-12"))
    with refused("signed"):
        world.notes(world.paper(signed_on=date(2026, 11, 30)))
    with refused("changed"):
        world.notes(world.paper(standing=()))
    assert states() == [("2606", "waiting", "")]


def test_refused_or_ended_it_says_why_to_the_home(world):
    row = world.notes()
    mandate_refuse(actor=world.second, mandate_id=row.pk, reason="Signature absente", now=NOW)
    assert states() == [("2606", "ended", "refused")]
    assert "Signature absente" in Message.objects.latest("pk").text
    for act in (mandate_refuse, mandate_end):
        with refused("ended"):
            act(actor=world.second, mandate_id=row.pk, reason="x", now=NOW)
    live = world.accepts()
    mandate_stop(actor=world.durand.actor, mandate_id=live.pk, now=NOW)
    with refused("ended"):
        mandate_stop(actor=world.durand.actor, mandate_id=live.pk, now=NOW)


def test_strangers_reach_nothing(world):
    row = world.accepts()
    elsewhere = world.authority("Ailleurs")
    stranger = actor_for(world.staff("ailleurs", Role.OFFICE, authority=elsewhere))
    other: Home = world.home("Martin", "Nora")
    for act in (
        lambda: mandate_end(actor=stranger, mandate_id=row.pk, reason="x", now=NOW),
        lambda: mandate_check(actor=stranger, mandate_id=row.pk, now=NOW),
        lambda: mandate_refuse(actor=Actor(1, "x"), mandate_id=row.pk, reason="x", now=NOW),
        lambda: mandate_stop(actor=other.actor, mandate_id=row.pk, now=NOW),
        lambda: world.notes(actor=stranger),
    ):
        with pytest.raises(NotYours):
            act()
    assert states() == [("2606", "active", "")]


def test_with_its_home_what_no_bill_has_named_goes_and_the_rest_ends(world):
    named = world.accepts()
    invoice = Invoice.objects.create(
        authority=world.the_authority, family=world.durand.family, number="1", month=date(2026, 10, 1),
        issued_on=NOW.date(), due_on=NOW.date(), total=1,
    )  # fmt: skip
    AnnouncedDebit.objects.create(invoice=invoice, mandate=named)
    world.notes(world.paper(OTHER))
    mandates_erase(family_id=world.durand.family.pk, by="Line", now=NOW)
    assert (Mandate.objects.get().pk, states()) == (named.pk, [("2606", "ended", "home")])


def test_one_row_holds_at_once_in_the_database_too(world):

    mandate_row(world.the_authority, world.durand, state="active", started_at=NOW)
    with pytest.raises(IntegrityError):
        mandate_row(world.the_authority, world.durand, rum="MRL-9", state="active", started_at=NOW)
