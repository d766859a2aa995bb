"""Rules of a child's care: what changed on a sheet, who is whom, what holds of two answers. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum

from marelle.core.clock import months_after
from marelle.core.sealed import Unreadable
from marelle.places.rules import school_year_of

PERMITTED_AHEAD = timedelta(days=14)
"""How long before a day somebody may be allowed to fetch a child on it."""

NEXT_YEAR_ASKED_FROM = 6
"""Month from which the authorisations of the coming school year are asked."""

CONTACTS_AT_MOST = 10
"""People whom one home names for one child."""

CHILDHOOD = timedelta(days=19 * 366)

PAI_NEARLY_OVER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SheetData:
    """What a home writes on a health sheet; `pai` None: not answered."""

    allergies: str = ""
    is_severe: bool = False
    pai: bool | None = None
    pai_until: date | None = None
    pai_meal: str = ""
    treatments: str = ""
    remarks: str = ""
    doctor_name: str = ""
    doctor_phone: str = ""


def brings_meal(sheet: SheetData) -> bool:
    """Whether the family brings the meal of its child's PAI."""
    return sheet.pai is True and sheet.pai_meal == "family"


TEXTS = ("allergies", "treatments", "remarks")
"""Fields of a sheet that several hands may add to."""


def settled_sheet(sheet: SheetData) -> SheetData:
    """The same without what means nothing: an allergy grave but not named, the end of a PAI that is not."""
    if not sheet.allergies:
        sheet = replace(sheet, is_severe=False)
    if sheet.pai is not True:
        sheet = replace(sheet, pai_until=None, pai_meal="")
    return sheet


def added(kept: SheetData, typed: SheetData) -> SheetData:
    """`typed` added to what is kept by somebody who may not read it: texts follow each other.

    What was left empty changes nothing; an allergy stays grave once it was, and a PAI stays one.
    """
    texts = {
        name: "\n".join(dict.fromkeys(part for part in (getattr(kept, name), getattr(typed, name)) if part))
        for name in TEXTS
    }
    return SheetData(
        **texts,
        is_severe=kept.is_severe or typed.is_severe,
        pai=kept.pai if kept.pai or typed.pai is None else typed.pai,
        pai_until=typed.pai_until or kept.pai_until,
        pai_meal=typed.pai_meal or kept.pai_meal,
        doctor_name=typed.doctor_name or kept.doctor_name,
        doctor_phone=typed.doctor_phone or kept.doctor_phone,
    )


def within(kept: SheetData, typed: SheetData, writable: frozenset[str]) -> SheetData:
    """`typed` for the fields that may be written, `kept` for the others."""
    return SheetData(**{name: getattr(typed if name in writable else kept, name) for name in asdict(kept)})


def changed(old: SheetData, new: SheetData) -> tuple[str, ...]:
    """Names of the fields that differ, in the order of the sheet."""
    before, after = asdict(old), asdict(new)
    return tuple(name for name in before if before[name] != after[name])


class PaiState(StrEnum):
    NONE = "none"
    RUNNING = "running"
    NEARLY_OVER = "nearly_over"
    OVER = "over"


def pai_state(pai: bool | None, until: date | None, day: date) -> PaiState:
    """Where a PAI stands on `day`; it holds until its last day, included. No date: it runs."""
    if pai is not True:
        return PaiState.NONE
    if until is not None and until < day:
        return PaiState.OVER
    if until is not None and until - day <= PAI_NEARLY_OVER:
        return PaiState.NEARLY_OVER
    return PaiState.RUNNING


def pai_until_possible(until: date, birth: date | None, today: date) -> bool:
    """The end of a PAI is in the life of a child: from its birth to its majority."""
    first = birth or today
    return first <= until <= first + CHILDHOOD


def vaccinated_on_possible(on: date, birth: date | None, today: date) -> bool:
    """A vaccine is not received tomorrow, nor before the birth, nor by a child to come."""
    return birth is not None and birth <= on <= today


def words_of_name(name: str) -> frozenset[str]:
    """The words of a name, without accents, capitals or order."""
    plain = unicodedata.normalize("NFD", name.casefold())
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return frozenset(re.findall(r"\w+", letters))


def same_name(one: str, other: str) -> bool:
    """Whether two names may be those of one person: "DURAND Éric" and "Éric Durand", "Éric Jean Durand".

    One must hold all the words of the other, and at least two of them, unless both have only one.
    """
    first, second = words_of_name(one), words_of_name(other)
    shared = first & second
    return bool(shared) and shared in (first, second) and (len(shared) > 1 or first == second)


def is_banned(name: str, banned: Iterable[str]) -> bool:
    """One that no key opens may name anybody: it holds for everybody, so that somebody is asked."""
    return any(isinstance(other, Unreadable) or same_name(name, other) for other in banned)


def may_permit(day: date, today: date) -> bool:
    """Whether a permission of one day may be given today for `day`."""
    return today <= day <= today + PERMITTED_AHEAD


def moved(ids: Sequence[int], one: int, *, up: bool) -> tuple[int, ...]:
    """The ids with `one` a place higher or lower; as they were when it is at the end, or not there."""
    order = list(ids)
    if one not in order:
        return tuple(order)
    here = order.index(one)
    there = here - 1 if up else here + 1
    if 0 <= there < len(order):
        order[here], order[there] = order[there], order[here]
    return tuple(order)


def asked_years(day: date) -> tuple[int, ...]:
    """School years whose authorisations are asked on `day`: this one, and in summer the next as well."""
    year = school_year_of(day)
    return (year, year + 1) if NEXT_YEAR_ASKED_FROM <= day.month <= 8 else (year,)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of one home; `from_hour` when the authorisation is given from an hour."""

    given: bool
    from_hour: time | None = None


def settled(answers: Iterable[Answer]) -> Answer | None:
    """What holds of the answers of a child's homes: None is "not answered".

    The more careful counts: a no of one home is a no, and of two hours the later.
    """
    known = tuple(answers)
    if not known:
        return None
    if not all(answer.given for answer in known):
        return Answer(given=False)
    hours = [answer.from_hour for answer in known if answer.from_hour is not None]
    return Answer(given=True, from_hour=max(hours, default=None))


def purge_day(last_days: Iterable[date], written: date, months: int, months_alone: int) -> date:
    """First day on which a health sheet is to go.

    `last_days` are those of the child's enrolments that are over (none is live), `written` is when the sheet
    was last written. `months` after the end; a sheet written since then, or for a child never enrolled, waits
    `months_alone` for a request.
    """
    end = max(last_days, default=None)
    if end is not None and written <= end:
        return months_after(end, months) + timedelta(days=1)
    return months_after(written, months_alone) + timedelta(days=1)
