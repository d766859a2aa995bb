"""`make audit` never says that all is well where nobody was asked."""

from __future__ import annotations

import json

import pytest

from requirements.audit import verdict

FINE = {"name": "django", "version": "5.2.9", "vulns": []}
WEAK = {
    "name": "pillow",
    "version": "9.0.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["9.1.0"], "aliases": [], "description": ""}],
}
UNKNOWN = {"name": "typst", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def said(*packages: object) -> tuple[int, list[str]]:
    return verdict(json.dumps({"dependencies": packages, "fixes": []}))


def test_a_weakness_fails_and_says_where_it_is_mended():
    assert said(FINE, WEAK, UNKNOWN) == (1, ["pillow 9.0.0: PYSEC-1, mended in 9.1.0"])


def test_none_is_said_of_those_that_were_asked():
    assert said(FINE) == (0, ["No known weakness in 1 packages."])
    assert said(FINE, UNKNOWN) == (0, ["NOT AUDITED: typst.", "No known weakness in 1 packages."])


@pytest.mark.parametrize("answer", ["", "no network", "[]", "{}", json.dumps({"dependencies": [UNKNOWN]})])
def test_where_nobody_answers_it_says_so_and_fails_nothing(answer):
    code, lines = verdict(answer)
    assert code == 0
    assert [line for line in lines if line.startswith("NOT AUDITED")] == lines
