"""What rules are made of, as a file says it: limits, waves, proofs, capacities, gauges of a slot, papers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final, NamedTuple

from yaml import SequenceNode

from marelle.activities.absences import Delay, Origin, Unit
from marelle.activities.audiences import Audience, AudienceKind
from marelle.activities.rules import (
    Anchor,
    Counting,
    Judged,
    Limit,
    LimitKind,
    OffDay,
    Wave,
)
from marelle.definitions.reading import UNREAD, At, Node, is_empty, key_plain, pairs
from marelle.definitions.values import (
    DAY,
    HOUR,
    INSTANT,
    WEEKDAY,
    YES_NO,
    Choice,
    Field,
    Mapped,
    Path,
    Plain,
    Reference,
    Several,
    Value,
    whole,
)
from marelle.papers.rules import Effect

EVERY_GROUP: Final = "tous"
"""The word for the gauges of a slot that count whatever the group."""

COUNTINGS: Final = {
    Counting.CALENDAR: "jours",
    Counting.CLEAR: "jours francs",
    Counting.WEEKDAYS: "jours de semaine",
    Counting.WORKING: "jours ouvrés",
    Counting.SCHOOL: "jours d’école",
}
KINDS: Final = {
    LimitKind.START: "le début",
    LimitKind.DAYS_BEFORE: "jours avant",
    LimitKind.HOURS_BEFORE: "heures avant",
    LimitKind.WEEK_BEFORE: "semaines avant",
    LimitKind.MONTH_BEFORE: "mois d’avant",
    LimitKind.FIXED: "date",
    LimitKind.NEVER: "jamais",
}

_AT: Final = (
    Field("nombre", "n", whole(), default=0),
    Field("jour", "weekday", WEEKDAY, default=None),
    Field("heure", "time", HOUR, default=None),
    Field("comptés en", "counting", Choice(COUNTINGS), default=Counting.CALENDAR),
    Field("date", "at", INSTANT, default=None),
    Field(
        "à compter de",
        "anchor",
        Choice(
            {
                Anchor.DAY: "ce jour",
                Anchor.WEEK: "sa semaine",
                Anchor.MONTH: "son mois",
                Anchor.PERIOD: "sa période",
            }
        ),
        default=Anchor.DAY,
    ),
    Field(
        "un jour fermé",
        "off_day",
        Choice({OffDay.KEPT: "compte", OffDay.BEFORE: "recule au jour ouvré d’avant"}),
        default=OffDay.KEPT,
    ),
)

LIMIT: Final = Mapped(
    (
        Field("limite", "kind", Choice(KINDS)),
        *_AT,
        Field("minute exclue", "strict", YES_NO, default=False),
    ),
    Limit,
)
"""`{limite: jours avant, nombre: 2, heure: 12:00}`; see `activities.rules.Limit`."""


class FileWave(NamedTuple):
    """A wave as a file says it: communes and schools by their keys."""

    kind: AudienceKind
    communes: tuple[Path, ...] = ()
    schools: tuple[Path, ...] = ()
    judged: Judged = Judged.ON_THE_DAY
    opens: Limit | None = None


AUDIENCES: Final = {
    AudienceKind.ALL: "tous",
    AudienceKind.RESIDENTS: "habitants",
    AudienceKind.AGREEMENT: "communes conventionnées",
    AudienceKind.COMMUNES: "communes",
    AudienceKind.RETURNING: "venus l’an dernier",
    AudienceKind.SIBLINGS: "frères et sœurs",
    AudienceKind.SCHOOLS: "écoles",
    AudienceKind.STAFF: "personnel",
    AudienceKind.NAMED: "enfants désignés",
}
AUDIENCES_OF_WAVES: Final = Choice({k: w for k, w in AUDIENCES.items() if k is not AudienceKind.NAMED})
WAVE: Final = Mapped(
    (
        Field("pour", "kind", AUDIENCES_OF_WAVES),
        Field("communes", "communes", Several(Reference("commune")), default=()),
        Field("écoles", "schools", Several(Reference("school")), default=()),
        Field(
            "jugés",
            "judged",
            Choice({Judged.ON_THE_DAY: "le jour réservé", Judged.AT_THE_WAVE: "à l’ouverture"}),
            default=Judged.ON_THE_DAY,
        ),
        Field("ouvre", "opens", LIMIT, default=None),
    ),
    FileWave,
)


def wave_held(wave: Wave) -> FileWave:
    """With ids in the place of keys."""
    ids = tuple(sorted(wave.audience.ids))
    return FileWave(
        wave.audience.kind,
        ids if wave.audience.kind is AudienceKind.COMMUNES else (),  # type: ignore[arg-type]
        ids if wave.audience.kind is AudienceKind.SCHOOLS else (),  # type: ignore[arg-type]
        wave.judged,
        wave.opens,
    )


def wave_made(wave: FileWave) -> Wave:
    """From one whose keys are ids."""
    ids: Any = (*wave.communes, *wave.schools)
    return Wave(wave.opens, Audience(wave.kind, frozenset(ids)), wave.judged)


PROOF: Final = Mapped(
    (
        Field("nombre", "n", whole()),
        Field(
            "de",
            "unit",
            Choice(
                {
                    Unit.HOURS: "heures",
                    Unit.CALENDAR: "jours",
                    Unit.WORKING: "jours ouvrés",
                    Unit.OPENED: "jours d’ouverture",
                }
            ),
        ),
        Field(
            "à compter de",
            "origin",
            Choice(
                {
                    Origin.START: "l’heure prévue",
                    Origin.DAY_END: "la fin du jour",
                    Origin.FIRST: "le premier jour",
                }
            ),
            default=Origin.START,
        ),
    ),
    Delay,
)


class Levels(Value):
    """Capacities from each day: ((day, places), …). A number alone, as (None, places), is that of today
    on."""

    def read(self, node: Node, at: At) -> Any:
        places = whole(0, 9_999)
        if not hasattr(node, "flow_style"):
            found = places.read(node, at)
            return UNREAD if found is UNREAD else ((None, found),)
        levels = []
        for key, word, value in pairs(node, at):
            day, number = DAY.read(key, at), places.read(value, at.under(word))
            levels.append((day, number))
        return UNREAD if any(UNREAD in one for one in levels) else tuple(sorted(levels))

    def write(self, value: Any) -> Plain:
        return {DAY.write(day): str(places) for day, places in value}


def levels_settled(
    wanted: tuple[tuple[date | None, int], ...], held: tuple[tuple[date, int], ...], today: date
) -> tuple[tuple[date, int], ...]:
    """A number alone, as capacities from a day: those held where they say the same from today on."""
    if len(wanted) != 1 or wanted[0][0] is not None:
        return tuple((day, places) for day, places in wanted if day is not None)
    places = wanted[0][1]
    begun = [level for level in held if level[0] <= today]
    if held and begun[-1:] == list(held[-1:]) and begun[-1][1] == places:
        return held
    kept = tuple(level for level in held if level[0] < today)
    return (*kept, (today, places))


class Draws(Value):
    """The gauges on which a slot draws: ((group or (), (gauges…)), …), by group, those for every group
    first."""

    def read(self, node: Node, at: At) -> Any:
        if is_empty(node) or not hasattr(node, "flow_style") or _is_list(node):
            found = GAUGES.read(node, at)
            return UNREAD if found is UNREAD else (((), found),) if found else ()
        draws = []
        for _key, word, value in pairs(node, at):
            gauges = GAUGES.read(value, at.under(word))
            group = () if key_plain(word) == EVERY_GROUP else (word,)
            draws.append((group, gauges))
        if any(gauges is UNREAD for _group, gauges in draws):
            return UNREAD
        return tuple(sorted(((group, gauges) for group, gauges in draws if gauges), key=repr))

    def write(self, value: Any) -> Plain:
        if len(value) == 1 and value[0][0] == ():
            return GAUGES.write(value[0][1])
        return {group[-1] if group else EVERY_GROUP: GAUGES.write(gauges) for group, gauges in value}

    def mapped(self, value: Any, to: Callable[[str, Any], Any]) -> Any:
        found = ((to("group", group) if group else (), GAUGES.mapped(gauges, to)) for group, gauges in value)
        return tuple(sorted(found, key=repr))


class Need(NamedTuple):
    """A paper that an activity asks for."""

    effect: Effect
    bookings_from: date | None = None


EFFECTS: Final = {
    Effect.NOTHING: "rien",
    Effect.WARN: "rappel",
    Effect.BLOCKS_REQUEST: "pas de demande",
    Effect.BLOCKS_BOOKINGS: "pas de réservation",
}


NEED: Final = Mapped(
    (
        Field("s’il manque", "effect", Choice(EFFECTS), default=Effect.WARN),
        Field("à partir du", "bookings_from", DAY, default=None),
    ),
    Need,
)
GAUGES: Final = Several(Reference("gauge"))


class Needs(Value):
    """Papers with what their lack does: ((paper, need), …), by paper."""

    def read(self, node: Node, at: At) -> Any:
        if _is_list(node) or not hasattr(node, "flow_style"):
            found = Several(Reference("paper_type")).read(node, at)
            return UNREAD if found is UNREAD else tuple((paper, Need(Effect.WARN)) for paper in found)
        needs = []
        for _key, word, value in pairs(node, at):
            needs.append(((word,), NEED.read(value, at.under(word))))
        return UNREAD if any(need is UNREAD for _paper, need in needs) else tuple(sorted(needs, key=repr))

    def write(self, value: Any) -> Plain:
        if all(need == Need(Effect.WARN) for _paper, need in value):
            return [paper[-1] for paper, _need in value]
        return {paper[-1]: NEED.write(need) for paper, need in value}

    def mapped(self, value: Any, to: Callable[[str, Any], Any]) -> Any:
        return tuple(sorted(((to("paper_type", paper), need) for paper, need in value), key=repr))


def _is_list(node: Node) -> bool:
    return isinstance(node, SequenceNode)
