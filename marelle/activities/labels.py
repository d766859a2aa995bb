"""Booking rules in French words, for the screens where agents set them and families read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import time

from django.utils.translation import gettext, ngettext

from marelle.activities.models import Activity
from marelle.activities.rules import After, Counting, Limit, LimitKind, Rule
from marelle.core.french import day_number, instant_long_year, range_sentence, time_long, weekday_name


def names_apart(activities: Iterable[Activity]) -> dict[int, str]:
    """By id, the name; with its days where two of a structure have the same one, of two years as a rule."""
    rows = list(activities)
    same = Counter((row.structure_id, row.name) for row in rows)
    return {row.pk: row.name if same[row.structure_id, row.name] == 1 else _with_days(row) for row in rows}


def _with_days(activity: Activity) -> str:
    return f"{activity.name}, {range_sentence(activity.first_day, activity.last_day)}"


def limit_label(limit: Limit) -> str:
    """ "jusqu’au mardi de la semaine d’avant, 23 h 59": a limit for any opening, without a date."""
    match limit.kind:
        case LimitKind.START:
            return gettext("jusqu’au début")
        case LimitKind.WEEK_BEFORE:
            return _with_time(_week_before(limit.weekday or 0, limit.n), limit.time)
        case LimitKind.DAYS_BEFORE:
            return _with_time(_days_before(limit.n, limit.counting), limit.time)
        case LimitKind.HOURS_BEFORE:
            return ngettext("jusqu’à %(n)d heure avant", "jusqu’à %(n)d heures avant", limit.n) % {
                "n": limit.n
            }
        case LimitKind.MONTH_BEFORE:
            told = gettext("jusqu’au %(day)s du mois d’avant") % {"day": day_number(limit.n)}
            return _with_time(told, limit.time)
        case LimitKind.FIXED if limit.at is not None:
            return gettext("jusqu’au %(instant)s") % {"instant": instant_long_year(limit.at)}
        case _:
            return gettext("jamais en ligne")


def after_label(after: After) -> str:
    """What becomes of a request past the limit, as a line under the limit."""
    if after is After.LATE:
        return gettext("passé ce délai, la réservation est notée « tardive »")
    return gettext("passé ce délai, la réservation n’est plus possible en ligne")


def _with_time(told: str, hour: time | None) -> str:
    return told if hour is None else f"{told}, {time_long(hour)}"


def _week_before(weekday: int, weeks: int) -> str:
    data = {"weekday": weekday_name(weekday), "n": weeks}
    if weeks == 0:
        return gettext("jusqu’au %(weekday)s de la même semaine") % data
    if weeks == 1:
        return gettext("jusqu’au %(weekday)s de la semaine d’avant") % data
    return gettext("jusqu’au %(weekday)s, %(n)d semaines avant") % data


def _days_before(days: int, counting: Counting) -> str:
    if days == 0:
        return gettext("jusqu’au jour même")
    if counting is Counting.SCHOOL:
        told = ngettext("jusqu’au jour d’école précédent", "jusqu’à %(n)d jours d’école avant", days)
    elif counting is Counting.WEEKDAYS:
        told = ngettext(
            "jusqu’au jour précédent, du lundi au vendredi",
            "jusqu’à %(n)d jours avant, du lundi au vendredi",
            days,
        )
    else:
        told = ngettext("jusqu’à la veille", "jusqu’à %(n)d jours avant", days)
    return told % {"n": days}


def rule_lines(rule: Rule) -> list[str]:
    """A whole rule, one sentence a line."""
    found = [
        gettext("Réserver %(limit)s ; %(after)s.")
        % {"limit": limit_label(rule.book), "after": after_label(rule.after)},
        gettext("Annuler sans frais %(limit)s.") % {"limit": limit_label(rule.cancel)},
    ]
    if rule.opens_residents_at is not None:
        opens = gettext("Ouvert aux habitants le %(instant)s")
        others = gettext(", aux autres le %(instant)s")
        told = opens % {"instant": instant_long_year(rule.opens_residents_at)}
        if rule.opens_others_at is not None:
            told += others % {"instant": instant_long_year(rule.opens_others_at)}
        found.append(f"{told}.")
    elif rule.opens_others_at is not None:
        told = gettext("Ouvert aux habitants depuis toujours, aux autres le %(instant)s.")
        found.append(told % {"instant": instant_long_year(rule.opens_others_at)})
    if rule.absence_proof_hours is not None:
        told = ngettext(
            "Un justificatif d’absence est reçu jusqu’à %(n)d heure après le début.",
            "Un justificatif d’absence est reçu jusqu’à %(n)d heures après le début.",
            rule.absence_proof_hours,
        )
        found.append(told % {"n": rule.absence_proof_hours})
    return found
