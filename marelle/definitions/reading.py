"""YAML as it was typed: each value with its line. Nothing is guessed of what a word means: `oui`, `12:00` and
`01000` stay the signs that they are, and what a key holds says how they are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

import yaml
from django.utils.translation import gettext

from marelle.core.refusals import Refusal
from marelle.core.spelling import plain

Node = yaml.Node

LARGEST: Final = 2_000_000
"""Bytes: a hundred times what a village says."""

DEEPEST: Final = 20
"""Levels that stand one in another."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something that cannot be: on which line, of which key (`path`, in the words of the file), and why."""

    line: int
    path: str
    words: str

    def __str__(self) -> str:
        where = gettext("ligne %(line)s") % {"line": self.line} if self.line else ""
        return gettext("%(where)s : %(words)s") % {
            "where": ", ".join(filter(None, (where, self.path))),
            "words": self.words,
        }


class DefinitionsRefused(Refusal):
    """`code`: "faults" (`faults`: all of them, by line), or "moved": something is not as it was shown."""

    def __init__(self, code: str = "faults", faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(code, faults=tuple(sorted(faults)))


@dataclass(frozen=True, slots=True)
class At:
    """Where the reader stands: the path that leads there, and what it has found wrong so far."""

    path: str = ""
    faults: list[Fault] = field(default_factory=list)

    def under(self, word: str) -> At:
        return At(f"{self.path} › {word}" if self.path else word, self.faults)

    def fault(self, node: Node | int, words: str) -> None:
        self.faults.append(Fault(node if isinstance(node, int) else line_of(node), self.path, words))


class Unread:
    """In the place of a value that could not be read: its fault is noted."""


UNREAD: Final = Unread()


def line_of(node: Node) -> int:
    """From 1."""
    return int(node.start_mark.line) + 1


def parsed(text: str) -> Node | None:
    """The tree of a file, None of one that says nothing. Raises DefinitionsRefused."""
    if len(text.encode()) > LARGEST:
        raise DefinitionsRefused(faults=(Fault(0, "", gettext("Le fichier est trop grand (2 Mo au plus).")),))
    try:
        depth = 0
        event: Any
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
                line = int(event.start_mark.line) + 1
                raise DefinitionsRefused(faults=(Fault(line, "", _unused(event)),))
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise DefinitionsRefused(faults=(Fault(line, "", _told(error)),)) from error
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        told = gettext("un caractère invisible ne peut pas être lu.")
        raise DefinitionsRefused(faults=(Fault(line, "", told),)) from error


def pairs(node: Node, at: At) -> Iterator[tuple[Node, str, Node]]:
    """The keys of a mapping with what they hold, each once; none of what says nothing."""
    if is_empty(node):
        return
    if not isinstance(node, yaml.MappingNode):
        at.fault(node, gettext("des lignes « clé : valeur » sont attendues ici, en retrait."))
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            at.fault(key, gettext("une clé est un mot, suivi de « : »."))
            continue
        same = key_plain(key.value)
        if same in seen:
            told = gettext("« %(key)s » y est déjà, ligne %(line)s.")
            at.under(key.value).fault(key, told % {"key": key.value, "line": seen[same]})
            continue
        seen[same] = line_of(key)
        yield key, key.value, value


def items(node: Node) -> list[Node]:
    """Those of a list; one that stands alone is a list of one, « a, b » one of two."""
    if is_empty(node):
        return []
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    if isinstance(node, yaml.ScalarNode) and node.style is None and "," in node.value:
        words = (word.strip() for word in node.value.split(","))
        return [yaml.ScalarNode(node.tag, word, node.start_mark, node.end_mark) for word in words if word]
    return [node]


def scalar(node: Node, at: At) -> str | Unread:
    if isinstance(node, yaml.ScalarNode):
        return "" if is_empty(node) else str(node.value)
    at.fault(node, gettext("une seule valeur est attendue, sur la même ligne."))
    return UNREAD


def is_empty(node: Node) -> bool:
    """Whether nothing stands after the colon."""
    return isinstance(node, yaml.ScalarNode) and node.style is None and node.value in {"", "~"}


def key_plain(word: str) -> str:
    """A key as it is compared: capitals, accents, kinds of apostrophe and of space do not count."""
    return re.sub(r"[\s_]+", " ", plain(word).replace("’", "'")).strip()


def nearest(word: str, known: list[str]) -> str:
    """The one of `known` that is spelt nearly so; "" for none."""
    spelt = {key_plain(one): one for one in known}
    found = get_close_matches(key_plain(word), spelt, n=1, cutoff=0.6)
    return spelt[found[0]] if found else ""


def unknown(word: str, known: list[str]) -> str:
    """What to say of a word that is none of `known`."""
    near = nearest(word, known)
    if near:
        return gettext("« %(word)s » n’est pas connu : vouliez-vous dire « %(near)s » ?") % {
            "word": word,
            "near": near,
        }
    return gettext("« %(word)s » n’est pas connu : écrivez %(known)s.") % {
        "word": word,
        "known": gettext(" ou ").join(f"« {one} »" for one in known[:12]) if known else gettext("rien"),
    }


def _unused(event: yaml.Event) -> str:
    if isinstance(event, yaml.AliasEvent):
        return gettext("les renvois (« * » et « & » de YAML) ne sont pas lus : écrivez la valeur.")
    return gettext("trop de niveaux l’un dans l’autre.")


def _told(error: yaml.MarkedYAMLError) -> str:
    problem = str(error.problem or "")
    if "\\t" in problem:
        return gettext("une tabulation : le retrait se fait avec des espaces.")
    if "end of stream" in problem or "or '}'" in problem or "or ']'" in problem:
        return gettext("un guillemet ou un crochet ouvert n’est pas refermé.")
    if "mapping values are not allowed" in problem:
        return gettext(
            "un « : » de trop, ou un retrait qui ne va pas. Un texte qui en a se met entre guillemets droits."
        )
    if "expected <block end>" in problem or "could not find expected ':'" in problem:
        return gettext("le retrait de cette ligne, ou de celle d’avant, ne va pas ; ou il y manque « : ».")
    if "but found another document" in problem:
        return gettext("un seul document par fichier : ôtez la ligne « --- ».")
    return gettext("cette ligne ne se lit pas comme du YAML (retrait, guillemets, « : »).")
