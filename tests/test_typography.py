"""What stands before « : ? ! ; » on screen is a no-break space: no line begins with them, nor ends with «.

Templates, scripts, mails and every text of the code but its remarks.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "marelle"
LOOSE = re.compile(r"(?<=\S) (?=[:;?!»](?!=))|(?<=«) (?=\S)")
REMARK = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
TAG = re.compile(r"\{[%{].*?[%}]\}", re.DOTALL)
QUOTED = re.compile(r'"[^"\n]*"|`[^`]*`')
UNSAID = re.compile(
    r"(?<![\w/.:_\"'-])"
    r"(?:mails?|pièces?(?! d’identité)|portail|pointages?|modérations?|exceptions?|(?-i:trésor public))"
    r"(?![\w/:_\"'-]|\.\w)",
    re.IGNORECASE,
)
QUOTED_FROM_THE_TUTORIAL = re.compile(
    "Certaines données sont en attente de modération|Un mail de confirmation ou de refus de l’inscription"
    "|via le portail famille"
)
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


def modules() -> list[Path]:
    return [path for path in ROOT.glob("**/*.py") if "migrations" not in path.parts]


def texts(source: str) -> Iterator[str]:
    """Every text of a module as it is joined, what is put into it left out; no docstring."""
    tree = ast.parse(source)
    seen = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            seen.update(map(id, node.values))
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in seen:
            yield node.value


def test_texts_of_the_code_hold_no_break_spaces() -> None:
    found = {str(path): loose for path in modules() if (loose := around("\n".join(texts(path.read_text()))))}
    assert len(modules()) > 500
    assert found == {}


def test_texts_of_mails_hold_no_break_spaces() -> None:
    mails = {path: around(shown(path.read_text())) for path in ROOT.glob("*/templates/mail/**/*.txt")}
    assert len(mails) > 50
    assert {str(path): loose for path, loose in mails.items() if loose} == {}


def test_texts_of_scripts_hold_no_break_spaces() -> None:
    found = {}
    for path in ROOT.glob("**/*.js"):
        lines = [line for line in path.read_text().split("\n") if not line.lstrip().startswith("//")]
        texts = [PLACED.sub("{}", text) for text in QUOTED.findall("\n".join(lines))]
        if loose := [one for text in texts for one in around(text)]:
            found[str(path)] = loose
    assert found == {}


def test_a_parent_reads_one_word_for_one_thing() -> None:
    """Each has its word in the glossary; sentences of the tutorial keep theirs."""
    pages = [*ROOT.glob("portal/**/*.html"), *ROOT.glob("*/templates/mail/**/*.txt")]
    said_to_parents = {"portal", "shell", "labels.py", "texts.py"}
    words = [path for path in modules() if said_to_parents.intersection(path.parts)]
    said = {path: shown(path.read_text()) for path in pages}
    for path in words:
        if "imports" not in path.parts:
            said[path] = "\n".join(text for text in texts(path.read_text()) if not text.isidentifier())
    found = {str(path): UNSAID.findall(QUOTED_FROM_THE_TUTORIAL.sub("", text)) for path, text in said.items()}
    assert len(found) > 250
    assert {path: loose for path, loose in found.items() if loose} == {}


def test_a_name_stands_after_de_and_que_as_its_first_letter_asks() -> None:
    """`of_name`, `that_name`, `of_authority` say how; of an authority, `authority_text` too."""
    whose = "adult|agent|authority|child|children|family|label|name|names|person|who"
    named = re.compile(
        rf"\b(?:de|que) (?:\{{\{{ (?:{whose}) \}}\}}|%\((?:{whose})\)s|\{{(?:{whose})\}})", re.IGNORECASE
    )
    files = [*ROOT.glob("**/*.html"), *ROOT.glob("*/templates/mail/**/*.txt"), *modules()]
    found = {str(path): named.findall(path.read_text()) for path in files if path.name != "french.py"}
    assert len(found) > 900
    assert {path: loose for path, loose in found.items() if loose} == {}
