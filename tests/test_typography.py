"""What stands before « : ? ! ; » on screen is a no-break space: no line begins with them, nor ends with «.

Templates and scripts alone: gettext strings of the code still hold ordinary ones.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "marelle"
LOOSE = re.compile(r"(?<=\S) (?=[:;?!»](?!=))|(?<=«) (?=\S)")
REMARK = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
TAG = re.compile(r"\{[%{].*?[%}]\}", re.DOTALL)
QUOTED = re.compile(r'"[^"\n]*"|`[^`]*`')
PLACED = re.compile(r"\$\{[^}]*\}")


def shown(template: str) -> str:
    """What a reader may see of it: of a tag, its texts."""
    return TAG.sub(lambda tag: "".join(re.findall(r'"[^"]*"', tag[0])) or "{}", REMARK.sub("", template))


def around(text: str) -> list[str]:
    return [text[max(0, found.start() - 25) : found.end() + 10] for found in LOOSE.finditer(text)]


def test_texts_of_templates_hold_no_break_spaces() -> None:
    pages = {path: around(shown(path.read_text())) for path in ROOT.glob("**/*.html")}
    assert len(pages) > 100
    assert {str(path): loose for path, loose in pages.items() if loose} == {}


def test_texts_of_scripts_hold_no_break_spaces() -> None:
    found = {}
    for path in ROOT.glob("**/*.js"):
        lines = [line for line in path.read_text().split("\n") if not line.lstrip().startswith("//")]
        texts = [PLACED.sub("{}", text) for text in QUOTED.findall("\n".join(lines))]
        if loose := [one for text in texts for one in around(text)]:
            found[str(path)] = loose
    assert found == {}


def test_a_name_in_a_mail_stands_after_de_as_its_first_letter_asks() -> None:
    named = re.compile(r"\bde \{\{ (?:child|children|person|adult) \}\}")
    mails = {path: named.findall(path.read_text()) for path in ROOT.glob("*/templates/mail/**/*.txt")}
    assert len(mails) > 25
    assert {str(path): found for path, found in mails.items() if found} == {}
