"""A phone five years old reads every script and every sheet: nothing younger than the browsers of early 2021.

A method that is not there stops a script where it stands; a word of syntax, or a selector among others of one
list, voids all that is around it. What is asked for with `?.(` may be missing.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import marelle

HERE = Path(marelle.__file__).parent
SCRIPTS = sorted(HERE.rglob("*.js"))
SHEETS = sorted(path for path in HERE.rglob("*.css") if "mail" not in path.parts)

METHODS = (
    r"at|findLast|findLastIndex|toSorted|toReversed|toSpliced|with|hasOwn|groupBy|fromAsync|withResolvers"
    r"|isWellFormed|toWellFormed|union|intersection|difference|symmetricDifference|isSubsetOf|isSupersetOf"
    r"|isDisjointFrom|structuredClone|replaceAll"
    r"|requestSubmit|showModal|showPopover|hidePopover|togglePopover|showPicker|checkVisibility|setHTMLUnsafe"
    r"|startViewTransition|createImageBitmap|randomUUID|throwIfAborted|requestIdleCallback|getHTML|moveBefore"
)
CALLED = re.compile(rf"(?<!\w)(?:\.\s*)?({METHODS})\(")
SYNTAX = {
    "a class's static block": re.compile(r"\bstatic\s*\{"),
    "a private name": re.compile(r"#[A-Za-z_]\w*\s*(?:=|\(|;| in )"),
    "a look behind": re.compile(r"\(\?<[=!]"),
    "flags of 2022 and later": re.compile(r"/[a-z]*[dv][a-z]*\.(?:exec|test)\("),
    "an await of the whole script": re.compile(r"^await ", re.MULTILINE),
}
MAY_BE_MISSING = {
    ("door.js", "showModal"): "the link leads to a page of its own where there are no dialogs",
    ("door.js", "randomUUID"): "asked for first",
    ("upload.js", "createImageBitmap"): "inside of a `try`: the picture is sent as it is",
    ("desk.js", "showModal"): "the list of the keys, on the agents' computers",
}
"""Called all the same: the file goes another way where it is not there."""

YOUNG = re.compile(r":(?:has|focus-visible|popover-open|modal|user-(?:in)?valid|open|dir)\b")


def without_words(script: str) -> str:
    """A script without its comments and its texts, which may hold anything."""
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', " ", script, flags=re.DOTALL)


def faults(name: str, script: str) -> list[str]:
    bare = without_words(script)
    found = [
        f"{name}: {method}() is younger than 2021"
        for method in dict.fromkeys(CALLED.findall(bare))
        if (name, method) not in MAY_BE_MISSING
    ]
    return found + [f"{name}: {what}" for what, pattern in SYNTAX.items() if pattern.search(bare)]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_asks_for_what_came_after_2021(path: Path) -> None:
    assert faults(path.name, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "script",
    [
        "const last = [1, 2].at(-1);",
        "Object.hasOwn(one, two);",
        "structuredClone(one)",
        "form.requestSubmit();",
        "class A { static { go(); } }",
        "class A { #b = 1; }",
        "/(?<=a)b/.test(c)",
        "await go();",
    ],
)
def test_what_is_younger_is_seen(script: str) -> None:
    assert len(faults("some.js", script)) == 1


@pytest.mark.parametrize("script", ["one.at?.(-1)", '"a.at(1)"', "// b.at(2)", "form.submit()", "that(1)"])
def test_what_is_not_younger_is_left_alone(script: str) -> None:
    assert faults("some.js", script) == []


def voided(sheet: str) -> list[str]:
    """Lists of selectors that a young one among them voids for the others."""
    bare = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    preludes = [found.strip() for found in re.findall(r"([^{};]+)\{", bare)]
    return [one for one in preludes if not one.startswith("@") and YOUNG.search(one) and _listed(one)]


def _listed(prelude: str) -> bool:
    """Whether it is a list at all: commas inside of parentheses aside."""
    while (shorter := re.sub(r"\([^()]*\)", "", prelude)) != prelude:
        prelude = shorter
    return "," in prelude


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_no_young_selector_shares_its_list(path: Path) -> None:
    assert voided(path.read_text(encoding="utf-8")) == []


def test_a_list_that_would_be_voided_is_seen() -> None:
    assert voided(".a,.b:has(.c){x:y}") == [".a,.b:has(.c)"]
    assert voided("@media (max-width:1rem){.a:has(.b,.c){x:y}.d,.e{x:y}}") == []
