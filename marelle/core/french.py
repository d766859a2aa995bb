"""Dates, hours and lists in words, as screens and mails write them.

French is the source language; every sentence goes through gettext. Instants are told on the clocks of
Paris, days as they are. Hours and amounts never break over a line. Nothing is escaped: texts here hold no
markup, and templates escape what they print.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from django.utils.translation import get_language, gettext, gettext_noop, ngettext

from marelle.core.clock import is_just_before, local, named

WEEKDAYS = (
    gettext_noop("lundi"),
    gettext_noop("mardi"),
    gettext_noop("mercredi"),
    gettext_noop("jeudi"),
    gettext_noop("vendredi"),
    gettext_noop("samedi"),
    gettext_noop("dimanche"),
)
SHORT_WEEKDAYS = (
    gettext_noop("lun."),
    gettext_noop("mar."),
    gettext_noop("mer."),
    gettext_noop("jeu."),
    gettext_noop("ven."),
    gettext_noop("sam."),
    gettext_noop("dim."),
)
MONTHS = (
    gettext_noop("janvier"),
    gettext_noop("février"),
    gettext_noop("mars"),
    gettext_noop("avril"),
    gettext_noop("mai"),
    gettext_noop("juin"),
    gettext_noop("juillet"),
    gettext_noop("août"),
    gettext_noop("septembre"),
    gettext_noop("octobre"),
    gettext_noop("novembre"),
    gettext_noop("décembre"),
)
SHORT_MONTHS = (
    gettext_noop("janv."),
    gettext_noop("févr."),
    gettext_noop("mars"),
    gettext_noop("avr."),
    gettext_noop("mai"),
    gettext_noop("juin"),
    gettext_noop("juil."),
    gettext_noop("août"),
    gettext_noop("sept."),
    gettext_noop("oct."),
    gettext_noop("nov."),
    gettext_noop("déc."),
)

WEEK = timedelta(days=7)

ARTICLES = {
    **dict.fromkeys(("communaute", "commune", "mairie", "metropole", "ville"), "la "),
    **dict.fromkeys(("ccas", "centre", "cias", "departement", "sirp", "sivom", "sivu", "syndicat"), "le "),
    **dict.fromkeys(("agglomeration", "association", "etablissement"), "l’"),
}
"""By the first word of an authority's name; that of a village alone takes none."""

_ELIDES = re.compile(
    r"[aeiouœæ]|y(?![aeiouy])\w"
    r"|(?:hadrien|harmonie|hector|helena|helene|helie|heloise|henri|henriette|herbert|hercule|hermance|hermine"
    r"|hermione|herve|hilaire|hilarion|hippolyte|homere|honore|honorine|horace|hortense|hubert|hugolin|hugues"
    r"|huguette|humbert|hyacinthe)\b"
)
"""Before what "de" and "que" drop their vowel: "y" is one before a consonant alone, and the first names whose
"h" is mute are named, since no rule tells it from the letters."""

_SPACING = re.compile(r"[^\S\u00a0\u202f]+")

DAYS_NAMED_BY_WEEKDAY = range(2, 7)
"""Days ahead at which a weekday alone cannot be mistaken: tomorrow has its own word, and in seven days the
name is that of today."""


def weekday_name(weekday: int) -> str:
    """ "mardi"; `weekday` counts from Monday = 0."""
    return gettext(WEEKDAYS[weekday])


def day_number(number: int) -> str:
    """ "1er", "2"… : the number of a day in its month."""
    return gettext("1er") if number == 1 else str(number)


def days_numbers(days: Iterable[date]) -> str:
    """ "le 4", "les 4, 11 et 18": days of one month."""
    numbers = [day_number(day.day) for day in sorted(days)]
    return ngettext("le %s", "les %s", len(numbers)) % join_and(numbers)


def days_text(days: Iterable[date]) -> str:
    """ "le 4 novembre 2026", "les 4 et 18 novembre 2026"; of several months, each by its name."""
    return join_and([f"{days_numbers(them)} {month_text(them[0])}" for them in _by_month(days)])


def days_named(days: Iterable[date]) -> str:
    """ "les 4 et 18 novembre et le 2 décembre", where the year is plain."""
    return join_and([f"{days_numbers(them)} {month_name(them[0])}" for them in _by_month(days)])


def days_in(days: Collection[date], month: date) -> str:
    """On what is of `month`, whose name is plain: "les 4 et 18"; days of another say which, by its name."""
    if all(day.replace(day=1) == month for day in days):
        return days_numbers(days)
    return days_named(days) if all(day.year == month.year for day in days) else days_text(days)


def _by_month(days: Iterable[date]) -> list[list[date]]:
    return [list(them) for _first, them in groupby(sorted(days), key=lambda day: day.replace(day=1))]


def day_long(day: date) -> str:
    """ "mardi 8 septembre"."""
    return _day_long(day, get_language())


def day_long_year(day: date) -> str:
    """ "mardi 8 septembre 2026"."""
    return f"{day_long(day)} {day.year}"


def day_plain(day: date) -> str:
    """ "8 septembre 2026", without the name of the day."""
    return f"{_day_and_month(day)} {day.year}"


def day_short(day: date) -> str:
    """ "mar. 8"."""
    return f"{gettext(SHORT_WEEKDAYS[day.weekday()])} {day_number(day.day)}"


def day_compact(day: date, *, named: bool = False) -> str:
    """ "2 déc.", "mer. 2 déc." when `named`: for the head of a narrow column."""
    number = day_short(day) if named else day_number(day.day)
    return f"{number} {gettext(SHORT_MONTHS[day.month - 1])}".replace(" ", "\u00a0")


def days_compact(days: Iterable[date]) -> str:
    """ "3, 5, 6 nov.", "29 oct., 2, 3 nov.": days of one year, for a narrow column."""
    told = [
        ", ".join([*(day_number(day.day) for day in them[:-1]), day_compact(them[-1])])
        for _month, group in groupby(sorted(days), key=lambda day: (day.year, day.month))
        for them in [list(group)]
    ]
    return ", ".join(told)


def month_name(day: date) -> str:
    """ "septembre", where the year is plain."""
    return gettext(MONTHS[day.month - 1])


def month_text(day: date) -> str:
    """ "septembre 2026": the month that holds `day`."""
    return f"{gettext(MONTHS[day.month - 1])} {day.year}"


def time_text(hour: time) -> str:
    """ "18 h", "12 h 30": as short as can be, for cells and lists."""
    return time_long(hour) if hour.minute else gettext("%(hour)d\u00a0h") % {"hour": hour.hour}


def time_long(hour: time) -> str:
    """ "18 h 00": for limits, where the minute counts."""
    return gettext("%(hour)d\u00a0h\u00a0%(minute)02d") % {"hour": hour.hour, "minute": hour.minute}


def time_exact(instant: datetime) -> str:
    """ "18 h 00 min 07 s": where a minute is all there is."""
    there = local(instant)
    told = {"time": time_long(there.time()), "seconds": there.second}
    return gettext("%(time)s\u00a0min\u00a0%(seconds)02d\u00a0s") % told


def hours_text(start: time, end: time) -> str:
    """ "8 h 30 – 12 h"."""
    return f"{time_text(start)} – {time_text(end)}"


def instant_long(instant: datetime) -> str:
    """ "mardi 8 septembre à 23 h 59"."""
    there = named(instant)
    return _at(day_long(there.date()), there.time())


def instant_long_year(instant: datetime) -> str:
    """ "mardi 8 septembre 2026 à 23 h 59"."""
    there = named(instant)
    return _at(day_long_year(there.date()), there.time())


def until_long(limit: datetime) -> str:
    """ "jusqu’au mardi 8 septembre à 23 h 59": the minute named is the last that counts. "avant le mardi
    8 septembre à 18 h 00" for the last instant before it (see `core.clock.just_before`)."""
    return _until(limit, instant_long(limit))


def until_long_year(limit: datetime) -> str:
    """ "jusqu’au mardi 8 septembre 2026 à 23 h 59"."""
    return _until(limit, instant_long_year(limit))


def since_long(instant: datetime) -> str:
    """ "depuis le mardi 8 septembre à 23 h 59"."""
    return gettext("depuis le %(instant)s") % {"instant": instant_long(instant)}


def from_long(instant: datetime) -> str:
    """ "à partir du vendredi 21 août à 7 h 00"."""
    return gettext("à partir du %(instant)s") % {"instant": instant_long(instant)}


def until_short(limit: datetime, now: datetime, day: date | None = None) -> str:
    """The shortest clear words for a limit to come, for a cell.

    "jusqu’à ce soir 18 h", "jusqu’à demain 12 h", "jusqu’à mer. 18 h" within the week, else
    "jusqu’au 8 sept. 23 h 59"; "avant mer. 18 h" where the limit is the last instant before it. Both instants
    are aware. `day` is that of the cell: a weekday that comes again by then would be taken for the nearer
    one, and the date is said.
    """
    strict, there = is_just_before(limit), named(limit)
    again = day is not None and day - there.date() >= WEEK
    return _until_short(there.date(), there.time(), local(now).date(), again, strict, get_language())


def range_text(first: date, last: date) -> str:
    """ "30 novembre – 4 décembre 2026", both days included; what both share is said once."""
    return day_plain(last) if first == last else f"{_range_start(first, last)} – {day_plain(last)}"


def range_sentence(first: date, last: date) -> str:
    """ "du 30 novembre au 4 décembre 2026", both days included; "le 4 décembre 2026" for one day."""
    if first == last:
        return gettext("le %(day)s") % {"day": day_plain(last)}
    return gettext("du %(first)s au %(last)s") % {"first": _range_start(first, last), "last": day_plain(last)}


def number_text(number: int) -> str:
    """ "20 000", with a narrow no-break space."""
    return f"{number:,}".replace(",", "\u202f")


def euros_text(amount: Decimal) -> str:
    """An amount in euros, to the cent: "1 405,00 €", its spaces never broken over a line."""
    return f"{amount:,.2f} €".replace(",", "\u202f").replace(".", ",").replace(" ", "\u00a0")


def of_name(name: str) -> str:
    """ "de Zoé", "d’Inès", "d’Hélène"."""
    return f"d’{name}" if _ELIDES.match(_plain(name)) else f"de {name}"


def that_name(name: str) -> str:
    """ "que Zoé", "qu’Inès"."""
    return f"qu’{name}" if _ELIDES.match(_plain(name)) else f"que {name}"


def authority_text(name: str) -> str:
    """A "collectivité" within a sentence: "la Communauté de communes de Brise", "le SIVOM", "Arelle"."""
    return f"{ARTICLES.get(_plain(name).partition(' ')[0], '')}{name}"


def of_authority(name: str) -> str:
    """ "de la Communauté de communes", "du SIVOM", "d’Arelle"."""
    said = authority_text(name)
    article, _, rest = said.partition(" ")
    contracted = {"le": "du", "les": "des"}.get(article.lower())
    return f"{contracted} {rest}" if contracted else of_name(said)


def one_line(text: str) -> str:
    """A text on one line, a space where several signs of spacing were; its no-break spaces stay."""
    return _SPACING.sub(" ", text).strip(" ")


def join_and(items: Sequence[str]) -> str:
    """ "Zoé, Léo et Noé"; nothing for nothing."""
    if len(items) < 2:
        return "".join(items)
    return gettext("%(items)s et %(last)s") % {"items": ", ".join(items[:-1]), "last": items[-1]}


def quoted_or(names: Sequence[str]) -> str:
    """ "« Matin » ou « Journée »": one of them is enough."""
    quoted = [gettext("« %s »") % name for name in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return gettext("%(names)s ou %(last)s") % {"names": ", ".join(quoted[:-1]), "last": quoted[-1]}


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _at(day: str, hour: time) -> str:
    return gettext("%(day)s à %(time)s") % {"day": day, "time": time_long(hour)}


def _until(limit: datetime, instant: str) -> str:
    told = gettext("avant le %(instant)s") if is_just_before(limit) else gettext("jusqu’au %(instant)s")
    return told % {"instant": instant}


def _day_and_month(day: date) -> str:
    return f"{day_number(day.day)} {gettext(MONTHS[day.month - 1])}"


def _range_start(first: date, last: date) -> str:
    if first.year != last.year:
        return day_plain(first)
    return _day_and_month(first) if first.month != last.month else day_number(first.day)


@lru_cache(maxsize=1024)
def _day_long(day: date, _language: str | None) -> str:
    """A planning names the same days in hundreds of cells. `_language` keeps translations apart."""
    return f"{weekday_name(day.weekday())} {_day_and_month(day)}"


@lru_cache(maxsize=1024)
def _until_short(day: date, hour: time, today: date, again: bool, strict: bool, _language: str | None) -> str:
    """A planning says the same limit in many cells. `_language` keeps translations apart."""
    moment = _moment_short(day, hour, today, again=again)
    if moment is None:
        dated = f"{day_number(day.day)} {gettext(SHORT_MONTHS[day.month - 1])}"
        told = gettext("avant le %(day)s %(time)s") if strict else gettext("jusqu’au %(day)s %(time)s")
        return told % {"day": dated, "time": time_text(hour)}
    told = gettext("avant %(moment)s %(time)s") if strict else gettext("jusqu’à %(moment)s %(time)s")
    return told % {"moment": moment, "time": time_text(hour)}


def _moment_short(day: date, hour: time, today: date, *, again: bool) -> str | None:
    """The day in a word; None where it takes its date."""
    ahead = (day - today).days
    if ahead == 0:
        return _part_of_today(hour)
    if ahead == 1:
        return gettext("demain")
    if ahead in DAYS_NAMED_BY_WEEKDAY and not again:
        return gettext(SHORT_WEEKDAYS[day.weekday()])
    return None


def _part_of_today(hour: time) -> str:
    if hour.hour < 12:
        return gettext("ce matin")
    return gettext("aujourd’hui") if hour.hour < 18 else gettext("ce soir")
