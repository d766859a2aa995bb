"""Cycles are not looked for during some work, and always again after it."""

from __future__ import annotations

import gc

import pytest

from marelle.core.uncollected import uncollected


@pytest.fixture(autouse=True)
def collecting():
    gc.enable()
    yield
    gc.enable()


def test_nothing_is_looked_for_meanwhile_and_again_after():
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_again_after_an_error():
    with pytest.raises(ValueError, match="bad"), uncollected():
        raise ValueError("bad")
    assert gc.isenabled()


def test_who_had_switched_it_off_finds_it_off():
    gc.disable()
    with uncollected():
        assert not gc.isenabled()
    assert not gc.isenabled()
