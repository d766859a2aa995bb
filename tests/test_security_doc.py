"""docs/security.md says of each requirement of OWASP ASVS 5, levels 1 and 2, what answers, once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/security.md").read_text()
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE)
STATES = ("held", "in part", "not held", "does not apply")

# In each section of the standard those of level 3 alone come last.
SECTIONS = {
    "1": (2, 9, 11, 3, 2),
    "2": (3, 3, 4, 1),
    "3": (0, 2, 4, 6, 5, 0, 2),
    "4": (3, 1, 2, 4),
    "5": (1, 3, 2, 3),
    "6": (3, 12, 4, 4, 5, 3, 0, 4),
    "7": (3, 4, 2, 5, 2, 2),
    "8": (2, 3, 1, 1),
    "9": (3, 4),
    "10": (2, 2, 4, 11, 5, 2, 3),
    "11": (2, 3, 3, 4, 1, 1),
    "12": (3, 2, 4),
    "13": (1, 5, 2, 5),
    "14": (2, 4, 3),
    "15": (3, 3, 7),
    "16": (1, 5, 4, 3, 3),
    "17": (1, 4, 2),
}
"""Of each chapter, section by section."""

ASKED = [
    f"{chapter}.{section}.{number}"
    for chapter, counts in SECTIONS.items()
    for section, count in enumerate(counts, start=1)
    for number in range(1, count + 1)
]


def paths(text: str) -> list[str]:
    """What a text names of ours: `a/path.py`, never an address, nor what each package has."""
    named = re.findall(r"`([\w.-]+(?:/[\w.-]+)*)`", text)
    each = {"personal.py", "rules.py"}
    return [one for one in named if re.search(r"\.(py|md|toml|txt|in|js)$", one) and one not in each]


@pytest.mark.parametrize("document", ["docs/security.md", "docs/threats.md", "SECURITY.md"])
def test_each_path_that_is_named_exists(document):
    named = paths((ROOT / document).read_text())
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_what_is_held_names_what_answers_and_the_rest_says_why():
    assert {state for _number, _asks, state, _where in ROWS} == set(STATES)
    for number, _asks, state, where in ROWS:
        if state in {"held", "in part"}:
            assert paths(where) or "](#" in where or "](adr/" in where, number
        assert where.strip(), number


def test_all_that_is_not_held_is_told_first_and_nothing_else():
    told = PAGE.split("## Not held\n")[1].split("\n## ")[0].split("Of what is held in part")[0]
    assert sorted(re.findall(r"\*\*(\d+\.\d+\.\d+)\*\*", told)) == sorted(
        number for number, _asks, state, _where in ROWS if state == "not held"
    )


def test_the_counts_are_those_of_the_rows():
    said = re.findall(r"^\| (?:\*\*)?(\d+|All)[^|]*((?:\| \**\d+\** ){4})\|$", PAGE, re.MULTILINE)
    found = {name: [int(one) for one in re.findall(r"\d+", counts)] for name, counts in said}
    count: dict[str, Counter[str]] = {name: Counter() for name in (*SECTIONS, "All")}
    for number, _asks, state, _where in ROWS:
        for name in (number.split(".")[0], "All"):
            count[name][state] += 1
    assert found == {name: [states[state] for state in STATES] for name, states in count.items()}


def test_each_threat_names_a_test_or_says_that_nothing_stands_in_the_way():
    rows = re.findall(r"^\| \*\*.+$", (ROOT / "docs/threats.md").read_text(), re.MULTILINE)
    assert len(rows) >= 12
    for row in rows:
        assert "`tests/" in row or "nothing: " in row, row[:60]
