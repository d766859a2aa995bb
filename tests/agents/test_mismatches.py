"""« Réponse à un écart de pointage »: what a family answered for a whole day, corrected in part or whole."""

from __future__ import annotations

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.attendance.mismatch_rules import Answer
from marelle.attendance.mismatches import mismatches_answer
from marelle.attendance.models import Mismatch
from marelle.bookings.models import Attendance
from marelle.cases.models import Case
from marelle.flows.door.mismatches import mismatches_tell
from tests.attendance.door import EIGHT, MINUTE, Door, call_close, made_door

pytestmark = pytest.mark.django_db

NOW = EIGHT + 60 * MINUTE


@pytest.fixture
def door(time_machine) -> Door:
    """Tom was seen neither in the morning nor at the meal: his home says that he was there."""
    time_machine.move_to(NOW, tick=False)
    door = made_door()
    door.made.booking(door.tom, door.midday)
    door.sends(door.raw("present", door.zoe), door.raw("absent", door.tom, opening=door.midday.pk))
    for opening in (door.morning, door.midday):
        call_close(actor=door.director, structure_id=door.structure_id, opening_id=opening.pk, now=EIGHT)
    mismatches_tell(now=EIGHT + 30 * MINUTE)
    ids = set(Mismatch.objects.values_list("pk", flat=True))
    mismatches_answer(actor=door.durand.actor, mismatch_ids=ids, answer=Answer.ERROR, now=NOW)
    return door


@pytest.fixture
def director(door: Door) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=door.director.user_id))
    return client


def test_what_is_not_all_wrong_is_corrected_in_part_with_a_word(door: Door, director: Client) -> None:
    morning, meal = Mismatch.objects.order_by("opening__starts_at")
    page = f"/agents/ecarts/{morning.pk}/"
    shown = director.get(page).content.decode()
    assert "mercredi 25 novembre · Matin, Repas" in shown
    assert "Repas · absence, le mercredi 25 novembre" in shown
    assert f'value="{meal.pk}" checked' not in shown
    assert director.get(f"/agents/ecarts/{meal.pk}/").status_code == 404
    silent = director.post(page, {"answer": "refuse", "m": [morning.pk], "reason": " "}).content.decode()
    assert "Dites pourquoi" in silent
    assert f'value="{morning.pk}" checked' in silent
    assert f'value="{meal.pk}">' in silent
    director.post(page, {"answer": "refuse", "m": [morning.pk], "reason": "Personne au repas."})
    assert dict(Attendance.objects.filter(child=door.tom).values_list("opening__slot__name", "present")) == {
        "Matin": True,
        "Repas": False,
    }
    done = director.get(page).content.decode()
    assert "Personne au repas." in done


def test_one_touch_corrects_the_whole_day(door: Door, director: Client) -> None:
    page = f"/agents/ecarts/{Case.objects.get(kind='mismatch').subject_id}/"
    director.post(page, {"answer": "accept"})
    assert Attendance.objects.filter(child=door.tom, present=True).count() == 2
