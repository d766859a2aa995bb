"""Errors that leave the machine: what of them may, and how often."""

from __future__ import annotations

import gzip
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import brotli
import pytest
from django.core import mail

from marelle.core import errors
from marelle.core.environment import Environment, WrongSetting
from marelle.core.errors import AGAIN, MOST, ErrorMails, left_of
from marelle.core.logs import OneLine
from marelle.core.request_id import request_id
from tests.test_settings import PRODUCTION

TYPED = "camille.cachee@famille.example"


@pytest.fixture
def mails() -> ErrorMails:
    handler = ErrorMails(["veille@x.example"])
    handler.setFormatter(OneLine("{levelname} {name}: {message}", style="{"))
    return handler


def raised(error: Exception | None) -> None:
    if error:
        raise error


def failed(error: Exception | None = None, name: str = "marelle.x") -> logging.LogRecord:
    info: Any = None
    with suppress(Exception):
        try:
            raised(error)
        finally:
            info = sys.exc_info() if error else None
    return logging.LogRecord(name, logging.ERROR, __file__, 1, "Broken at %s", (f"/x/?q={TYPED}",), info, "f")


def told(handler: ErrorMails, *records: logging.LogRecord) -> int:
    """How many mails these give."""
    before = len(mail.outbox)
    for record in records:
        handler.handle(record)
        if handler._sending.is_alive():
            handler._sending.join(10)
    return len(mail.outbox) - before


def test_an_error_is_told_once_an_hour_and_names_nobody(
    mails: ErrorMails, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = request_id.set("4f9a1c02be")
    assert told(mails, failed(ValueError(f"no such {TYPED!r}"))) == 1
    request_id.reset(token)
    (sent,) = mail.outbox
    assert sent.to == ["veille@x.example"]
    assert "ValueError, raised" in sent.subject
    assert "[4f9a1c02be]" in sent.body
    assert "ValueError: no such '…'" in sent.body
    assert TYPED not in sent.subject + sent.body
    assert told(mails, failed(ValueError("another"))) == 0
    assert told(mails, failed(KeyError("x")), failed()) == 2
    now = errors.monotonic()
    monkeypatch.setattr(errors, "monotonic", lambda: now + AGAIN.total_seconds())
    assert told(mails, failed(ValueError("another"))) == 1


def test_where_everything_fails_a_few_mails_say_so(mails: ErrorMails) -> None:
    assert told(mails, *(failed(name=f"marelle.{n}") for n in range(MOST + 5))) == MOST


def test_what_strangers_try_is_no_error_of_ours(mails: ErrorMails) -> None:
    assert told(mails, failed(name="django.security.DisallowedHost")) == 0
    assert left_of({"logger": "django.security.DisallowedHost"}, {}) is None


def test_a_mail_server_that_is_away_breaks_nothing(
    mails: ErrorMails, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_asked: Any) -> None:
        raise ConnectionRefusedError(f"no {TYPED}")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", away)
    assert told(mails, failed()) == 0
    assert "could not be told by mail" in caplog.text
    assert [record.levelname for record in caplog.records] == ["WARNING"], "or it would be told again"
    assert TYPED not in caplog.text


def test_of_an_event_what_is_named_leaves_alone() -> None:
    frame = {
        "filename": "a.py",
        "lineno": 3,
        "context_line": "x",
        "vars": {"name": TYPED},
        "abs_path": "/srv/a",
    }
    event = {
        "event_id": "1",
        "logger": "django.request",
        "user": {"email": TYPED},
        "request": {"cookies": {"a": "b"}, "data": TYPED, "query_string": TYPED},
        "extra": {"x": TYPED},
        "breadcrumbs": {"values": [TYPED]},
        "server_name": "h",
        "exception": {"values": [{"type": "E", "value": f"'{TYPED}'", "stacktrace": {"frames": [frame]}}]},
    }
    left = left_of(event, {"log_record": failed()})
    assert left is not None
    assert set(left) == {"event_id", "logger", "logentry", "exception"}
    assert left["logentry"] == {"message": "Broken at /x/?…"}
    (error,) = left["exception"]["values"]
    assert error["value"] == "'…'"
    assert set(error["stacktrace"]["frames"][0]) == {"filename", "lineno", "context_line"}
    assert TYPED not in json.dumps(left)


@contextmanager
def sentry() -> Iterator[tuple[str, list[bytes]]]:
    """What stands for Sentry on this machine: its DSN, and what it was sent. It answers as Sentry does, and
    keeps nothing of what it means."""
    received: list[bytes] = []

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            opened = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.headers["Content-Encoding"])
            received.append(opened(body) if opened else body)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_said: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Takes) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://key@127.0.0.1:{server.server_port}/1", received
        server.shutdown()


BREAK = """
import django
from marelle import settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()
import sentry_sdk
from django.test import Client
client = Client(raise_request_exception=False)
client.cookies["marelle"] = "un-cookie-secret"
name = "Camille Cachée"
answer = client.get("/mot-de-passe/" + "k" * 43 + "/?nom=Hautbois", REMOTE_ADDR="203.0.113.9")
sentry_sdk.flush()
print(answer.status_code, answer["X-Request-ID"])
"""


def test_what_reaches_sentry_says_what_broke_and_of_nobody(tmp_path: Path) -> None:
    """A database without tables: each page breaks."""
    with sentry() as (dsn, received):
        own = {"DATA_DIR": str(tmp_path), "ERRORS_SENTRY": dsn, "PUBLIC_URL": "http://testserver"}
        base = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "marelle.settings"}
        done = subprocess.run(
            [sys.executable, "-c", BREAK],
            env={**base, **PRODUCTION, **own},
            capture_output=True,
            text=True,
            check=True,
        )
    status, reference = done.stdout.split()
    assert status == "503"
    (envelope,) = received
    event = json.loads(envelope.splitlines()[2])
    assert event["tags"] == {"request": reference}
    assert event["exception"]["values"][-1]["type"] == "OperationalError"
    assert "Service Unavailable: /mot-de-passe/…/" in event["logentry"]["message"]
    sent = envelope.decode()
    for secret in ("un-cookie-secret", "Hautbois", "Cachée", "203.0.113.9", "k" * 43, '"vars"', "testserver"):
        assert secret not in sent
    assert "un-cookie-secret" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("addresses", "a@x.example, b"),
        ("sentry", "https://sentry.example.fr/1"),
        ("sentry", "http://key@sentry.example.fr/1"),
        ("sentry", "https://key@sentry.example.fr/project"),
        ("sentry", "https://key@sentry.example.fr:99999/1"),
    ],
)
def test_a_wrong_address_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(WrongSetting):
        getattr(Environment({"X": value}), name)("X")


def test_addresses_that_will_do() -> None:
    given = Environment({"TO": "a@x.example, b@x.example", "DSN": "https://key@sentry.example.fr/errors/12"})
    assert given.addresses("TO") == ("a@x.example", "b@x.example")
    assert given.sentry("DSN").endswith("/12")
    assert (given.addresses("NONE"), given.sentry("NONE")) == ((), "")
