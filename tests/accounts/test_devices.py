"""Devices: seen coarsely, closed for good, by their owner alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from marelle.accounts.models import Device, User
from marelle.accounts.notices import Notice, wants
from marelle.accounts.selectors import own_devices
from marelle.accounts.services import device_close, device_open, device_seen, devices_close, notices_choose
from marelle.accounts.services.connections import actor_of
from marelle.accounts.services.devices import SEEN_EVERY, devices_purge
from marelle.journal.models import Entry
from tests.accounts.people import HOME, NOW, someone

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def connected(user: User) -> Device:
    session = SessionStore()
    session.create()
    assert session.session_key is not None
    Session.objects.filter(pk=session.session_key).update(expire_date=NOW + timedelta(hours=12))
    return device_open(user=user, session_key=session.session_key, origin=HOME, now=NOW)


def test_closing_a_device_ends_its_session_and_no_other() -> None:
    user = someone()
    phone, desk = connected(user), connected(user)
    assert device_close(actor=actor_of(user), device_id=phone.pk, now=NOW)
    assert list(Session.objects.values_list("pk", flat=True)) == [desk.session_key]
    assert own_devices(actor_of(user), now=NOW) == (desk,)
    assert not device_close(actor=actor_of(user), device_id=phone.pk, now=NOW)
    assert Entry.objects.filter(verb="account.devices_closed").count() == 1


def test_nobody_closes_the_device_of_somebody_else() -> None:
    phone = connected(someone())
    stranger = actor_of(someone("sacha"))
    assert not device_close(actor=stranger, device_id=phone.pk, now=NOW)
    assert devices_close(actor=stranger, kept=None, now=NOW) == 0
    assert Session.objects.count() == 1
    assert own_devices(stranger, now=NOW) == ()


def test_the_others_close_and_this_one_stays() -> None:
    user = someone()
    this, *_others = [connected(user) for _number in range(3)]
    assert devices_close(actor=actor_of(user), kept=this.pk, now=NOW) == 2
    assert own_devices(actor_of(user), now=NOW) == (this,)


def test_a_device_is_seen_at_most_once_in_a_while(count_queries) -> None:
    device = connected(someone())
    device_seen(device_id=device.pk, now=NOW + MINUTE)
    with count_queries(0):
        device_seen(device_id=device.pk, now=NOW + 2 * SEEN_EVERY)
    device.refresh_from_db()
    assert device.last_seen == NOW


def test_another_process_sees_it_later() -> None:
    device = connected(someone())
    device_seen(device_id=device.pk, now=NOW + SEEN_EVERY)
    device.refresh_from_db()
    assert device.last_seen == NOW + SEEN_EVERY


def test_a_session_that_has_run_out_is_not_shown_and_its_device_goes() -> None:
    user = someone()
    connected(user)
    assert own_devices(actor_of(user), now=NOW + timedelta(hours=13)) == ()
    assert devices_purge() == 0
    Session.objects.all().delete()
    assert devices_purge() == 1


def test_choices_of_mails_are_kept_and_written_down_once() -> None:
    user = someone()
    notices_choose(actor=actor_of(user), wanted={Notice.DEADLINE}, now=NOW)
    notices_choose(actor=actor_of(user), wanted={Notice.DEADLINE}, now=NOW)
    user.refresh_from_db()
    assert [one for one in Notice if wants(user.notices, one)] == [Notice.DEADLINE]
    assert Entry.objects.filter(verb="account.notices_chosen").count() == 1
