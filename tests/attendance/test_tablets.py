"""Who may tick with a shared tablet: enrolled by a director, opened by a PIN, revoked."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest

from marelle.attendance.models import Pin, Tablet
from marelle.attendance.refusals import NameMissing, NameTaken, WrongPin
from marelle.attendance.selectors import holder_actor, holders, tablets
from marelle.attendance.tablets import (
    LOCKED_FOR,
    PinAnswer,
    pin_check,
    pin_forget,
    pin_set,
    tablet_enrol,
    tablet_of,
    tablet_revoke,
)
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.places.models import Post
from tests.attendance.door import EIGHT, MINUTE, Door, made_door
from tests.standing import built_once

pytestmark = pytest.mark.django_db


built = built_once(made_door)


@pytest.fixture
def door(built, db) -> Door:
    return deepcopy(built)


def check(door: Door, pin: str, minutes: int = 0) -> PinAnswer:
    now = EIGHT + minutes * MINUTE
    return pin_check(tablet=door.tablet, account_id=door.animator.pk, pin=pin, now=now).answer


def test_a_director_enrols_and_revokes_and_an_animator_does_not(door: Door) -> None:
    enrol = {"structure_id": door.structure_id, "now": EIGHT}
    tablet, secret = tablet_enrol(actor=door.director, name=" Cour  nord ", **enrol)
    assert tablet.name == "Cour nord"
    assert secret not in Tablet.objects.values_list("secret_digest", flat=True)
    assert tablet_of(secret) == tablet
    assert tablet_of(secret[:-1]) is None
    with pytest.raises(NameTaken):
        tablet_enrol(actor=door.director, name="Cour nord", **enrol)
    with pytest.raises(NameMissing):
        tablet_enrol(actor=door.director, name=" ", **enrol)
    other = door.made.staff("autre", Role.DIRECTOR, structure=door.made.structure("Ailleurs"))
    for actor in (actor_for(door.animator), door.durand.actor, actor_for(other)):
        with pytest.raises(NotYours):
            tablet_enrol(actor=actor, name="Autre", **enrol)
        with pytest.raises(NotYours):
            tablet_revoke(actor=actor, tablet_id=tablet.pk, now=EIGHT)
        assert tablets(actor) == ()
    for _time in range(2):
        tablet_revoke(actor=door.director, tablet_id=tablet.pk, now=EIGHT)
    assert tablets(door.director)[-1].revoked_at == EIGHT
    assert tablet_enrol(actor=door.director, name="Cour nord", **enrol)
    assert Entry.objects.filter(verb="tablet.revoked").count() == 1


def test_five_wrong_pins_lock_it_for_a_while(door: Door) -> None:
    assert check(door, "2580") is PinAnswer.NOT_SET
    pin_set(actor=actor_for(door.animator), pin="2580", now=EIGHT)
    assert "2580" not in Pin.objects.get().digest
    assert [check(door, "0000") for _time in range(5)] == [PinAnswer.WRONG] * 5
    assert check(door, "2580", 14) is PinAnswer.LOCKED
    assert timedelta(minutes=15) == LOCKED_FOR
    assert check(door, "2580", 15) is PinAnswer.RIGHT
    assert [check(door, "0000", 16) for _time in range(4)] == [PinAnswer.WRONG] * 4
    assert check(door, "2580", 16) is PinAnswer.RIGHT
    assert check(door, "0000", 17) is PinAnswer.WRONG
    assert Entry.objects.filter(verb="pin.locked").count() == 1


@pytest.mark.parametrize("pin", ["", "123", "1234", "0000", "12a4", "1234567", "٢٥٨٠"])
def test_a_pin_that_anybody_would_try_is_not_taken(door: Door, pin: str) -> None:
    with pytest.raises(WrongPin):
        pin_set(actor=actor_for(door.animator), pin=pin, now=EIGHT)
    with pytest.raises(NotYours):
        pin_set(actor=door.durand.actor, pin="2580", now=EIGHT)


def test_a_pin_opens_the_tablets_of_ones_own_structure_while_one_works_there(door: Door) -> None:
    pin_set(actor=actor_for(door.animator), pin="2580", now=EIGHT)
    assert [(one.account_id, one.has_pin) for one in holders(door.structure_id)] == [
        (door.animator.pk, True),
        (door.director.user_id, False),
    ]
    actor = holder_actor(door.tablet, door.animator.pk)
    assert actor
    assert (actor.structures(Role.ANIMATOR), actor.person_id) == ({door.structure_id}, None)
    Post.objects.filter(user=door.animator).update(suspended_at=EIGHT)
    assert check(door, "2580") is PinAnswer.NOT_HERE
    assert holder_actor(door.tablet, door.animator.pk) is None
    Post.objects.filter(user=door.animator).update(suspended_at=None)
    tablet_revoke(actor=door.director, tablet_id=door.tablet.pk, now=EIGHT)
    door.tablet.refresh_from_db()
    assert check(door, "2580") is PinAnswer.NOT_HERE


def test_who_gives_the_post_takes_the_pin_away(door: Door) -> None:
    pin_set(actor=actor_for(door.animator), pin="2580", now=EIGHT)
    with pytest.raises(NotYours):
        pin_forget(actor=actor_for(door.animator), account_id=door.animator.pk, now=EIGHT)
    pin_forget(actor=door.director, account_id=door.animator.pk, now=EIGHT)
    assert check(door, "2580") is PinAnswer.NOT_SET
