"""« Présence du jour »: what a parent reads, and its answer in one touch."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marelle.attendance.mismatches import mismatch_settle
from marelle.attendance.models import Mismatch
from marelle.bookings.models import Absence
from marelle.cases.models import Case
from marelle.families.models import Guardianship
from marelle.flows.door.mismatches import mismatches_tell
from tests.attendance.door import EIGHT, MINUTE, Door, call_close, made_door
from tests.scenario import picture

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
    assert "L’équipe attendait Tom, et aucune présence n’était notée." in page
    assert "L’équipe a noté la venue de Léa, sans réservation." in page
    absent = parent.post(f"{PAGE}{row.pk}/", {"answer": "absent"})
    assert absent.url == f"/reservations/absence/{row.booking_id}/"
    done = parent.post(f"{PAGE}{row.pk}/", {"answer": "forgotten"}, follow=True).content.decode()
    assert "la structure vous lit" in done
    assert Case.objects.get(kind="mismatch").subject_id == row.pk
    again = parent.post(f"{PAGE}{row.pk}/", {"answer": "error"}, follow=True).content.decode()
    assert "plus rien à répondre" in again
    mismatch_settle(
        actor=door.director,
        mismatch_id=row.pk,
        words="Pensez à nous appeler.",
        now=EIGHT + 70 * MINUTE,
    )
    assert "Pensez à nous appeler." in parent.get(PAGE).content.decode()


def test_a_whole_day_is_one_card_answered_for_some_slots_or_for_all(door: Door, parent: Client) -> None:
    midday = door.made.booking(door.tom, door.midday)
    door.made.rule(door.morning.activity, absence_proof_hours=48)
    call_close(
        actor=door.director,
        structure_id=door.structure_id,
        opening_id=door.midday.pk,
        now=EIGHT + 40 * MINUTE,
    )
    mismatches_tell(now=EIGHT + 50 * MINUTE)
    rows = Mismatch.objects.filter(child=door.tom).order_by("opening__starts_at")
    morning, meal = rows
    page = parent.get(PAGE).content.decode()
    assert page.count("L’équipe attendait Tom") == 1
    assert all(f'value="{row.pk}" checked' in page for row in rows)
    card = f"{PAGE}{morning.pk}/"
    nothing = parent.post(card, {"some": "1", "answer": "error"}, follow=True).content.decode()
    assert "Cochez au moins un créneau." in nothing
    assert f'value="{morning.pk}">' in nothing
    assert not rows.exclude(answer="").exists()
    away = parent.post(card, {"some": "1", "answer": "absent", "m": [morning.pk, meal.pk]}).url
    bad = SimpleUploadedFile("certificat.pdf", b"<html><script>")
    sent = {"reason": "illness", "proof": bad, "b": [midday.pk]}
    told = parent.post(away, sent).content.decode()
    assert "ni un PDF ni une photo" in told
    assert '<option value="illness" selected>' in told
    assert f'value="{midday.pk}" checked' in told
    assert f'value="{morning.booking_id}">' in told
    some = parent.get(away.replace(f"&b={midday.pk}", "")).content.decode()
    assert f'value="{midday.pk}">' in some
    assert f'value="{morning.booking_id}" checked' in some
    parent.post(card, {"some": "1", "answer": "error", "m": [meal.pk]})
    assert list(rows.values_list("answer", flat=True)) == ["", "error"]
    shown = some.split('name="vu" value="')[1].split('"')[0]
    parent.post(away, {"b": [morning.booking_id], "vu": shown, "proof": picture()})
    assert Absence.objects.get().proof is not None
    page = parent.get(PAGE).content.decode()
    assert "L’absence est déclarée." in page
    assert "la structure vous lit" in page


def test_an_answer_that_is_none_of_these_is_not_kept(door: Door, parent: Client) -> None:
    row = Mismatch.objects.get(child=door.lea)
    for answer in ("", "forgotten", "absent", "x" * 40):
        parent.post(f"{PAGE}{row.pk}/", {"answer": answer, "m": ["x", "9" * 30]})
    assert not Case.objects.filter(kind="mismatch").exists()


def test_who_may_not_see_the_child_reads_nothing_of_it(door: Door, parent: Client) -> None:
    Guardianship.objects.filter(child=door.tom).update(may_see=False, may_book=False)
    assert "Tom" not in parent.get(PAGE).content.decode()
    row = Mismatch.objects.get(child=door.tom)
    for answer in ("error", "absent"):
        assert parent.post(f"{PAGE}{row.pk}/", {"answer": answer}).status_code == 404
        mine = Mismatch.objects.get(child=door.lea)
        sent = {"answer": answer, "m": [mine.pk, row.pk]}
        assert parent.post(f"{PAGE}{mine.pk}/", sent).status_code == 404
    assert not Mismatch.objects.exclude(answer="").exists()
