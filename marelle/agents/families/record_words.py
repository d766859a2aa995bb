"""What an agent's form on a file would replace, in French."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from marelle.core.french import day_plain
from marelle.families.fields import BY_CODE, Diet
from marelle.families.file.labels import value_text
from marelle.families.file.records import Record
from marelle.families.labels import custody_text
from marelle.families.models import CustodyPeriod, Person, Schooling
from marelle.families.rules import CustodyHolidays, CustodyWeeks

FIELDS = {Record.ADDRESS: "home.address", Record.SCHOOL: "child.school"}


def record_text(kind: Record, held: Mapping[str, str], schools: Mapping[int, str]) -> str:
    """ "3 rue des Lilas, 21999 Arelle, depuis le 1er septembre 2026"; "" for nothing."""
    if not held:
        return ""
    if kind is Record.CUSTODY:
        return _custody(*held["pattern"].split(" "), since=date.fromisoformat(held["since"]))
    if kind is Record.DEPARTURE:
        return _("parti le %(day)s") % {"day": day_plain(date.fromisoformat(held["left_on"]))}
    return value_text(BY_CODE[FIELDS[kind]], held, schools)


def child_lines(
    person: Person, schooling: Schooling | None, custody: CustodyPeriod | None
) -> tuple[str, ...]:
    """School and class, meals, and weeks of a child, each on its line: those that are known."""
    school = (
        ", ".join(filter(None, (str(schooling.school), schooling.level, schooling.teacher)))
        if schooling
        else ""
    )
    meals = _("Repas : %(diet)s") % {"diet": Diet(person.diet).label} if person.diet else ""
    weeks = _custody(custody.weeks, custody.holidays, since=custody.since) if custody else ""
    return tuple(filter(None, (school, meals, weeks)))


def _custody(weeks: str, holidays: str, *, since: date) -> str:
    told = custody_text(CustodyWeeks(weeks), CustodyHolidays(holidays))
    return _("%(told)s, depuis le %(since)s") % {"told": told, "since": day_plain(since)}
