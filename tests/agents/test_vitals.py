"""« Santé du portail »: what is to be seen to, in whole sentences, and each job's last round."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marelle.agents.settings.vitals.jobs import JOBS
from marelle.agents.settings.vitals.words import LABELS, TEXTS, sign_text
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.flows.upkeep.rounds import BACKUP, DRILL, OLD, Outcome, rounds_note
from marelle.flows.upkeep.worker import CODES
from marelle.flows.vitals import reading
from marelle.flows.vitals.rules import Disk, Kind, Sign
from marelle.mail.models import Message
from tests.scenario import Scenario

ADDRESS = "/agents/reglages/portail/"
AT = datetime(2026, 9, 8, 10, tzinfo=PARIS)


def test_each_kind_and_each_job_has_its_words() -> None:
    assert set(LABELS) == set(TEXTS) == set(Kind)
    assert set(JOBS) == set(reading.JOBS)


@pytest.mark.parametrize(
    ("sign", "said"),
    [
        (
            Sign(Kind.WORKER, since=AT),
            "ne tourne plus depuis le mardi 8 septembre à 10\u00a0h",
        ),
        (Sign(Kind.JOBS, names=("mails", "offers")), "Envoi des courriels et Places proposées"),
        (Sign(Kind.MAILS, count=1, since=AT), "1 courriel attend de partir depuis le mardi 8 septembre"),
        (
            Sign(Kind.MAILS, count=1200, since=AT),
            "1\u202f200 courriels attendent de partir, le premier",
        ),
        (Sign(Kind.BACKUP), "Aucune sauvegarde n’a encore réussi."),
        (Sign(Kind.BACKUP, since=AT), "Aucune sauvegarde n’a réussi depuis le mardi 8 septembre"),
        (Sign(Kind.DISK, names=("DATA_DIR", "BACKUP_TO")), "de place pour les données et les sauvegardes."),
        (Sign(Kind.CLOCK, count=120), "diffèrent de 120 secondes"),
        (Sign(Kind.REPEATED, names=("SECRET_KEY", "MAIL_URL")), "fois\u00a0: SECRET_KEY et MAIL_URL."),
        (Sign(Kind.SECOND, count=2), "2 agents n’ont pas de double authentification."),
    ],
)
def test_what_is_said_of_a_sign(sign: Sign, said: str) -> None:
    assert said in sign_text(sign)


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(Scenario().staff("admin", Role.ADMINISTRATOR))
    return client


def all_well(at: datetime) -> None:
    rounds_note([Outcome(job, at, timedelta(0)) for job in reading.JOBS])


def text(client: Client, address: str = ADDRESS) -> str:
    return client.get(address).content.decode()


def test_of_a_portal_that_is_well_the_page_says_so(admin: Client) -> None:
    all_well(timezone.now())
    page = text(admin)
    assert "Tout va bien" in page
    assert ">à voir<" not in page
    assert page.count(">bien<") == 9, "of what is looked at in the demo"


@pytest.mark.django_db
def test_what_is_to_be_seen_to_of_a_portal_of_families(client: Client, settings: Any) -> None:
    settings.MARELLE_DEMO, settings.HTTPS, settings.TRUSTED_PROXIES = False, True, 0
    settings.SECRET_KEY = settings.EMAIL_HOST_PASSWORD = "marelle" * 9
    client.force_login(Scenario().staff("admin", Role.ADMINISTRATOR))
    all_well(timezone.now())
    page = text(client)
    assert "Tout va bien" not in page
    for said in (
        "aucun serveur placé devant lui n’est déclaré",
        "Aucun serveur de courriels n’est donné",
        "SECRET_KEY et MAIL_URL",
        "1 agent n’a pas de double authentification",
    ):
        assert said in page
    assert 'href="/agents/reglages/double-authentification/"' in page
    assert "marelle" * 9 not in page


def test_backup_and_drill_are_told_late_after_two_days(admin: Client, settings: Any) -> None:
    """Never tried, a drill is not late; never made, a backup is told above."""
    rounds_note([Outcome(job, timezone.now(), timedelta(0)) for job in CODES])
    assert ">en retard<" not in text(admin)
    old = timezone.now() - OLD - timedelta(minutes=1)
    rounds_note([Outcome(BACKUP, old, timedelta(0))])
    rounds_note([Outcome(DRILL, old, timedelta(0), failure="drill_failed")])
    assert text(admin).count(">en retard<") == 2
    assert "Échec\u00a0: drill_failed" in text(admin)
    assert "sauvegarde n’a réussi" not in text(admin, "/agents/"), "the demo is not kept"
    settings.MARELLE_DEMO = False
    assert "Aucune sauvegarde n’a réussi depuis" in text(admin, "/agents/")


def test_a_disk_that_fills_is_told_on_the_start_page(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    all_well(timezone.now())
    assert "a besoin de vous" not in text(admin, "/agents/")
    monkeypatch.setattr(reading, "disks", lambda: [Disk("FILES_DIR", 1 << 40, 1 << 20)])
    page = text(admin, "/agents/")
    assert "Il ne reste presque plus de place pour les fichiers envoyés." in page
    assert f'href="{ADDRESS}"' in page


def test_both_pages_say_the_same_of_mails_that_nothing_sends(admin: Client, settings: Any) -> None:
    """In the demo they are read on a page; a portal of families lacks a server, which is what is told."""
    all_well(timezone.now())
    long_ago = timezone.now() - timedelta(days=9)
    times = {"created_at": long_ago, "not_before": long_ago, "next_attempt_at": long_ago}
    Message.objects.create(kind="accounts/invitation", to="roy@example.org", message_id="<1@here>", **times)
    assert "a besoin de vous" not in text(admin, "/agents/")
    assert "Tout va bien" in text(admin)
    settings.MARELLE_DEMO = False
    for address in ("/agents/", ADDRESS):
        assert "Aucun serveur de courriels n’est donné" in text(admin, address)
    settings.MAIL_IS_SENT = True
    for address in ("/agents/", ADDRESS):
        assert "1 courriel attend" in text(admin, address)
