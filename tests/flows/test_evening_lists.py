"""The list of the next day: what leaves, when, to whom, and what is told when it does not arrive."""

from __future__ import annotations

import io
import os
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import Any

import pikepdf
import pytest
from cryptography.fernet import Fernet
from django.core import mail
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.models import Opening
from marelle.bookings.models import Booking
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS, local
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.sealed import CannotOpen, Sealed
from marelle.families.models import Guardianship
from marelle.flows.actor.actors import actor_for
from marelle.flows.door import evening_folder, evening_sending
from marelle.flows.door.evening import (
    EveningRefused,
    Why,
    evening_set,
    password_made,
    password_read,
    password_renew,
)
from marelle.flows.door.evening_sending import (
    KEPT,
    days_offered,
    evenings_forget,
    evenings_sent,
    last_seen,
    list_send,
    lists_late,
)
from marelle.flows.models import Evening, EveningList
from marelle.flows.vitals.reading import vitals
from marelle.flows.vitals.rules import Kind
from marelle.journal.models import Entry
from marelle.mail.models import Message, MessageState
from marelle.mail.services import send_due
from marelle.places.models import Post
from tests.agents.listed import DAY, EVENING, NOW, TO, TODAY, Eve
from tests.billing.pdf_text import text_of
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NAMED = ("Zoé", "Noé", "Durand", "arachide", "Perrin", "Roche", "Mercredis")


built = built_once(Eve, now=NOW)


@pytest.fixture
def world(built: Eve, db: None, time_machine: Any) -> Eve:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.EVENING_TO = str(tmp_path / "listes")
    return tmp_path / "listes"


def printed(world: Eve) -> str:
    return text_of(bytes(Message.objects.get().attached), world.password)


# What leaves.


def test_it_says_all_that_an_animator_needs_when_nothing_else_answers(world: Eve) -> None:
    assert evenings_sent(now=EVENING) == 1
    told = printed(world)
    for said in (
        "Mercredi 2 décembre 2026 · Mercredis · Matin",
        "Mercredis · Repas, 12 h – 13 h 30",
        "Fiches des enfants",
        "3 enfants attendus, 1 absence déclarée",
        "Durand Zoé",
        "6–12 ans",
        "Allergie grave : arachide <crue>",
        "PAI",
        "sans porc",
        "Part seul dès 17 h",
        "INTERDIT : Max Perrin",
        "Camille Durand",
        "1. Camille Durand",
        "Line Roche",
        "06 39 98 10 02",
        "Traitement : Ventoline",
        "Dr Sow",
        "Pour ce jour :",
        "Remis à, signature",
        "Absence déclarée",
        "1 enfant attend une réponse",
        "Tel que connu le mardi 1er décembre 2026 à 18 h",
    ):
        assert said in told, said
    assert "Ana" not in told


def test_the_child_of_one_of_the_team_has_the_people_of_that_home_alone(world: Eve) -> None:
    other = world.home("Perrin", "Max")
    Guardianship.objects.create(
        child=world.zoe, adult=other.adults[0], link="father", has_authority=True, may_fetch=True, since=TODAY
    )
    post = {"role": Role.ANIMATOR.value, "structure_id": world.site}
    Post.objects.create(user=world.durand.user, **post)
    evenings_sent(now=EVENING)
    told = printed(world)
    assert "Enfant d’un membre de l’équipe" in told
    assert "INTERDIT" not in told
    assert "Line Roche" in told  # whom her own home named


def test_nobody_opens_it_without_the_password_and_nothing_around_it_names_anybody(world: Eve) -> None:
    evenings_sent(now=EVENING)
    message = Message.objects.get()
    made = bytes(message.attached)
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(made), password=world.password.lower())
    with pikepdf.open(io.BytesIO(made), password=world.password) as document:
        assert (document.encryption.R, document.encryption.bits) == (6, 256)
        assert document.encryption.stream_method == pikepdf.models.encryption.EncryptionMethod.aesv3
    around = f"{message.subject} {message.text} {message.html} {message.attached_name}"
    assert not [one for one in (*NAMED, world.password) if one in around]
    assert not [one for one in (*NAMED, "Fiches") if one.encode() in made]
    assert message.family_id is None


def test_the_mail_carries_it_and_then_keeps_none(world: Eve) -> None:
    evenings_sent(now=EVENING)
    assert send_due(now=EVENING).sent == 1
    (sent,) = mail.outbox
    assert sent.to == [TO]
    ((name, content, kind),) = [one for one in sent.attachments if isinstance(one, tuple)]
    assert name == evening_folder.name_of(world.wednesdays.structure, DAY)
    assert kind == "application/pdf"
    assert "Fiches" in text_of(content, world.password)
    assert sent.message().get_content_type() == "multipart/mixed"
    assert bytes(Message.objects.get().attached) == b""


def test_a_day_on_which_nobody_comes_is_told_as_such(world: Eve) -> None:
    Booking.objects.update(state="cancelled", end_cause="family", ended_at=NOW)
    evenings_sent(now=EVENING)
    assert "Personne n’est attendu" in printed(world)
    assert EveningList.objects.get().children == 0


# When.


def test_once_at_its_hour_and_never_again_for_that_day(world: Eve) -> None:
    assert evenings_sent(now=EVENING - timedelta(seconds=1)) == 0
    assert evenings_sent(now=EVENING) == 1
    assert evenings_sent(now=EVENING) == evenings_sent(now=EVENING + timedelta(hours=5)) == 0
    assert Message.objects.count() == EveningList.objects.count() == 1
    assert EveningList.objects.get().day == DAY
    assert [entry.data["children"] for entry in Entry.objects.filter(verb="evening.sent")] == [3]


def test_nothing_leaves_before_a_day_on_which_nothing_is_open(world: Eve) -> None:
    Opening.objects.filter(day=DAY).update(state="closed", reason="Neige")
    assert evenings_sent(now=EVENING) == 0
    assert evenings_sent(now=EVENING + timedelta(days=1)) == 0
    assert not Message.objects.exists()


def test_a_worker_that_was_away_sends_it_in_the_morning_as_long_as_the_day_lasts(world: Eve) -> None:
    morning = datetime.combine(DAY, time(7), tzinfo=PARIS)
    assert evenings_sent(now=datetime.combine(DAY, time(13, 30), tzinfo=PARIS)) == 0
    assert evenings_sent(now=morning) == 1
    assert EveningList.objects.get().day == DAY


def test_one_set_in_the_morning_waits_for_the_evening(world: Eve) -> None:
    morning = datetime.combine(DAY, time(7), tzinfo=PARIS)
    world.sends(morning, to="loisirs@arelle.example")
    assert evenings_sent(now=morning + timedelta(minutes=5)) == 0


def test_one_that_goes_nowhere_is_not_made(world: Eve) -> None:
    world.sends(NOW, to="")
    assert evenings_sent(now=EVENING) == 0


@given(st.integers(0, 24 * 60 - 1), st.integers(0, 3 * 24 * 60))
def test_the_day_that_is_due_is_that_of_the_last_hour_that_has_struck(at: int, later: int) -> None:
    """Whatever the hour chosen: between two of its strokes, one day, the one after the stroke."""
    hour, now = time(*divmod(at, 60)), datetime(2026, 11, 30, tzinfo=PARIS) + timedelta(minutes=later)
    day = evening_sending.day_due(hour, now)
    stroke = datetime.combine(day - timedelta(days=1), hour, tzinfo=PARIS)
    assert stroke <= local(now) < stroke + timedelta(days=1)


# What goes wrong.


def test_a_mail_that_is_refused_is_told_and_tried_again_each_hour(world: Eve, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.mail.failing.NoSuchPerson"
    evenings_sent(now=EVENING)
    send_due(now=EVENING)
    assert Message.objects.get().state == MessageState.FAILED
    assert lists_late(now=EVENING) == 1
    told = {sign.kind: sign.count for sign in vitals(now=EVENING).signs}
    assert told[Kind.LISTS] == 1
    assert evenings_sent(now=EVENING + timedelta(minutes=59)) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    later = EVENING + timedelta(minutes=66)
    assert evenings_sent(now=later) == 1
    assert send_due(now=later).sent == 1
    assert lists_late(now=later) == 0
    assert len(mail.outbox) == 1


def test_one_that_waits_is_told_after_an_hour_and_no_more_once_its_day_is_over(world: Eve) -> None:
    evenings_sent(now=EVENING)
    assert lists_late(now=EVENING + timedelta(minutes=60)) == 0
    assert lists_late(now=EVENING + timedelta(minutes=61)) == 1
    assert lists_late(now=EVENING + timedelta(days=2)) == 0


def test_a_password_that_no_key_opens_keeps_none_of_the_others_from_leaving(
    world: Eve, settings: Any, caplog: Any
) -> None:
    other = world.structure("Autre accueil")
    activity = world.activity("Autres", structure=other)
    world.slot(activity, "Matin", weekdays=range(7))
    world.openings(activity, DAY)
    evening_set(actor=world.office, structure_id=other.pk, hour=time(18), to=TO, in_folder=False, now=NOW)
    Evening.objects.filter(structure_id=world.site).update(password=_another_key())
    with pytest.raises(CannotOpen):
        evenings_sent(now=EVENING)
    assert [row.structure_id for row in EveningList.objects.all()] == [other.pk]
    with pytest.raises(CannotOpen):
        password_read(actor=world.director, structure_id=world.site, now=NOW)
    password_renew(actor=world.director, structure_id=world.site, why=Why.LOST, now=NOW)
    assert evenings_sent(now=EVENING) == 1


def _another_key() -> Any:
    return Sealed(Fernet(Fernet.generate_key()).encrypt(b"x").decode())


# The folder of the machine.


def test_the_folder_has_it_whole_under_one_name(world: Eve, folder: Path) -> None:
    world.sends(NOW, in_folder=True)
    assert evenings_sent(now=EVENING) == 1
    (path,) = folder.iterdir()
    assert path.name.startswith(f"liste-{DAY}-")
    assert path.stat().st_mode & 0o007 == 0
    assert "Fiches" in text_of(path.read_bytes(), world.password)
    assert Message.objects.count() == 1


def test_the_folder_alone_needs_no_mail(world: Eve, folder: Path) -> None:
    world.sends(NOW, to="", in_folder=True)
    assert evenings_sent(now=EVENING) == 1
    assert not Message.objects.exists()
    assert len(list(folder.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_told_and_tried_again(world: Eve, folder: Path) -> None:
    folder.write_text("a file in its place")
    world.sends(NOW, in_folder=True)
    assert evenings_sent(now=EVENING) == 1
    assert Message.objects.count() == 1
    assert lists_late(now=EVENING) == 1
    assert evenings_sent(now=EVENING + timedelta(minutes=9)) == 0
    folder.unlink()
    assert evenings_sent(now=EVENING + timedelta(minutes=11)) == 1
    assert lists_late(now=EVENING + timedelta(minutes=11)) == 0
    assert Message.objects.count() == 1


def test_a_folder_that_hangs_keeps_no_other_work_waiting(world: Eve, folder: Path, monkeypatch: Any) -> None:
    """As the share of a machine that is gone: a call to it never comes back, until the machine does."""
    world.sends(NOW, in_folder=True)
    answers, synced = Event(), os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: answers.wait(30) and synced(handle))
    monkeypatch.setattr(evening_folder, "PATIENCE", 0.2)
    began = monotonic()
    assert evenings_sent(now=EVENING) == 1
    assert Message.objects.count() == 1
    assert lists_late(now=EVENING) == 1
    assert evenings_sent(now=EVENING + timedelta(minutes=11)) == 0
    assert evenings_forget(now=EVENING) == 0
    assert monotonic() - began < 10
    assert not list(folder.glob("*.pdf"))
    answers.set()
    later = EVENING + timedelta(minutes=22)
    for _try in range(100):
        if list(folder.glob("*.pdf")):
            break
        sleep(0.05)
    assert evenings_sent(now=later) == 1
    assert lists_late(now=later) == 0
    assert len(list(folder.iterdir())) == 1


def test_a_folder_that_a_list_goes_to_no_more_is_not_waited_for(world: Eve, folder: Path) -> None:
    folder.write_text("a file in its place")
    world.sends(NOW, in_folder=True)
    evenings_sent(now=EVENING)
    world.sends(EVENING, in_folder=False)
    later = EVENING + timedelta(minutes=11)
    assert (lists_late(now=EVENING), evenings_sent(now=later), lists_late(now=later)) == (1, 0, 0)


def test_a_machine_that_stops_between_the_folder_and_the_row_sends_one(
    world: Eve, folder: Path, monkeypatch: Any
) -> None:
    world.sends(NOW, in_folder=True)

    def stops(*_args: Any, **_kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(evening_sending, "record", stops)
        with pytest.raises(KeyboardInterrupt):
            evenings_sent(now=EVENING)
    assert not EveningList.objects.exists()
    assert not Message.objects.exists()
    assert evenings_sent(now=EVENING) == 1
    assert len(list(folder.iterdir())) == Message.objects.count() == 1


def test_the_folder_keeps_a_week_and_touches_nothing_else(world: Eve, folder: Path) -> None:
    folder.mkdir()
    mine = evening_folder.name_of(world.wednesdays.structure, date(2026, 11, 23))
    for name in (
        mine,
        f"{mine}.{'0' * 32}.part",
        "liste-de-courses.pdf",
        "liste-2026-99-99-x-1.pdf",
        "b.pdf",
    ):
        (folder / name).write_text("")
    kept = evening_folder.name_of(world.wednesdays.structure, date(2026, 11, 24))
    (folder / kept).write_text("")
    assert evenings_forget(now=EVENING) == 2
    assert {path.name for path in folder.iterdir()} == {
        kept,
        "liste-de-courses.pdf",
        "liste-2026-99-99-x-1.pdf",
        "b.pdf",
    }


def test_what_never_left_is_forgotten_with_its_list(world: Eve) -> None:
    evenings_sent(now=EVENING)
    assert evenings_forget(now=EVENING + KEPT) == 0
    assert evenings_forget(now=EVENING + KEPT + timedelta(days=2)) == 1
    assert bytes(Message.objects.get().attached) == b""
    assert not EveningList.objects.exists()


# Who says so, and again by hand.


def asks(world: Eve, day: date = DAY, *, actor: Actor | None = None, now: datetime = EVENING) -> EveningList:
    last = EveningList.objects.order_by("-made_at").first()
    return list_send(
        actor=actor or world.director, structure_id=world.site, day=day, seen=last_seen(last), now=now
    )


def test_sent_again_it_takes_the_place_of_a_mail_that_had_not_left(world: Eve) -> None:
    evenings_sent(now=EVENING)
    asks(world, now=EVENING + timedelta(minutes=1))
    states = sorted(Message.objects.values_list("state", flat=True))
    assert states == [MessageState.QUEUED, MessageState.REVOKED]
    row = EveningList.objects.get()
    assert row.made_by == world.director.label
    assert evenings_sent(now=EVENING + timedelta(minutes=2)) == 0


def test_a_button_pressed_twice_sends_once(world: Eve) -> None:
    seen = ""
    list_send(actor=world.director, structure_id=world.site, day=DAY, seen=seen, now=EVENING)
    with pytest.raises(ChangedMeanwhile):
        list_send(actor=world.director, structure_id=world.site, day=DAY, seen=seen, now=EVENING)
    assert Message.objects.count() == 1


def test_the_days_that_may_be_asked_for(world: Eve) -> None:
    assert days_offered(world.site, now=EVENING) == [DAY]
    morning = datetime.combine(DAY, time(7), tzinfo=PARIS)
    assert days_offered(world.site, now=morning) == [DAY]
    assert days_offered(world.site, now=morning + timedelta(hours=7)) == []
    friday = NOW - timedelta(days=4)
    assert days_offered(world.site, now=friday) == [DAY]
    with pytest.raises(EveningRefused, match="closed"):
        asks(world, TODAY)
    world.sends(NOW, to="")
    with pytest.raises(EveningRefused, match="nowhere"):
        asks(world)


def test_who_sets_who_reads_and_who_does_neither(world: Eve) -> None:
    animator = actor_for(world.staff("anim", Role.ANIMATOR))
    administrator = actor_for(world.staff("admin", Role.ADMINISTRATOR))
    chosen = {"structure_id": world.site, "hour": time(17), "to": TO, "in_folder": False, "now": NOW}
    for actor in (world.director, animator):
        with pytest.raises(NotYours):
            evening_set(actor=actor, **chosen)
    assert evening_set(actor=administrator, **chosen) == ("hour",)
    for actor in (world.office, animator, administrator):
        with pytest.raises(NotYours):
            password_read(actor=actor, structure_id=world.site, now=NOW)
        with pytest.raises(NotYours):
            password_renew(actor=actor, structure_id=world.site, why=Why.LOST, now=NOW)
    with pytest.raises(NotYours):
        asks(world, actor=animator)
    assert password_read(actor=world.director, structure_id=world.site, now=NOW).password == world.password
    assert Entry.objects.filter(verb="evening.password_read").count() == 1


def test_another_password_opens_what_leaves_from_then_on(world: Eve) -> None:
    before = world.password
    evenings_sent(now=EVENING)
    seen = Evening.objects.get().password_at.isoformat()
    for _twice in range(2):
        password_renew(actor=world.director, structure_id=world.site, why=Why.OPENED, seen=seen, now=NOW)
    assert world.password != before
    assert Entry.objects.get(verb="evening.password_renewed").data == {"why": "opened"}
    asks(world)
    made = bytes(Message.objects.latest("pk").attached)
    with pytest.raises(pikepdf.PasswordError):
        text_of(made, before)
    assert "Fiches" in text_of(made, world.password)


def test_a_password_that_changes_while_the_list_is_made_is_the_one_that_opens_it(world: Eve) -> None:
    renewed = iter([True])

    def meanwhile(execute: Any, sql: str, *rest: Any) -> Any:
        if "bookings_booking" in sql and next(renewed, False):
            password_renew(actor=world.director, structure_id=world.site, why=Why.LOST, now=NOW)
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile):
        assert evenings_sent(now=EVENING) == 0
    assert evenings_sent(now=EVENING) == 1
    assert "Fiches" in printed(world)


def test_a_password_is_typed_from_paper() -> None:
    made = {password_made() for _one in range(50)}
    assert len(made) == 50
    assert all(len(one) == 19 and not set("O0I1") & set(one) for one in made)


def test_a_folder_that_the_machine_has_not_cannot_be_chosen(world: Eve) -> None:
    with pytest.raises(EveningRefused, match="no_folder"):
        world.sends(NOW, in_folder=True)
