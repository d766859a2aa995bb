"""Texts with fields between braces, as agents write them: « Bonjour {prénom} ». Pure.

A field is one of a fixed list of names; nothing else is ever read from a text, and no other notation is
understood. `checked` is for what is typed, `filled` for what was kept: it never fails. Nothing is escaped:
who prints the result escapes it as any other text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.translation import gettext as _

from marelle.core.french import join_and
from marelle.core.refusals import Refusal
from marelle.core.tabular import plain

FIELD: Final = re.compile(r"\{([^{}\n]*)\}")
SHOWN_AT_MOST: Final = 40
"""Signs of what was typed between braces, where it is said to be unknown."""


class FieldUnknown(Refusal):
    """`name` stands between braces and is none of `allowed`."""

    def __init__(self, name: str, allowed: tuple[str, ...]) -> None:
        super().__init__("unknown_field", name=name, allowed=allowed)


class BraceAlone(Refusal):
    """A brace opens or closes nothing."""

    def __init__(self) -> None:
        super().__init__("brace_alone")


def checked(text: str, allowed: Iterable[str]) -> str:
    """The text with each field as `allowed` names it, however its accents, capitals and spaces were typed.

    Raises `BraceAlone` and `FieldUnknown`, for the first that is wrong.
    """
    names = tuple(allowed)
    known = {plain(name): name for name in names}

    def named(found: re.Match[str]) -> str:
        name = known.get(plain(found[1]))
        if name is None:
            raise FieldUnknown(" ".join(found[1].split())[:SHOWN_AT_MOST], names)
        return f"{{{name}}}"

    if re.search(r"[{}]", FIELD.sub("", text)):
        raise BraceAlone
    return FIELD.sub(named, text)


def fields_of(text: str) -> tuple[str, ...]:
    """What stands between braces in the text, each once, in order."""
    return tuple(dict.fromkeys(FIELD.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in their places; a field without one stays as it is, braces and all.

    What a value holds is never read as a field.
    """
    return FIELD.sub(lambda found: values.get(found[1], found[0]), text)


def braces_text(refusal: FieldUnknown | BraceAlone) -> str:
    """What is wrong with the fields of a text, and which there are."""
    if isinstance(refusal, BraceAlone):
        return _("Une accolade est seule : un champ s’écrit entre deux accolades, comme {champ}.").format(
            champ="{prénom}"
        )
    allowed = join_and([f"{{{name}}}" for name in refusal.data["allowed"]])
    return _("Le champ {champ} n’existe pas ici. Champs possibles : {liste}.").format(
        champ=f"{{{refusal.data['name']}}}", liste=allowed
    )
