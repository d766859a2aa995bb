"""The lists of pupils that two schools gave: one done last week, one that waits for an agent."""

from __future__ import annotations

from datetime import datetime

from django.core.files.base import ContentFile
from django.db.models import Count

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.families.models import PupilList, Schooling
from marelle.flows.year.pupils.report import list_report
from marelle.flows.year.pupils.services import list_columns_set, list_prepare, list_write
from marelle.places.models import School
from marelle.places.rules import school_year_of

HEADINGS = "Nom élève;Prénom élève;Date naissance;Niveau;Nom enseignant"
NEWCOMER = "LACHENAL;MILO;{day:%d/%m/%Y};{level};{teacher}"


def list_pupils(
    office: Actor, schools: list[School], *, school_year: int, at: datetime, now: datetime
) -> None:
    """The first school's list is done at `at`, one of its pupils unknown; the second one's, of `now`, has a
    birth date mistyped besides, and one pupil fewer."""
    done = _prepared(office, schools[0], _lines(schools[0], school_year), school_year, at)
    seen = list_report(office, done, now=at).mark
    list_write(actor=office, list_id=done.pk, seen=seen, changed=(), left=(), left_on=None, now=at)
    lines = _lines(schools[1], school_year)
    last, first, birth, *rest = lines[1].split(";")
    mistyped = ";".join((last, first, f"{int(birth[:2]) % 28 + 1:02}{birth[2:]}", *rest))
    _prepared(office, schools[1], [lines[0], mistyped, *lines[3:]], school_year, now)


def write_list(office: Actor, now: datetime) -> None:
    """The list of the largest school, with a word that nobody but an agent understands."""
    school = School.objects.annotate(n=Count("pupils")).order_by("-n", "pk")[0]
    school_year = school_year_of(local(now).date())
    lines = [*_lines(school, school_year), "ROUX;ZELIE;01/02/2019;Les grands;"]
    _prepared(office, school, lines, school_year, now)


def _lines(school: School, school_year: int) -> list[str]:
    """Its pupils as the national export writes them, and one more."""
    rows = Schooling.objects.filter(school=school, school_year=school_year, child__birth_date__isnull=False)
    found = [
        f"{row.child.last_name.upper()};{row.child.first_name.upper()};{row.child.birth_date:%d/%m/%Y};"
        f"{row.level};{row.teacher}"
        for row in rows.select_related("child").order_by("level", "child__last_name", "child_id")
    ]
    some = rows.select_related("child").order_by("pk")[0]
    found.append(NEWCOMER.format(day=some.child.birth_date, level=some.level, teacher=some.teacher))
    return found


def _prepared(office: Actor, school: School, lines: list[str], school_year: int, now: datetime) -> PupilList:
    name = f"eleves-{school_year}-{local(now):%Y-%m-%d}.csv"
    content = "\r\n".join((HEADINGS, *lines)).encode("cp1252")
    row = list_prepare(actor=office, upload=ContentFile(content, name=name), now=now)
    return list_columns_set(
        actor=office,
        list_id=row.pk,
        school_year=school_year,
        school_id=school.pk,
        columns=row.columns,
        now=now,
    )
