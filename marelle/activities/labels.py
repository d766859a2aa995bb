"""Booking rules in French words, for the screens where agents set them and families read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final, assert_never

from django.utils.translation import gettext, gettext_lazy, ngettext

from marelle.activities.audiences import Audience, AudienceKind
from marelle.activities.models import Activity
from marelle.activities.rules import (
    After,
    Anchor,
    Counting,
    Judged,
    Limit,
    LimitKind,
    OffDay,
    Rule,
    Wave,
)
from marelle.core.french import (
    day_number,
    day_plain,
    instant_long_year,
    join_and,
    range_sentence,
    time_long,
    weekday_name,
)


def names_apart(activities: Iterable[Activity]) -> dict[int, str]:
    """By id, the name; with its days where two of a structure have the same one, of two years as a rule."""
    rows = list(activities)
    same = Counter((row.structure_id, row.name) for row in rows)
    return {row.pk: row.name if same[row.structure_id, row.name] == 1 else _with_days(row) for row in rows}


def _with_days(activity: Activity) -> str:
    return f"{activity.name}, {range_sentence(activity.first_day, activity.last_day)}"


def limit_label(limit: Limit) -> str:
    """ "jusqu’au mardi de la semaine d’avant, 23 h 59": a limit for any opening, without a date.

    "avant 10 h 00 la veille" where the minute said counts no more.
    """
    match limit.kind:
        case LimitKind.NEVER:
            return gettext("jamais en ligne")
        case LimitKind.START:
            return gettext("avant le début") if limit.strict else gettext("jusqu’au début")
        case LimitKind.HOURS_BEFORE:
            return _hours_before(limit)
        case LimitKind.FIXED:
            told = gettext("avant le %(instant)s") if limit.strict else gettext("jusqu’au %(instant)s")
            return told % {"instant": instant_long_year(limit.at) if limit.at else ""}
        case LimitKind.WEEK_BEFORE | LimitKind.DAYS_BEFORE | LimitKind.MONTH_BEFORE:
            return _day_and_hour(limit)
        case unknown:
            assert_never(unknown)


def _day_and_hour(limit: Limit) -> str:
    told, hour = _day_told(limit), time_long(limit.time) if limit.time else ""
    if limit.strict and told.startswith(("la ", "le ")):
        return gettext("avant %(hour)s %(day)s") % {"hour": hour, "day": told}
    if limit.strict:
        return gettext("avant %(hour)s, %(day)s") % {"hour": hour, "day": told}
    return gettext("%(until)s, %(hour)s") % {"until": _until(told), "hour": hour}


def after_label(after: After) -> str:
    """What becomes of a request past the limit, as a line under the limit."""
    if after is After.LATE:
        return gettext("passé ce délai, la réservation est notée « tardive »")
    if after is After.WAIT:
        return gettext("passé ce délai, la demande va sur la liste d’attente")
    return gettext("passé ce délai, la réservation n’est plus possible en ligne")


def _hours_before(limit: Limit) -> str:
    if limit.strict:
        told = ngettext("plus de %(n)d heure avant", "plus de %(n)d heures avant", limit.n)
    else:
        told = ngettext("jusqu’à %(n)d heure avant", "jusqu’à %(n)d heures avant", limit.n)
    return told % {"n": limit.n}


def _until(day: str) -> str:
    """ "le mardi" becomes "jusqu’au mardi"; "la veille" and "3 jours avant" take "jusqu’à"."""
    if day.startswith("le "):
        return gettext("jusqu’au %(day)s") % {"day": day.removeprefix("le ")}
    return gettext("jusqu’à %(day)s") % {"day": day}


def _day_told(limit: Limit) -> str:
    if limit.kind is LimitKind.MONTH_BEFORE:
        told = gettext("le %(day)s du mois d’avant") % {"day": day_number(limit.n)}
    elif limit.kind is LimitKind.WEEK_BEFORE:
        told = _week_before(limit.weekday or 0, limit.n)
    else:
        told = _anchored(limit)
    if limit.off_day is OffDay.BEFORE:
        told += gettext(" (le jour ouvré d’avant si c’est un jour fermé)")
    return told


def _anchored(limit: Limit) -> str:
    if limit.anchor is Anchor.DAY:
        return _days_before(limit.n, limit.counting)
    anchor = anchor_label(limit.anchor)
    if limit.n == 0 and limit.counting is not Counting.CLEAR:
        return anchor
    return gettext("%(days)s avant %(anchor)s") % {
        "days": days_counted(limit.n, limit.counting),
        "anchor": anchor,
    }


def _week_before(weekday: int, weeks: int) -> str:
    data = {"weekday": weekday_name(weekday), "n": weeks}
    if weeks == 0:
        return gettext("le %(weekday)s de la même semaine") % data
    if weeks == 1:
        return gettext("le %(weekday)s de la semaine d’avant") % data
    return gettext("le %(weekday)s, %(n)d semaines avant") % data


def _days_before(days: int, counting: Counting) -> str:
    if days == 0 and counting is not Counting.CLEAR:
        return gettext("le jour même")
    if days == 1 and counting is not Counting.CLEAR:
        return {
            Counting.CALENDAR: gettext("la veille"),
            Counting.SCHOOL: gettext("le jour d’école précédent"),
            Counting.WORKING: gettext("le jour ouvré précédent"),
            Counting.WEEKDAYS: gettext("le jour précédent, du lundi au vendredi"),
        }[counting]
    if counting is Counting.WEEKDAYS:
        return gettext("%(n)d jours avant, du lundi au vendredi") % {"n": days}
    return gettext("%(days)s avant") % {"days": days_counted(days, counting)}


def days_counted(days: int, counting: Counting) -> str:
    """ "2 jours d’école": so many days, as the rule counts them."""
    match counting:
        case Counting.CLEAR:
            told = ngettext("%(n)d jour franc", "%(n)d jours francs", days)
        case Counting.SCHOOL:
            told = ngettext("%(n)d jour d’école", "%(n)d jours d’école", days)
        case Counting.WORKING:
            told = ngettext("%(n)d jour ouvré", "%(n)d jours ouvrés", days)
        case Counting.WEEKDAYS:
            told = ngettext("%(n)d jour du lundi au vendredi", "%(n)d jours du lundi au vendredi", days)
        case Counting.CALENDAR:
            told = ngettext("%(n)d jour", "%(n)d jours", days)
    return told % {"n": days}


def anchor_label(anchor: Anchor) -> str:
    """The day that days are counted back from."""
    return {
        Anchor.DAY: gettext("le jour réservé"),
        Anchor.WEEK: gettext("le premier jour de la semaine"),
        Anchor.MONTH: gettext("le premier jour du mois"),
        Anchor.PERIOD: gettext("le premier jour de la période"),
    }[anchor]


def weekdays_label(weekdays: Collection[int]) -> str:
    """ "lundis et mardis"; "jours" for none, which is all."""
    return join_and([f"{weekday_name(number)}s" for number in sorted(weekdays)]) or gettext("jours")


def rule_name(rule: Rule) -> str:
    """Which of the dated rows it is: "délai des lundis depuis le 1ᵉʳ septembre 2026"."""
    told = {"days": weekdays_label(rule.weekdays), "since": day_plain(rule.since)}
    if rule.weekdays:
        return gettext("délai des %(days)s depuis le %(since)s") % told
    return gettext("délai depuis le %(since)s") % told


def rule_lines(rule: Rule) -> list[str]:
    """A whole rule, one sentence a line."""
    found = [
        gettext("Réserver %(limit)s ; %(after)s.")
        % {"limit": limit_label(rule.book), "after": after_label(rule.after)},
        gettext("Annuler sans frais %(limit)s.") % {"limit": limit_label(rule.cancel)},
    ]
    found += [f"{wave_label(wave)}." for wave in rule.waves]
    return found


AUDIENCES: Final = {
    AudienceKind.ALL: gettext_lazy("toutes les familles"),
    AudienceKind.RESIDENTS: gettext_lazy("les habitants"),
    AudienceKind.AGREEMENT: gettext_lazy("les communes conventionnées"),
    AudienceKind.COMMUNES: gettext_lazy("certaines communes"),
    AudienceKind.RETURNING: gettext_lazy("les enfants venus l’an dernier"),
    AudienceKind.SIBLINGS: gettext_lazy("les frères et sœurs d’enfants inscrits"),
    AudienceKind.SCHOOLS: gettext_lazy("certaines écoles"),
    AudienceKind.STAFF: gettext_lazy("les enfants du personnel"),
}


def audience_label(audience: Audience) -> str:
    """For whom; communes and schools are named where they are chosen."""
    return str(AUDIENCES[audience.kind])


def opening_label(opens: Limit | None) -> str:
    """From when bookings of any opening open: "le lundi, 6 semaines avant, 7 h 00"."""
    if opens is None:
        return gettext("depuis toujours")
    if opens.kind is LimitKind.FIXED and opens.at is not None:
        return gettext("le %(instant)s") % {"instant": instant_long_year(opens.at)}
    if opens.kind is LimitKind.HOURS_BEFORE:
        return ngettext("%(n)d heure avant", "%(n)d heures avant", opens.n) % {"n": opens.n}
    told = _day_told(opens)
    return f"{told}, {time_long(opens.time)}" if opens.time else told


def wave_label(wave: Wave) -> str:
    """ "S’ouvre le lundi 30 novembre 2026 à 7 h 00 pour les habitants"."""
    told = {"who": audience_label(wave.audience), "when": opening_label(wave.opens)}
    if wave.judged is Judged.AT_THE_WAVE:
        return gettext("S’ouvre %(when)s pour %(who)s à cette date") % told
    return gettext("S’ouvre %(when)s pour %(who)s") % told
