"""Requests in French: the page of one request, places of the wished days."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marelle.agents.desk.facts import Fact, bills_fact, enrolled_text, health_fact, papers_fact, told
from marelle.core.french import day_plain, instant_long_year, month_text, range_sentence
from marelle.enrolments.labels import answer_pairs, passed_text, wishes_text
from marelle.enrolments.models import Enrolment
from marelle.enrolments.selectors import Request
from marelle.families.incomes.labels import told_text
from marelle.families.labels import age_text
from marelle.flows.desk.case_file import CaseFile


def title(found: Request) -> str:
    person, birth = found.enrolment.person, found.enrolment.person.birth_date
    age = f", {age_text(birth, found.age_day)}" if birth else ""
    groups = {group.pk: group.name for group in found.enrolment.activity.groups.all()}
    group = groups.get(found.group_id or 0, "")
    said = {"who": f"{person}{age}", "activity": found.enrolment.activity.name, "group": group}
    if not group:
        return _("%(who)s → %(activity)s") % said
    return _("%(who)s → %(activity)s, groupe %(group)s") % said


def settled(found: Request) -> str:
    """Of an enrolment that nobody asked for, as those that the structure makes: what it is and since when."""
    enrolment = found.enrolment
    if found.case is not None or enrolment.state == Enrolment.State.REQUESTED:
        return ""
    state = _("Cette inscription est %(state)s.") % {"state": enrolment.get_state_display()}
    if enrolment.decided_at is None:
        return state
    told = {"who": enrolment.decided_by, "at": instant_long_year(enrolment.decided_at)}
    return f"{state} {_('Décidée le %(at)s par %(who)s.') % told}"


def facts(found: Request, file: CaseFile) -> list[Fact]:
    """What the family wishes, then what the decision needs to know of it."""
    enrolment = found.enrolment
    wishes = wishes_text(enrolment, {slot.pk: slot for slot in enrolment.activity.slots.all()})
    siblings = enrolled_text(found.siblings)
    dates = range_sentence(enrolment.starts_on, enrolment.ends_on)
    return told(
        [
            Fact(_("Souhait"), f"{wishes or _('aucun jour précisé')}, {dates}"),
            *(Fact(question, answer) for question, answer in answer_pairs(enrolment)),
            Fact(_("Précision"), enrolment.comment),
            Fact(_("Dérogation"), passed_text(enrolment.derogation, enrolment.passed.split())),
            _age(found),
            _family(found, file),
            papers_fact(file.papers),
            bills_fact(file.overdue),
            health_fact(file.signs, enrolment.person_id),
            Fact(_("Fratrie"), siblings or _("aucune inscription connue ici")),
            Fact(_("École"), _school(found)),
        ]
    )


def _age(found: Request) -> Fact:
    birth = found.enrolment.person.birth_date
    if birth is None:
        return Fact(_("Âge"))
    day = _("le %(day)s, jour où l’âge compte") % {"day": day_plain(found.age_day)}
    return Fact(_("Âge"), age_text(birth, found.age_day), note=day)


def _family(found: Request, file: CaseFile) -> Fact:
    """Who asked, where the home lives, and its income with its date for who may see it."""
    words = [str(found.enrolment.requested_by), file.city]
    if found.quotient is None:
        return Fact(_("Famille"), " · ".join([*(word for word in words if word), _("QF inconnu")]))
    words.append(_("QF\u00a0%(amount)s") % {"amount": told_text(found.quotient)})
    since = _("(%(month)s, %(source)s)")
    note = since % {"month": month_text(found.quotient.since), "source": found.quotient.source}
    return Fact(_("Famille"), " · ".join(word for word in words if word), note=note)


def _school(found: Request) -> str:
    if found.schooling is None:
        return _("inconnue")
    parts = [found.schooling.school.name, found.schooling.level, found.schooling.teacher]
    return ", ".join(part for part in parts if part)
