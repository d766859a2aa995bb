"""News and reminders are stopped from the mail itself: by the program of a mailbox, or on a page."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.accounts.notices import Notice, wants
from marelle.accounts.stopping import stop_address
from marelle.families.telling import tell_home
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.scenario import Home, Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


built = built_once(lambda: Scenario().home("Durand", "Camille"))


@pytest.fixture
def home(built, db) -> Home:
    return deepcopy(built)


@pytest.fixture
def mailbox() -> Client:
    """A program without cookies."""
    return Client(enforce_csrf_checks=True)


def path(home: Home, notice: Notice = Notice.NEWS) -> str:
    return urlsplit(stop_address(home.user.pk, notice)).path


def wanted(home: Home) -> set[Notice]:
    notices = User.objects.get(pk=home.user.pk).notices
    return {one for one in Notice if wants(notices, one)}


def test_a_mailbox_stops_one_kind_by_a_post_and_the_family_takes_it_back(home: Home, mailbox: Client) -> None:
    before = wanted(home)
    assert mailbox.post(path(home), ONE_CLICK).status_code == 200
    assert wanted(home) == before - {Notice.NEWS}
    assert Entry.objects.get(verb="account.notices_chosen").actor_user_id == home.user.pk
    assert mailbox.post(path(home), ONE_CLICK).status_code == 200
    assert Entry.objects.filter(verb="account.notices_chosen").count() == 1
    family = Client()
    family.force_login(home.user)
    choices = "/compte/courriels/"
    assert 'value="news" checked' not in family.get(choices).content.decode().replace(" id=", " ")
    family.post(choices, {"wanted": [one.value for one in before]})
    assert wanted(home) == before


def test_a_look_at_the_address_stops_nothing(home: Home, mailbox: Client) -> None:
    before = wanted(home)
    page = mailbox.get(path(home)).content.decode()
    assert "Une structure de mes enfants publie une nouvelle" in page
    assert "Ne plus les recevoir" in page
    assert wanted(home) == before
    done = mailbox.post(path(home), follow=True).content.decode()
    assert "C’est fait" in done
    assert "/compte/courriels/" in done


def test_the_address_of_one_account_or_kind_is_of_no_use_for_another(home: Home, mailbox: Client) -> None:
    other = User.objects.create_user("autre", None, display_name="Autre")
    right = path(home)
    for wrong in (
        right.replace(f"/{home.user.pk}-", f"/{other.pk}-"),
        right.replace("-news.", "-invoice."),
        right[:-3] + "/",
    ):
        assert mailbox.post(wrong, ONE_CLICK).status_code == 404
    home.user.is_active = False
    home.user.save()
    assert mailbox.post(right, ONE_CLICK).status_code == 404
    assert not Entry.objects.filter(verb="account.notices_chosen").exists()


@pytest.mark.parametrize("notice", [*Notice, None])
def test_only_news_and_reminders_are_stopped_so(home: Home, notice: Notice | None) -> None:
    home.user.notices = {one.value: True for one in Notice}
    home.user.save()
    tell_home(
        kind="billing/invoice_there",
        context={"month": "novembre 2026", "authority": "Arelle"},
        family_id=home.family.pk,
        notice=notice,
        now=NOW,
    )
    stops = notice in {Notice.NEWS, Notice.DEADLINE, Notice.PAPER}
    assert bool(Message.objects.get().stop_url) is stops


def test_who_has_no_account_has_no_choice_to_change(home: Home) -> None:
    home.adult.account = None
    home.adult.save()
    tell_home(
        kind="messaging/news",
        context={"structure": "Accueil", "title": "Fête", "text": "Samedi."},
        family_id=home.family.pk,
        notice=Notice.NEWS,
        now=NOW,
    )
    assert Message.objects.get().stop_url == ""
