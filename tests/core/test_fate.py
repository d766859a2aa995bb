"""What became of a form that an error ended: nothing of it, or one cannot know."""

from __future__ import annotations

import errno
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from marelle import urls
from marelle.accounts.models import Attempt, AttemptKind
from marelle.core.fate import Fate, Written, is_full
from marelle.core.sessions import SessionStore
from tests.scenario import Scenario

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.core.test_fate")]

NOW = datetime(2026, 9, 2, 9, tzinfo=UTC)
NOTHING = "Rien de ce que vous venez d’envoyer n’a été enregistré"
UNKNOWN = "Nous ne savons pas si ce que vous venez d’envoyer a été enregistré"


def write() -> None:
    Attempt.objects.create(kind=AttemptKind.LOGIN, at=NOW, name_hash="x" * 64, address="192.0.2.1")


def wrong() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select * from nowhere")


def before_it_writes() -> None:
    raise RuntimeError


def rolled_back() -> None:
    with transaction.atomic():
        write()
        raise RuntimeError


def a_statement_that_fails() -> None:
    with transaction.atomic():
        write()
        wrong()


def once_written() -> None:
    with transaction.atomic():
        write()
    raise RuntimeError


def once_written_without_a_transaction() -> None:
    write()
    raise RuntimeError


def once_written_beside_a_part_taken_back() -> None:
    with transaction.atomic():
        with suppress(RuntimeError), transaction.atomic():
            write()
            raise RuntimeError
        write()
    raise RuntimeError


def lost_at_the_commit() -> None:
    raise OperationalError("the answer never came")


def no_room() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


DOINGS = {
    doing.__name__: doing
    for doing in (
        before_it_writes,
        rolled_back,
        a_statement_that_fails,
        once_written,
        once_written_without_a_transaction,
        once_written_beside_a_part_taken_back,
        lost_at_the_commit,
        no_room,
    )
}


@login_not_required
def breaks(_request: HttpRequest, doing: str) -> HttpResponse:
    DOINGS[doing]()
    return HttpResponse()


def closed_elsewhere(request: HttpRequest) -> HttpResponse:
    """The session goes while its page is being made, as when its owner logs out in another tab."""
    write()
    request.session["seen"] = 1
    Session.objects.all().delete()
    return HttpResponse("Réservé.")


urlpatterns = [*urls.urlpatterns, path("casse/<doing>/", breaks), path("fermee/", closed_elsewhere)]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("doing", "status", "fate"),
    [
        (before_it_writes, 500, NOTHING),
        (rolled_back, 500, NOTHING),
        (a_statement_that_fails, None, NOTHING),
        (once_written, 500, UNKNOWN),
        (once_written_without_a_transaction, 500, UNKNOWN),
        (once_written_beside_a_part_taken_back, 500, UNKNOWN),
        (lost_at_the_commit, 503, UNKNOWN),
        (no_room, 503, NOTHING),
    ],
)
def test_who_sent_a_form_reads_what_became_of_it(client: Client, doing: Any, status: int, fate: str) -> None:
    answer = client.post(f"/casse/{doing.__name__}/", headers={"referer": "http://testserver/famille/?x=1"})
    page = answer.content.decode()
    assert status in {None, answer.status_code}
    assert fate in page
    assert (NOTHING if fate is UNKNOWN else UNKNOWN) not in page
    assert ("n’a plus de place" in page) is (doing is no_room)
    assert ('href="/famille/?x=1"' in page) is (fate is UNKNOWN), "the way to look is that of the form"
    assert Attempt.objects.exists() is (fate is UNKNOWN and doing is not lost_at_the_commit)


def test_who_only_asked_for_a_page_reads_nothing_of_saving(client: Client) -> None:
    page = client.get("/casse/lost_at_the_commit/").content.decode()
    assert "n’a pas pu être affichée" in page
    assert "enregistré" not in page


@pytest.mark.parametrize("sends", [False, True])
def test_a_session_closed_elsewhere_meanwhile_is_no_misunderstanding(client: Client, sends: bool) -> None:
    client.force_login(Scenario().home("Durand").user)
    answer = client.post("/fermee/") if sends else client.get("/fermee/")
    if not sends:
        assert (answer.status_code, answer["Location"]) == (302, "/fermee/")
        assert client.get("/fermee/")["Location"].startswith("/connexion/")
        return
    page = answer.content.decode()
    assert answer.status_code == 409
    assert UNKNOWN in page
    assert "Votre connexion a été fermée pendant l’envoi" in page


def test_a_session_that_cannot_be_written_says_why() -> None:
    """Django says that it is gone, whatever happened."""
    session = SessionStore()
    session.create()

    def away(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE"):
            raise OperationalError("away")
        return execute(sql, *rest)

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        session.save()


def test_a_full_disk_answers_even_at_the_commit() -> None:
    lost = OperationalError("could not write")
    assert Written().fate(lost) is Fate.UNKNOWN
    lost.__cause__ = OSError(errno.EDQUOT, "Disk quota exceeded")
    assert is_full(lost)
    assert Written().fate(lost) is Fate.NOTHING
