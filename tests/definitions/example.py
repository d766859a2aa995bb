"""The village of docs/definitions.md, and how a test changes a word in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from marelle.core.clock import PARIS
from marelle.definitions.dumping import definitions_text
from marelle.definitions.held import definitions_held
from marelle.definitions.services import definitions_compared, definitions_write

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=PARIS)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "definitions.md"
VILLAGE = PAGE.read_text().split("```yaml\n")[1].split("```")[0]

HAMLET = """
collectivités:
  mairie: {nom: Mairie, nom court: Mairie, courriels: {signature: {à la fin: La mairie}}}
communes:
  bourg: {nom: Bourg, code postal: 21990, collectivités: [mairie]}
calendriers:
  ecole: {nom: École, zone: A, jours d’école: [lundi, mardi, jeudi, vendredi]}
structures:
  lieu:
    collectivité: mairie
    nom: Lieu
    nature: périscolaire
    commune: bourg
    jauges: {salle: {nom: Salle, places: 2}}
activités:
  soir:
    structure: lieu
    nom: Soir
    nature: périscolaire
    calendrier: ecole
    du: 01/09/2026
    au: 18/12/2026
    âge minimum: 3 ans
    inscription: demandée
    réservation: par la famille
    créneaux:
      soir: {nom: Soir, de: 16:30, à: 18:30, jours: [lundi, mardi, jeudi, vendredi], jauges: [salle]}
    délais:
      tous: {depuis: 01/09/2026, réserver: {limite: le début}, annuler: {limite: le début}}
premiers agents:
  maire: {nom: Nina Roux, courriel: nina@bourg.example, administration: oui}
"""
"""Nine things and an agent."""


def edited(*words: tuple[str, str], text: str = VILLAGE) -> str:
    """With each of the first ones, which stand there once, in the place of the other."""
    for old, new in words:
        assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
        text = text.replace(old, new)
    return text


def with_lines(before: str, *lines: str, text: str = VILLAGE) -> str:
    """With some lines before the one that begins so, which stands there once."""
    return edited((before, "".join(f"{line}\n" for line in lines) + before), text=text)


def written(text: str = VILLAGE) -> None:
    definitions_write(text=text, now=NOW)


def exported() -> str:
    return definitions_text(definitions_held().entries)


def changes(text: str) -> dict[str, tuple[str, ...]]:
    """What a file would change: the names of what differs, by where it stands; "+" of what is new."""
    found, _held = definitions_compared(text, now=NOW)
    return {one.entry.where: ("+",) if one.is_new else one.attrs for one in found.changes}
