"""« Pointage du jour »: what a parent reads, and its answer in one touch."""

from __future__ import annotations

import pytest
from django.test import Client

from marelle.attendance.mismatches import mismatch_settle
from marelle.attendance.models import Mismatch
from marelle.attendance.services import call_close
from marelle.cases.models import Case
from marelle.families.models import Guardianship
from marelle.flows.mismatches import mismatches_tell
from tests.attendance.door import EIGHT, MINUTE, Door, made_door

pytestmark = pytest.mark.django_db

PAGE = "/reservations/pointage/"


@pytest.fixture
def door(time_machine) -> Door:
    """Tom and Zoé were not seen, Léa came without booking; their home was told at half past eight."""
    time_machine.move_to(EIGHT + 60 * MINUTE, tick=False)
    door = made_door()
    door.sends(door.raw("present", door.lea))
    call_close(actor=door.director, structure_id=door.structure_id, opening_id=door.morning.pk, now=EIGHT)
    mismatches_tell(now=EIGHT + 30 * MINUTE)
    return door


@pytest.fixture
def parent(door: Door) -> Client:
    client = Client()
    client.force_login(door.durand.user)
    return client


def test_a_parent_reads_and_answers_in_one_touch(door: Door, parent: Client) -> None:
    row = Mismatch.objects.get(child=door.tom)
    assert PAGE in parent.get("/tableau-de-bord/").content.decode()
    page = parent.get(PAGE).content.decode()
    assert "L’équipe attendait Tom, et ne l’a pas pointé." in page
    assert "L’équipe a noté la venue de Léa, sans réservation." in page
    assert f"/reservations/absence/{row.booking_id}/" in page
    done = parent.post(f"{PAGE}{row.pk}/", {"answer": "forgotten"}, follow=True).content.decode()
    assert "la structure vous lit" in done
    assert Case.objects.get(kind="mismatch").subject_id == row.pk
    again = parent.post(f"{PAGE}{row.pk}/", {"answer": "error"}, follow=True).content.decode()
    assert "plus rien à répondre" in again
    mismatch_settle(
        actor=door.director,
        mismatch_id=row.pk,
        correct=False,
        words="Pensez à nous appeler.",
        now=EIGHT + 70 * MINUTE,
    )
    assert "Pensez à nous appeler." in parent.get(PAGE).content.decode()


def test_an_answer_that_is_none_of_these_is_not_kept(door: Door, parent: Client) -> None:
    row = Mismatch.objects.get(child=door.lea)
    for answer in ("", "forgotten", "absent", "x" * 40):
        parent.post(f"{PAGE}{row.pk}/", {"answer": answer})
    assert not Case.objects.filter(kind="mismatch").exists()


def test_who_may_not_see_the_child_reads_nothing_of_it(door: Door, parent: Client) -> None:
    Guardianship.objects.filter(child=door.tom).update(may_see=False, may_book=False)
    assert "Tom" not in parent.get(PAGE).content.decode()
    row = Mismatch.objects.get(child=door.tom)
    assert parent.post(f"{PAGE}{row.pk}/", {"answer": "error"}).status_code == 404
