"""Enrolments, cards of entries and subscriptions brought from another software."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity
from marelle.bookings.giving_cards import card_lines
from marelle.bookings.models import EntryCard
from marelle.core.tabular import FileUnreadable
from marelle.enrolments.models import Enrolment
from marelle.families.imports.kept import ImportNotReady
from marelle.families.models import ExternalReference
from marelle.flows.moving.labels import model_rows
from marelle.flows.moving.lines import columns_missing
from marelle.flows.moving.services import sums_now
from marelle.flows.moving.subjects import SUBJECTS, Kind
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.pricing.models import Product, Subscription
from tests.flows.moving.files import CARD, ENROLMENT, NOW, SUBSCRIPTION, TO_COME, ZOE, Mover

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine) -> Mover:
    time_machine.move_to(NOW)
    return Mover()


def codes(row) -> list[str]:
    return [code for _where, code, _data, _cells in row.problems]


def test_enrolments_are_accepted_in_their_group_once_and_nobody_is_mailed(world):
    small = world.group(world.wednesdays, "3–5 ans", (3, 5))
    world.group(world.wednesdays, "6–11 ans", (6, 11))
    definition_changed(Activity.objects.filter(pk=world.wednesdays.pk))
    head = [*ENROLMENT, "Groupe"]
    line = [*ZOE, "mercredis", "01/11/2026", "", "3-5 ans"]
    row = world.brought(Kind.ENROLMENTS, head, line)
    assert row.counts["new"] == 1
    stay = Enrolment.objects.get()
    assert (stay.state, stay.starts_on, stay.ends_on) == (
        "accepted",
        date(2026, 11, 1),
        world.wednesdays.last_day,
    )
    assert [choice.group for choice in stay.groups.all()] == [small]
    assert Entry.objects.get(verb="enrolment.moved_in").family_id == world.durand.family.pk
    assert not Message.objects.exists()
    assert world.brought(Kind.ENROLMENTS, head, line).counts["same"] == 1
    assert [(one.in_file, one.before, one.after) for one in sums_now(row)] == [(1, 0, 1)]
    other = [*ZOE, "Mercredis", "01/10/2026", "", "3-5 ans"]
    assert codes(world.brought(Kind.ENROLMENTS, head, other)) == ["enrolled_otherwise"]
    leo = world.child(world.durand, "Léo", born=date(2020, 1, 1))
    world.enrolment(leo, world.wednesdays, world.durand, state=Enrolment.State.REQUESTED)
    who = ["Durand", "Léo", "01/01/2020", "Mercredis"]
    lines = [
        [*who, "", "", ""],
        [*who, "", "", "Grands"],
        [*who, "01/01/2020", "", "3-5 ans"],
        [*who, "", "", "3-5 ans"],
    ]
    assert codes(world.brought(Kind.ENROLMENTS, head, *lines)) == [
        "group_missing", "unknown_group", "outside_activity", "asked_here",
    ]  # fmt: skip


def test_a_card_has_what_is_left_of_it_from_its_first_day_here(world):
    Activity.objects.filter(pk=world.wednesdays.pk).update(asks_card=True)
    definition_changed(Activity.objects.filter(pk=world.wednesdays.pk))
    line = [*ZOE, "Mercredis", "6", "01/12/2026", "31/03/2027"]
    assert codes(world.brought(Kind.CARDS, CARD, line)) == ["not_enrolled"]
    stay = world.enrolment(world.zoe, world.wednesdays, world.durand)
    # A day gone by has used another card, of the former software.
    world.booking(world.zoe, world.days[date(2026, 11, 18)])
    world.booking(world.zoe, world.days[TO_COME])
    row = world.brought(Kind.CARDS, CARD, line)
    assert row.counts["new"] == 1
    stay.refresh_from_db()
    assert [(one.left, one.to_come) for one in card_lines(stay, now=NOW)] == [(5, 1)]
    assert [(one.measure.value, one.in_file, one.after) for one in sums_now(row)] == [
        ("cards", 1, 1),
        ("entries", 6, 6),
    ]
    assert world.brought(Kind.CARDS, CARD, line).counts["same"] == 1
    other = [*ZOE, "Mercredis", "7", "01/12/2026", "31/03/2027"]
    empty = [*ZOE, "Mercredis", "0", "01/01/2027", "31/03/2027"]
    wrong = [*ZOE, "Mercredis", "dix", "01/12/2026", "30/11/2026"]
    row = world.brought(Kind.CARDS, CARD, other, empty, wrong)
    assert (codes(row), row.counts["nothing"]) == (["other_card", "not_in_order", "not_entries"], 1)
    assert EntryCard.objects.count() == 1


def test_a_subscription_keeps_its_true_first_day_and_is_of_the_home_or_of_a_child(world):
    product = Product.objects.create(authority=world.the_authority, name="Forfait cantine", period="month")
    ExternalReference.objects.create(family=world.durand.family, reference="A-412", noted_at=NOW)
    line = ["a412", "forfait cantine", "01/09/2026", ""]
    row = world.brought(Kind.SUBSCRIPTIONS, SUBSCRIPTION, ["A-412", "forfait cantine", "01/09/2026", ""])
    assert row.counts["new"] == 1
    held = Subscription.objects.get()
    assert (held.product, held.family, held.child, held.since, held.until) == (
        product, world.durand.family, None, date(2026, 9, 1), None,
    )  # fmt: skip
    assert codes(world.brought(Kind.SUBSCRIPTIONS, SUBSCRIPTION, line)) == ["unknown_number"]
    assert (
        world.brought(
            Kind.SUBSCRIPTIONS,
            SUBSCRIPTION,
            [str(world.durand.family.number), "Forfait cantine", "2026-09-01", ""],
        ).counts["same"]
        == 1
    )
    head = ["Nom", "Prénom", "Né le", "Produit", "À partir du"]
    assert codes(world.brought(Kind.SUBSCRIPTIONS, head, [*ZOE, "Forfait cantine", "01/10/2026"])) == [
        "taken_otherwise"
    ]
    lines = [[*ZOE, "Forfait", "01/10/2026"], ["", "", "", "Forfait cantine", "01/10/2026"]]
    assert codes(world.brought(Kind.SUBSCRIPTIONS, head, *lines)) == ["unknown_product", "required"]


@pytest.mark.parametrize("kind", list(Kind))
def test_each_model_is_a_file_that_is_read_and_titles_that_lack_are_named(world, kind):
    head, example = model_rows(kind)
    row = world.read(kind, head, example)
    assert set(row.columns) == {one.column.code for one in SUBJECTS[kind].told}
    with pytest.raises(ImportNotReady) as refused:
        world.read(kind, ["Dossier", "Rien"], ["1", "2"])
    assert refused.value.code == "missing_columns"
    with pytest.raises(FileUnreadable):
        world.read(kind, head)


def test_titles_are_found_under_a_sentence_whatever_their_order(world):
    row = world.read(
        Kind.CARDS, ["Export du 1er décembre"], CARD[::-1], ["", "", "6", "Mercredis", *ZOE[::-1]]
    )
    assert (row.heading, row.lines) == (1, 1)
    assert not columns_missing(Kind.CARDS, row.columns)
