"""The fields that an authority may write between braces in its own words, kind by kind (`Sample.fields`).

None tells of health or money. Each stands in every mail of its kind, so that none leaves with a hole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.core.french import one_line
from marelle.mail.letterhead import Letterhead


@dataclass(frozen=True, slots=True)
class Field:
    """`name` as it is written between braces, and where its value is in the context, keys joined by dots."""

    name: str
    meaning: str | Promise
    path: str


RECIPIENT: Final = Field("destinataire", _("le nom de qui reçoit le courriel"), "to_name")
INVITED: Final = Field("destinataire", _("le nom de qui reçoit le courriel"), "name")
CHILD: Final = Field("enfant", _("le prénom de l’enfant"), "child")
CHILDREN: Final = Field("enfants", _("le prénom de l’enfant, ou de chacun"), "children")
ACTIVITY: Final = Field("activité", _("le nom de l’activité"), "activity")
STRUCTURE: Final = Field("structure", _("le nom de la structure"), "structure")
REMINDER: Final = Field("relance", _("le titre de l’étape de relance"), "title")
AUTHORITY: Final = Field("collectivité", _("votre nom, celui des réglages « Apparence »"), "")
"""Of the letterhead: it is a field of every mail."""


def names(fields: Iterable[Field]) -> tuple[str, ...]:
    return tuple(field.name for field in fields)


def values(fields: Iterable[Field], context: Mapping[str, Any], letterhead: Letterhead) -> dict[str, str]:
    """What each field says in one mail, in one line."""
    found = {field.name: _at(context, field.path) for field in fields if field != AUTHORITY}
    found[AUTHORITY.name] = letterhead.name
    return {name: one_line(value) for name, value in found.items()}


def with_notation(fields: Iterable[Field], context: Mapping[str, Any]) -> dict[str, Any]:
    """The context with "{enfant}" in the place of the child's name, and so on."""
    noted: dict[str, Any] = dict(context)
    for field in fields:
        if field != AUTHORITY:
            *above, last = field.path.split(".")
            held = noted
            for key in above:
                held[key] = dict(held[key])
                held = held[key]
            held[last] = f"{{{field.name}}}"
    return noted


def _at(context: Any, path: str) -> str:
    found = context
    for key in path.split("."):
        found = found.get(key, "") if isinstance(found, Mapping) else getattr(found, key, "")
    return str(found)
