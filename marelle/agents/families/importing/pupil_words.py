"""The list of a school in French: what it would note, of whom to ask, who is on it and unknown here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from marelle.agents.activities.year.copy_words import year_text
from marelle.agents.families.importing import words as file_words
from marelle.agents.families.importing.pupil_forms import ConfirmForm
from marelle.agents.families.importing.words import ImportLine
from marelle.core.french import day_plain, instant_long_year, join_and
from marelle.families.file.reading import school_names
from marelle.families.imports.choosing import words_open
from marelle.families.imports.drafts import headings_unread
from marelle.families.imports.pupil_lines import Listed
from marelle.families.imports.pupil_matches import NOBODY, Child, Class, Fate, Found, Leaver, Plan, Question
from marelle.families.models import Family, PupilList
from marelle.families.rules import LEVELS
from marelle.flows.year.pupils.report import Report, same_before
from marelle.places.rules import school_year_days

State = PupilList.State
WHY = {
    "unknown": _lazy("inconnu du portail"),
    "unanswered": _lazy("sans réponse : plusieurs enfants possibles"),
}


class Row(NamedTuple):
    """A child with what is said of it, and the file that its name opens; `ticked` where the agent chooses."""

    id: int
    name: str
    told: str
    family_id: int
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    title: str
    rows: tuple[Row, ...]


def list_line(row: PupilList) -> ImportLine:
    told = {"at": instant_long_year(row.done_at or row.prepared_at), "who": row.prepared_by}
    detail = " · ".join((title_of(row), _("le %(at)s, par %(who)s") % told))
    if row.state == State.PREPARED:
        return ImportLine(row.pk, row.file_name, detail, _("à vérifier"), "warn")
    return ImportLine(row.pk, row.file_name, detail, *noted(row.counts))


def title_of(row: PupilList) -> str:
    """ "École des Tilleuls, 2026-2027"."""
    return ", ".join((row.school.name if row.school else _("Plusieurs écoles"), year_text(row.school_year)))


def noted(counts: Mapping[str, int]) -> tuple[str, str]:
    """How many classes it noted, or who left where it noted none, with a tone."""
    n, left = counts.get("noted", 0) + counts.get("changed", 0), counts.get("left", 0)
    if n:
        return ngettext("%(n)d classe notée", "%(n)d classes notées", n) % {"n": n}, "ok"
    if left:
        return ngettext("%(n)d départ noté", "%(n)d départs notés", left) % {"n": left}, "ok"
    return _("rien à noter"), "plain"


def left_on(row: PupilList, day: date) -> date:
    """The last day proposed: that of the year before, or today once the year runs."""
    return max(school_year_days(row.school_year - 1)[1], min(day, school_year_days(row.school_year)[1]))


def run_page(row: PupilList, found: Report, form: ConfirmForm) -> dict[str, Any]:
    plan, schools = found.plan, school_names()
    several = len({one.listed.school_id for one in plan.found}) > 1
    written = plan.of(Fate.UP, Fate.REPEATS, Fate.ARRIVES)
    changed = plan.of(Fate.CHANGED)
    before = same_before(row)
    problems = file_words.problem_texts(found.problems)
    unread = headings_unread(row.headings, row.columns)
    return {
        "run": row,
        "title": title_of(row),
        "counts": _counts(plan, len(written)),
        "levels": _levels(written, schools, several=several),
        "changed": [_changed(one, schools, form) for one in changed],
        "leavers": [_leaver(one, schools, form, whole=plan.is_whole) for one in plan.leavers],
        "is_whole": plan.is_whole,
        "questions": bool(plan.asked),
        "unknown": [listed_text(one, schools) for one in plan.unknown],
        "own": join_and([one.child.name for one in plan.of(Fate.OWN)]),
        "waits": bool(words_open(row, found.asked)),
        "asked": bool(found.asked),
        "problems": problems[: file_words.SHOWN],
        "beyond": max(0, len(problems) - file_words.SHOWN),
        "unread": join_and([f"«\u00a0{one}\u00a0»" for one in unread]),
        "already": _("Cette même liste a déjà été prise en compte le %(at)s.")
        % {"at": instant_long_year(before.done_at)}
        if before is not None and before.done_at is not None
        else "",
    }


def done_page(row: PupilList, aside: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    counts, schools = row.counts, school_names()
    lines = (
        (_("Classes notées"), counts.get("noted", 0)),
        (_("Classes corrigées"), counts.get("changed", 0)),
        (_("Déjà notées, laissées comme elles sont"), counts.get("same", 0)),
        (_("Départs de l’école notés"), counts.get("left", 0)),
        (_("Inconnus du portail"), counts.get("unknown", 0)),
        (_("Sans réponse"), counts.get("unanswered", 0)),
        (_("De votre propre dossier, laissés à une autre personne"), counts.get("own", 0)),
        (_("Lignes à corriger"), counts.get("wrong", 0)),
    )
    return {
        "run": row,
        "title": title_of(row),
        "detail": list_line(row).detail,
        "counts": [(label, str(n)) for label, n in lines if n],
        "aside": [
            (listed_text(_listed(one), schools), str(WHY[one["why"]]))
            for one in sorted(aside, key=lambda one: str(one["why"]), reverse=True)
        ],
    }


def answer_questions(asked: Iterable[Question]) -> list[tuple[int, str, list[tuple[str, str]], str]]:
    """Each pupil who may be several children, with who they are and what was said."""
    questions = list(asked)
    ids = {family_id for one in questions for child in one.children for family_id in child.family_ids}
    homes = Family.objects.in_bulk(ids)
    found = []
    for one in questions:
        choices = [(str(child.id), _candidate(child, homes)) for child in one.children]
        choices.append((str(NOBODY), _("Aucun de ces enfants : inconnu du portail")))
        said = "" if one.answer is None else str(one.answer)
        found.append((one.listed.line, _asked_text(one.listed), choices, said))
    return found


def aside_rows(aside: Iterable[Mapping[str, Any]]) -> list[list[object]]:
    """The pupils of whom nothing is noted as a table."""
    schools = school_names()
    head: list[object] = [
        _("Ligne"), _("Nom"), _("Nom d’usage"), _("Prénom"), _("Date de naissance"), _("École"), _("Niveau"),
        _("Classe de"), _("Pourquoi"),
    ]  # fmt: skip
    rows: list[list[object]] = [
        [
            one["line"],
            one["last_name"],
            one["usage_name"],
            one["first_name"],
            date.fromisoformat(one["birth_date"]).strftime("%d/%m/%Y"),
            schools.get(one["school_id"], ""),
            one["level"],
            one["teacher"],
            WHY[one["why"]],
        ]
        for one in aside
    ]
    return [head, *rows]


def listed_text(one: Listed, schools: Mapping[int, str]) -> str:
    """ "Emma Petit, 12 mars 2018 · CE1, Mme Pommier · École des Tilleuls"."""
    parts = (pupil_text(one), _class(one.level, one.teacher), schools.get(one.school_id, ""))
    return " · ".join(filter(None, parts))


def pupil_text(one: Listed) -> str:
    name = f"{one.first_name} {one.last_name}"
    if one.usage_name:
        name = _("%(name)s (%(usage)s)") % {"name": name, "usage": one.usage_name}
    return _("%(name)s, né(e) le %(day)s") % {"name": name, "day": day_plain(one.birth_date)}


def _counts(plan: Plan, written: int) -> list[tuple[str, str]]:
    lines = (
        (_("Classes à noter"), written),
        (_("Classes différentes de celles notées"), len(plan.of(Fate.CHANGED))),
        (_("Classes déjà notées"), len(plan.of(Fate.SAME))),
        (_("Élèves à reconnaître"), sum(one.answer is None for one in plan.asked)),
        (_("Ne sont plus sur la liste"), len(plan.leavers)),
        (_("Inconnus du portail"), len(plan.unknown)),
    )
    return [(label, str(n)) for label, n in lines if n]


def _levels(written: Sequence[Found], schools: Mapping[int, str], *, several: bool) -> list[Level]:
    found = []
    for level in LEVELS:
        rows = tuple(
            Row(one.child.id, one.child.name, _moved(one, schools, several=several), one.child.family_ids[0])
            for one in written
            if one.listed.level == level
        )
        if rows:
            title = ngettext("%(level)s : %(n)d enfant", "%(level)s : %(n)d enfants", len(rows))
            found.append(Level(title % {"level": level, "n": len(rows)}, rows))
    return found


def _moved(one: Found, schools: Mapping[int, str], *, several: bool) -> str:
    before = one.child.before
    now = _class(one.listed.level, one.teacher)
    if one.fate is Fate.REPEATS:
        told = _("%(now)s, redouble") % {"now": now}
    elif one.fate is Fate.UP and before is not None:
        told = _("%(before)s → %(now)s") % {"before": before.level, "now": now}
    elif before is not None:
        school = schools.get(before.school_id, "")
        told = _("%(now)s, vient de %(school)s") % {"now": now, "school": school}
    else:
        told = _("%(now)s, sans classe notée avant") % {"now": now}
    return " · ".join((told, schools.get(one.listed.school_id, ""))) if several else told


def _changed(one: Found, schools: Mapping[int, str], form: ConfirmForm) -> Row:
    held = one.child.now
    before = _held(held, schools) if held is not None else ""
    after = ", ".join((schools.get(one.listed.school_id, ""), _class(one.listed.level, one.teacher)))
    ticked = one.child.id in form.ticked("change") if form.is_bound else True
    told = _("noté : %(before)s ; sur la liste : %(after)s") % {"before": before, "after": after}
    return Row(one.child.id, one.child.name, told, one.child.family_ids[0], ticked)


def _leaver(one: Leaver, schools: Mapping[int, str], form: ConfirmForm, *, whole: bool) -> Row:
    told = ", ".join((_held(one.row, schools), year_text(one.school_year)))
    ticked = one.child.id in form.ticked("left") if form.is_bound else whole
    return Row(one.child.id, one.child.name, told, one.child.family_ids[0], ticked)


def _held(held: Class, schools: Mapping[int, str]) -> str:
    told = ", ".join((schools.get(held.school_id, ""), _class(held.level, held.teacher)))
    return (
        _("%(told)s, jusqu’au %(day)s") % {"told": told, "day": day_plain(held.until)} if held.until else told
    )


def _class(level: str, teacher: str) -> str:
    return ", ".join(filter(None, (level, teacher)))


def _asked_text(one: Listed) -> str:
    told = {"pupil": pupil_text(one), "level": one.level, "line": one.line}
    return _("%(pupil)s, %(level)s (ligne %(line)d) : qui est-ce ?") % told


def _candidate(child: Child, homes: Mapping[int, Family]) -> str:
    files = [homes[pk] for pk in child.family_ids if pk in homes]
    told = {
        "name": child.name,
        "day": day_plain(child.birth_date),
        "homes": join_and([f"{one.name}, n° {one.number}" for one in files]),
    }
    return _("%(name)s, né(e) le %(day)s (dossier %(homes)s)") % told


def _listed(one: Mapping[str, Any]) -> Listed:
    told = {name: one[name] for name in one if name != "why"}
    return Listed(**{**told, "birth_date": date.fromisoformat(one["birth_date"])})
