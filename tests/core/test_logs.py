"""Lines of the log: one event is one line, dated in UTC, whatever somebody typed."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from django.core.signing import dumps

from marelle.accounts.tokens import new_token
from marelle.core.logs import Json, OneLine, error_cleaned
from marelle.core.request_id import request_id

AT = 1_796_025_600.25
FORMAT = "{asctime} {levelname} {name}: {message}"


def line(message: str, *args: object, error: Exception | None = None) -> str:
    record = logging.LogRecord("marelle.x", logging.WARNING, __file__, 1, message, args, None)
    record.created, record.msecs = AT, 250.0
    if error:
        try:
            raise error
        except type(error):
            record.exc_info = sys.exc_info()
    return OneLine(FORMAT, style="{").format(record)


def test_it_is_dated_in_utc():
    assert line("seen") == "2026-11-30T08:00:00.250+00:00 WARNING marelle.x: seen"


def test_what_somebody_typed_writes_no_line_of_its_own():
    said = line("from %s", "a\r\n2026 forged\x1b[2J\u2028b é")
    assert said.endswith("from a\\r\\n2026 forged\\x1b[2J\\u2028b é")


@pytest.mark.parametrize("form", ["/activation/%s/", "/calendrier/12-1:%s.ics", "/ne-plus-recevoir/%s/"])
@pytest.mark.parametrize("made", [new_token, lambda: dumps(7)], ids=["random", "signed"])
def test_the_secret_of_a_link_is_not_kept(form, made):
    """Django says which address was refused, also one that would still open something."""
    secret = made()
    said = line("Forbidden (CSRF token missing.): %s", form % secret)
    assert secret not in said
    assert said.endswith(("/…/", "/….ics"))
    assert line("Not Found: %s", "/agents/familles/12/").endswith("/agents/familles/12/")


def test_no_line_of_a_traceback_looks_like_an_event():
    typed = ValueError("typed\n2026-11-30 WARNING marelle.x: forged")
    first, *others = line("broken", error=typed).split("\n")
    assert first.endswith("broken")
    assert others[-1] == "    ValueError: typed"
    assert all(one.startswith("    ") for one in others)


def test_a_traceback_moves_no_terminal_and_keeps_no_secret_of_a_link():
    secret = new_token()
    said = line("broken", error=ValueError(f"\x1b[2J at /activation/{secret}/"))
    assert said.endswith("ValueError: \\x1b[2J at /activation/…/")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("invalid literal for int() with base 10: 'Dupont'", "invalid literal for int() with base 10: '…'"),
        ('"L\'Hermitte"', "'…'"),
        ("(550, b'no Dupont here')", "(550, '…')"),
        ("unfinished 'Dupont", "unfinished '…'"),
        ("'utf-8' codec can't decode byte 0xe9", "'…' codec can't decode byte 0xe9"),
        ("object has no attribute 'levels'", "object has no attribute 'levels'"),
        ('relation "families_person" does not exist', 'relation "families_person" does not exist'),
        ('violates constraint "a_key"\nDETAIL:  Key (email)=(x) exists.', 'violates constraint "a_key"'),
        ("UNIQUE constraint failed: accounts_user.email", "UNIQUE constraint failed: accounts_user.email"),
    ],
)
def test_what_an_error_quotes_is_left_out_but_for_names_of_the_code(said: str, kept: str) -> None:
    assert error_cleaned(said) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Not Found: /agents/familles/?q=Dupont", "Not Found: /agents/familles/?…"),
        ("to {'camille.d+x@x.example': 550}", "to {'…@…': 550}"),
        ("call 06 39 98 10 02, or +33639981002", "call …, or …"),
        (
            "Mail 12 of 2026-09-08T10:00:00 and 1234567890123",
            "Mail 12 of 2026-09-08T10:00:00 and 1234567890123",
        ),
        ("no note: duplicate\nDETAIL:  Key (name)=(Dupont)\nCONTEXT: x", "no note: duplicate"),
    ],
)
def test_who_somebody_is_is_left_out_of_every_line(said: str, kept: str) -> None:
    assert line("%s", said).endswith(f": {kept}")


def test_each_error_of_a_chain_is_cleaned() -> None:
    error = ValueError("no 'Dupont'")
    error.__cause__ = KeyError("Dupont")
    said = line("broken", error=error)
    assert "Dupont" not in said
    assert "    KeyError: '…'" in said
    assert said.endswith("    ValueError: no '…'")
    assert "direct cause" in said


def test_as_json_an_event_is_one_object_with_its_request() -> None:
    token, error = request_id.set("4f9a1c02be"), ValueError("no 'Dupont'")
    info = (ValueError, error, None)
    record = logging.LogRecord("marelle.x", 30, __file__, 1, "a\n%s", ("b@x.example",), info)
    record.created, record.msecs = AT, 250.0
    told = json.loads(Json().format(record))
    request_id.reset(token)
    assert told.pop("trace") == ["ValueError: no '…'"]
    assert told == {
        "at": "2026-11-30T08:00:00.250+00:00",
        "level": "WARNING",
        "logger": "marelle.x",
        "message": "a\\n…@…",
        "request": "4f9a1c02be",
    }


def test_a_line_carries_the_id_of_its_request_and_none_outside() -> None:
    token = request_id.set("4f9a1c02be")
    said = line("seen")
    request_id.reset(token)
    assert said.endswith("marelle.x: seen [4f9a1c02be]")
    assert line("seen").endswith("marelle.x: seen")
