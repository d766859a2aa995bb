"""A home that asks to change its file, and the office that answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from marelle.core.actor import Actor
from marelle.core.clock import PARIS
from marelle.families.file.changes import file_save
from marelle.families.file.decisions import Decision, changes_decide
from marelle.families.file.newcomers import Newcomer, NewcomerKind
from marelle.families.models import ChangeRequest, Person
from tests.scenario import Home, Scenario

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
DAY = NOW.date()
MOVED = {"street": "2 rue du Four", "postal_code": "21999", "city": "Arelle", "since": "2026-12-01"}


@dataclass
class Cast:
    world: Scenario
    durand: Home
    zoe: Person
    office: Actor


def save(actor: Actor, person: Person | None, **typed: str):
    """Type a single part into each field: `adult__phone="06…"`."""
    values = {code.replace("__", "."): {"value": text} for code, text in typed.items()}
    return file_save(actor=actor, person_id=person.pk if person else None, typed=values, seen={}, now=NOW)


def move(actor: Actor, **parts: str):
    return file_save(
        actor=actor, person_id=None, typed={"home.address": {**MOVED, **parts}}, seen={}, now=NOW
    )


def waiting() -> ChangeRequest:
    return ChangeRequest.objects.get(state=ChangeRequest.State.OPEN)


def accept(actor: Actor, change: ChangeRequest, **more):
    changes_decide(actor=actor, decisions=[Decision(change.pk, accept=True, **more)], now=NOW)
    change.refresh_from_db()


def refuse(actor: Actor, change: ChangeRequest, reason: str = "Illisible."):
    changes_decide(actor=actor, decisions=[Decision(change.pk, accept=False, reason=reason)], now=NOW)
    change.refresh_from_db()


# Someone to add, someone who leaves


def newborn(cast: Cast, **more) -> Newcomer:
    return Newcomer(
        **{
            "kind": NewcomerKind.CHILD,
            "first_name": "Léo",
            "last_name": "Durand",
            "birth_date": date(2022, 6, 1),
            "links": {cast.durand.adult.pk: "mother"},
            **more,
        }
    )
