"""Who has not read what, and what stands in one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.mail.rendering import LINK
from marelle.messaging.mails import quoted
from marelle.messaging.rules import awaits_answer, is_unread, one_line

NOW = datetime(2026, 11, 25, 20, tzinfo=UTC)
BEFORE = NOW - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("wrote", "read", "unread"),
    [
        (None, None, False),
        (None, NOW, False),
        (NOW, None, True),
        (NOW, BEFORE, True),
        (NOW, NOW, False),
        (BEFORE, NOW, False),
    ],
)
def test_unread(wrote, read, unread):
    assert is_unread(wrote, read) is unread
    assert awaits_answer(wrote, read) is unread


@given(st.text())
def test_one_line_is_one_line(text):
    line = one_line(text)
    assert line.isprintable()
    assert line == line.strip()
    assert one_line(line) == line


@given(st.lists(st.sampled_from(["[Cliquez](https://ailleurs.example)", "- liste", "", "mots"]), min_size=1))
def test_what_is_quoted_is_one_paragraph_and_never_a_button(lines):
    text = quoted("\n".join(lines))
    assert "\n\n" not in text
    assert not any(LINK.fullmatch(line) or line.startswith("- ") for line in text.splitlines())
