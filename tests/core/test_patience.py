"""What hangs is waited for once, and not asked again before it has answered."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest

from marelle.core.patience import within

pytestmark = pytest.mark.once


def test_an_answer_or_an_error_is_that_of_the_work() -> None:
    assert within(5, "well", lambda: 12) == 12
    with pytest.raises(FileNotFoundError):
        within(5, "well", Path("/no/such").read_bytes)
    with pytest.raises(TimeoutError, match="its own"):
        within(5, "well", _out_of_time)
    assert within(5, "well", lambda: 13) == 13


def _out_of_time() -> None:
    raise TimeoutError("its own")


def test_what_hangs_is_asked_once_until_it_answers() -> None:
    answers, asked = Event(), []

    def hangs() -> int:
        asked.append(1)
        answers.wait(30)
        return 1

    with pytest.raises(TimeoutError):
        within(0.1, "share", hangs)
    began = monotonic()
    with pytest.raises(TimeoutError) as told:
        within(20, "share", hangs)
    assert monotonic() - began < 1
    assert told.value.strerror
    assert within(5, "another", lambda: 2) == 2
    assert len(asked) == 1
    answers.set()
    for _try in range(100):
        sleep(0.02)
        try:
            assert within(5, "share", hangs) == 1
            break
        except TimeoutError:
            continue
    assert len(asked) == 2
