"""Who may book by the day, in French words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.conditions import Condition, ConditionKind
from marelle.core.french import join_and


def months_text(months: int) -> str:
    """ "18 mois", "12 ans": a bound of age, in months, as people say it."""
    years, rest = divmod(months, 12)
    if months < 24 and rest != 11:
        return _("%(n)d mois") % {"n": months}
    return ngettext("%(n)d an", "%(n)d ans", years) % {"n": years}


def _age(condition: Condition) -> str:
    first, last = condition.min_months, condition.max_months
    if last is None:
        return _("à partir de %(age)s le jour même") % {"age": months_text(first or 0)}
    if first is None:
        return _("jusqu’à %(age)s le jour même") % {"age": months_text(last)}
    ages = {"first": months_text(first), "last": months_text(last)}
    return _("de %(first)s à %(last)s le jour même") % ages


def _level(condition: Condition) -> str:
    return _("en %(levels)s") % {"levels": join_and(condition.levels)}


def _school(condition: Condition) -> str:
    return _("pour %(schools)s") % {"schools": join_and([name for _pk, name in condition.schools])}


def _paper(condition: Condition) -> str:
    return _("« %(title)s » valable ce jour-là") % {"title": condition.paper_title}


TEXTS: Final[Mapping[ConditionKind, Callable[[Condition], str]]] = {
    ConditionKind.AGE: _age,
    ConditionKind.LEVEL: _level,
    ConditionKind.SCHOOL: _school,
    ConditionKind.PAPER: _paper,
}


def asked_text(conditions: Iterable[Condition], kind: ConditionKind) -> str:
    """What these rows ask of one kind: "à partir de 6 ans le jour même"."""
    return join_and([TEXTS[kind](one) for one in conditions if kind in one.asks])


def condition_label(condition: Condition, slots: Mapping[int, str]) -> str:
    """All that a row asks, and of which slots, named by `slots`, where it is of some alone."""
    asked = [TEXTS[kind](condition) for kind in ConditionKind if kind in condition.asks]
    names = [_("« %s »") % slots[pk] for pk in slots if pk in condition.slots]
    told = ", ".join(asked)
    told = told[:1].upper() + told[1:]
    return told + (_(" (%(slots)s)") % {"slots": join_and(names)} if names else "")
