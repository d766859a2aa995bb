"""Two files that are not made one: who may not, when not, and what stops rather than lose a row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import models

from marelle.accounts.models import Device
from marelle.core import personal
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.models import Family, Person
from marelle.flows.actor.actors import ACTING_FOR, actor_for
from marelle.flows.home.erasure import erasure_ask
from marelle.flows.home.merging import rows, settling
from marelle.flows.home.merging.preview import merge_preview
from marelle.flows.home.merging.refusals import AlreadyMerged
from marelle.flows.home.merging.services import Merged
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.messaging.models import Thread
from marelle.places.models import Post
from tests.flows.twice import NOW, Twice, refusal_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine: Any) -> Twice:
    time_machine.move_to(NOW, tick=False)
    return Twice()


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
    with pytest.raises(NotYours):
        world.merge(actor=actor_for(world.staff("autre", role)))


def test_the_office_of_another_authority_finds_none(world):
    other = world.staff("voisin", Role.OFFICE, authority=world.authority("Commune voisine"))
    with pytest.raises(NotYours):
        world.merge(actor=actor_for(other))


def test_a_family_that_is_not_there(world):
    with pytest.raises(NotYours):
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
        "marelle.flows.home.merging.services.move",
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
