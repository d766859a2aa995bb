"""Ages, links and custody patterns in French words."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext, ngettext

from marelle.core.french import day_plain
from marelle.core.phones import phone_text
from marelle.families.rules import CustodyHolidays, CustodyWeeks, age_in_months
from marelle.families.telephones import Way

MONTHS_TOLD = 24
"""Below this age, in months, people count in months."""


def age_text(birth: date, day: date) -> str:
    """ "14 mois", "7 ans": the age on `day`."""
    months = max(0, age_in_months(birth, day))
    if months < MONTHS_TOLD:
        return gettext("%(n)d mois") % {"n": months}
    return ngettext("%(n)d an", "%(n)d ans", months // 12) % {"n": months // 12}


def birth_text(birth: date | None, expected_on: date | None, day: date) -> str:
    """ "7 ans" for who is born, "naissance prévue le…" for who is not; else nothing."""
    if birth is not None:
        return age_text(birth, day)
    if expected_on is not None:
        return gettext("naissance prévue le %(day)s") % {"day": day_plain(expected_on)}
    return ""


def way_text(way: Way) -> str:
    """ "06 39 98 10 01", "01 39 98 10 02 (travail)"."""
    told = phone_text(way.number)
    return gettext("%(phone)s (travail)") % {"phone": told} if way.at_work else told


def custody_text(weeks: CustodyWeeks, holidays: CustodyHolidays) -> str:
    """ "Les semaines paires ; pendant les vacances, la première moitié"."""
    told = {
        CustodyWeeks.ALL: gettext("Toutes les semaines"),
        CustodyWeeks.EVEN: gettext("Les semaines paires"),
        CustodyWeeks.ODD: gettext("Les semaines impaires"),
    }[weeks]
    half = {
        CustodyHolidays.SAME_AS_WEEKS: "",
        CustodyHolidays.FIRST_HALF: gettext("la première moitié"),
        CustodyHolidays.SECOND_HALF: gettext("la seconde moitié"),
        CustodyHolidays.FIRST_HALF_EVEN_YEARS: gettext(
            "la première moitié les années paires, la seconde les années impaires"
        ),
        CustodyHolidays.FIRST_HALF_ODD_YEARS: gettext(
            "la première moitié les années impaires, la seconde les années paires"
        ),
    }[holidays]
    if not half:
        return gettext("%(weeks)s, vacances comprises") % {"weeks": told}
    return gettext("%(weeks)s ; pendant les vacances, %(half)s") % {"weeks": told, "half": half}
