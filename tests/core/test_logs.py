"""Lines of the log: one event is one line, dated in UTC, whatever somebody typed."""

from __future__ import annotations

import logging
import sys

import pytest
from django.core.signing import dumps

from marelle.accounts.tokens import new_token
from marelle.core.logs import OneLine

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
    assert others[-1].endswith("forged")
    assert all(one.startswith("    ") for one in others)


def test_a_traceback_moves_no_terminal_and_keeps_no_secret_of_a_link():
    secret = new_token()
    said = line("broken", error=ValueError(f"\x1b[2J at /activation/{secret}/"))
    assert said.endswith("ValueError: \\x1b[2J at /activation/…/")
