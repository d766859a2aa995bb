"""The few questions that a village answers, and the file that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from yaml import ScalarNode
from yaml.error import Mark

from marelle.definitions.dumping import quoted
from marelle.definitions.kinds.places import STRUCTURE
from marelle.definitions.reading import UNREAD, At
from marelle.definitions.tree import slug
from marelle.definitions.values import MAIL, POSTAL_CODE, SIRET, Choice, Text, Value
from marelle.places.models import Zone
from marelle.places.rules import school_year_of

MODEL: Final = Path(__file__).parent / "model.yaml"


@dataclass(frozen=True, slots=True)
class Question:
    """`name` is that of the place in the model that the answer takes."""

    name: str
    words: str | Promise
    value: Value
    may_be_empty: bool = False


def _kinds() -> Value:
    return next(one.value for one in STRUCTURE.fields if one.attr == "kind")


QUESTIONS: Final = (
    Question("nom", gettext_lazy("Nom de la collectivité (Mairie de …)"), Text(40)),
    Question("siret", gettext_lazy("SIRET (vide s’il n’est pas sous la main)"), SIRET, may_be_empty=True),
    Question("commune", gettext_lazy("Commune"), Text(80)),
    Question("code_postal", gettext_lazy("Code postal"), POSTAL_CODE),
    Question(
        "zone",
        gettext_lazy("Zone de vacances scolaires (A, B ou C)"),
        Choice({one: one.value for one in Zone}),
    ),
    Question("structure", gettext_lazy("Première structure (Restaurant scolaire…)"), Text(120)),
    Question("nature", gettext_lazy("Sa nature"), _kinds()),
    Question("prenom_nom", gettext_lazy("Prénom et nom de qui administrera le portail"), Text(150)),
    Question("courriel", gettext_lazy("Son courriel : une invitation y part"), MAIL),
)


def asked(tell: Callable[[str], object], answer: Callable[[str], str]) -> dict[str, str]:
    """Each question until its answer can be read, as it will be written in the file."""
    found = {}
    for question in QUESTIONS:
        if isinstance(question.value, Choice) and question.name == "nature":
            tell(gettext("Natures : %(words)s.") % {"words": ", ".join(question.value.words.values())})
        while True:
            typed = answer(f"{question.words} : ").strip()
            told = _wrong(question, typed)
            if not told:
                break
            tell(told)
        found[question.name] = typed
    return found


def model_text(answers: Mapping[str, str], today: date) -> str:
    """The model with the answers in it."""
    year = school_year_of(today)
    places = {
        **{name: quoted(typed, flow=False) if typed else "" for name, typed in answers.items()},
        "cle": slug(answers["nom"]) or "collectivite",
        "cle_commune": slug(answers["commune"]) or "commune",
        "cle_structure": slug(answers["structure"]) or "structure",
        "cle_agent": slug(answers["prenom_nom"]) or "administration",
        "rentree": f"01/09/{year}",
        "fin": f"31/08/{year + 1}",
    }
    text = MODEL.read_text(encoding="utf-8")
    for name, written in places.items():
        text = text.replace(f"<{name}>", written)
    return text


def _wrong(question: Question, typed: str) -> str:
    """What to say of an answer that does not do; "" of one that does."""
    if not typed:
        return "" if question.may_be_empty else gettext("Une réponse est attendue.")
    mark = Mark("", 0, 0, 0, None, 0)
    at = At()
    read = question.value.read(ScalarNode("tag:yaml.org,2002:str", typed, mark, mark), at)
    return at.faults[0].words if read is UNREAD else ""
