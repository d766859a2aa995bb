"""The tariffs of an activity: which ones concern it, what holds today, what comes, what to look at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.effects import facts_of
from marelle.activities.models import Activity, Opening
from marelle.agents.activities.forms.tariffs import Filled, code_of
from marelle.agents.activities.prices.forms.common import shown_ledger, shown_started
from marelle.agents.activities.prices.usual import usual_of
from marelle.agents.activities.sections import Section
from marelle.core.french import day_plain, instant_long_year, join_and
from marelle.core.refusals import ChangedMeanwhile
from marelle.pricing import about, labels
from marelle.pricing.about import concerning
from marelle.pricing.amounts import Brackets, Fixed
from marelle.pricing.doubts import doubts
from marelle.pricing.facts import Traits
from marelle.pricing.models import Tariff as TariffRow
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.selectors import book_of, slot_names
from marelle.pricing.tariffs import Adjustment, LateFetch, Sets, Slots, SpanRule, Tariff, TariffBook

R = TypeVar("R", Adjustment, SpanRule)


REFUSALS: Final = {
    "past": gettext_lazy("Donnez un jour à venir\u00a0: les jours passés ont déjà leur prix."),
    "not_in_order": gettext_lazy("La fin vient avant le début."),
    "no_slots": gettext_lazy("Cochez au moins un créneau par tarif."),
    "slots": gettext_lazy("Un de ces créneaux n’est plus là."),
    "product": gettext_lazy("Cette carte n’est plus là."),
    "name": gettext_lazy("Ce nom est déjà pris."),
    "taken": gettext_lazy("Un foyer l’a déjà\u00a0: seul son nom change encore. Faites-en un autre."),
    "used": gettext_lazy("Il a un tarif, ou un foyer l’a pris\u00a0: il reste."),
    "replaced": gettext_lazy("Un de ces tarifs a déjà pris fin\u00a0: rouvrez la page des tarifs."),
}
FIELDS: Final = {"past": "since", "not_in_order": "until"}
"""Of the form, where a "no" is told; elsewhere on top."""


TARIFF, ADJUSTMENT, SPAN_RULE = "tarif", "regle", "duree"
"""How a page says of which kind is what ends."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, under the name of what it is of. `detail`: when it holds; `url`: where it is changed."""

    name: str
    line: str
    detail: str
    kind: str
    id: int
    url: str

    @property
    def ids(self) -> tuple[int]:
        return (self.id,)


@dataclass(frozen=True, slots=True)
class Way:
    """A kind of row to add."""

    name: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class GridShown:
    """`ids` of its tariffs; `ways`: where they are changed, together or one by one."""

    grid: labels.Grid
    ids: tuple[int, ...]
    ways: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What holds today, or what comes on one day."""

    code: str
    title: str
    grids: list[GridShown]
    adjustments: list[Told]
    rules: list[Told]


@dataclass(frozen=True, slots=True)
class Page:
    parts: list[Part]
    doubts: list[str]
    seen: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page is made with: names of slots, and the tariffs that a grid can change."""

    activity_id: int
    names: labels.Names
    day: date
    free: Collection[int]

    def address(self, page: str, *ids: int, usual: str = "") -> str:
        query = urlencode([("remplace", pk) for pk in ids])
        return (
            reverse(f"agents_activities:{page}", args=[self.activity_id, *([usual] if usual else [])])
            + f"?{query}"
        )


def section(activity: Activity, day: date) -> Section:
    """On the page of the activity; one query."""
    of_sets = Q(sets__slots__activity=activity) | Q(fetched_slots__activity=activity)
    rows = TariffRow.objects.filter(of_sets, Q(until=None) | Q(until__gte=day)).order_by("since", "pk")
    names = list(dict.fromkeys(rows.values_list("name", flat=True)))
    lines = [join_and(names)] if names else [_("Aucun tarif n’est réglé\u00a0: rien n’est compté.")]
    page = reverse("agents_activities:tariffs", args=[activity.pk])
    return Section("tarifs", _("Tarifs"), lines, [], [(_("Voir"), page)])


def page(activity: Activity, day: date) -> Page:
    """What concerns the slots of an activity, and is not over on `day`."""
    own = own_slots(activity)
    book = concerning(book_of(activity.structure.authority_id), own, day)
    names = slot_names(facts_of(activity), book)
    shown = Shown(activity.pk, names, day, changeable(book, frozenset(priced_slots(activity))))
    return Page(_parts(book, shown), doubts_told(activity, book, names, day), about.version(book))


def ways(activity: Activity) -> list[Way]:
    """What may be added."""
    told = {
        "tariff_new": (
            _("Une grille de prix"),
            _("Par tranches de quotient ou un prix pour tous, tapée ou collée d’un tableur."),
        ),
        "sets_tariff": (
            _("Un prix calculé autrement"),
            _(
                "Pourcentage du quotient, taux d’effort, nombre d’enfants, gratuit\u00a0; "
                "en deux parts, repas et garde."
            ),
        ),
        "usual_rules": (
            _("Majorations, réductions, absences"),
            _("Hors délai, venu sans réservation, absence, frères et sœurs, hors commune…"),
        ),
        "late_fetch": (
            _("Retard à la fermeture"),
            _("Un enfant repris après la fin, avec ou sans avertissement d’abord."),
        ),
        "span_rule": (
            _("Règle d’une semaine, d’un mois ou d’une année"),
            _("Jamais plus que tant, un prix pour le tout, une réduction à partir d’un jour."),
        ),
    }
    shared = Way(
        _("Abonnement, carte, cotisation"),
        _("Sur la page «\u00a0Tarifs communs\u00a0», avec les ressources que comptent les taux d’effort."),
        reverse("agents_activities:shared_tariffs"),
    )
    own = [
        Way(name, text, reverse(f"agents_activities:{page}", args=[activity.pk]))
        for page, (name, text) in told.items()
    ]
    return [*own, shared]


def own_slots(activity: Activity) -> Slots:
    return frozenset(activity.slots.values_list("pk", flat=True))


def doubts_told(activity: Activity, book: TariffBook, names: labels.Names, day: date) -> list[str]:
    """What nobody meant of a book, about the slots of the activity, each with its first day."""
    own = own_slots(activity)
    found = doubts(book, offered_of(activity, day) if book.tariffs else {})
    return labels.doubt_lines((one for one in found if not one.slots or one.slots & own), book, names)


def seen_of(activity: Activity, version: str) -> about.Seen:
    """What a page of the activity showed, as its form sends it back."""
    return about.Seen(version, own_slots(activity))


def priced_slots(activity: Activity) -> dict[int, str]:
    """Its slots that are priced, with their names: one that includes others is priced as those."""
    rows = activity.slots.filter(includes=None).order_by("order", "pk")
    return dict(rows.values_list("pk", "name"))


def changeable_of(activity: Activity, day: date) -> dict[int, Tariff]:
    """The tariffs of an activity that a grid may take the place of."""
    own = frozenset(priced_slots(activity))
    return changeable(concerning(book_of(activity.structure.authority_id), own, day), own)


def changeable(book: TariffBook, own: Slots) -> dict[int, Tariff]:
    """Those of sets of these slots alone, fixed or by brackets: what a form can show whole."""
    return {
        row.id: row
        for row in book.tariffs
        if isinstance(row.what, Sets)
        and all(slots <= own for slots in row.what.sets)
        and isinstance(row.amount, Fixed | Brackets)
        and row.food is None
        and not is_of_one(row.who)
    }


def endable(book: TariffBook, kind: str) -> dict[int, about.Row]:
    """What of such a kind may end on the page of an activity, by id."""
    of_kind: dict[str, Sequence[about.Row]] = {
        TARIFF: book.tariffs,
        ADJUSTMENT: book.adjustments,
        SPAN_RULE: book.span_rules,
    }
    return {row.id: row for row in of_kind[kind] if not is_of_one(row.who)}


def filled(rows: Sequence[Tariff]) -> Filled:
    """What a form begins with, of tariffs that are cut alike."""
    brackets = [row.amount.rows for row in rows if isinstance(row.amount, Brackets)]
    limits = (
        " ; ".join(labels.decimal_text(one.since).replace("\u202f", "") for one in brackets[0])
        if brackets
        else ""
    )
    return Filled(
        limits,
        tuple((row.name, _codes(row), _prices(row), row.id) for row in rows),
    )


def begun(row: Tariff) -> dict[str, Any]:
    """What is said once of a grid, of the one that it takes the place of: its vote is another."""
    started = row.what.started if isinstance(row.what, Sets) else None
    return {
        "who": sorted(trait.kind.value for trait in row.who),
        "until": row.until,
        "weekdays": sorted(row.weekdays),
        "order": row.order or None,
        **shown_started(started),
        **shown_ledger(row.ledger),
    }


def _codes(row: Tariff) -> tuple[str, ...]:
    return tuple(map(code_of, row.what.sets)) if isinstance(row.what, Sets) else ()


def _prices(row: Tariff) -> tuple[str, ...]:
    match row.amount:
        case Fixed(price):
            return (_typed(price),)
        case Brackets(brackets):
            return tuple(_typed(one.price) for one in brackets)
        case _:
            return ()


def _typed(price: Decimal) -> str:
    return f"{price:.2f}".replace(".", ",")


def refusal_text(refusal: TariffRefused) -> str:
    return str(REFUSALS[refusal.code])


def meanwhile_text(refusal: ChangedMeanwhile, day: date, *, is_kept: bool = True) -> str:
    """Who changed which of them since the page was opened, and what to do next. `is_kept`: what was typed."""
    by, at = refusal.data["by"] or _("Quelqu’un"), refusal.data["at"]
    when = _("le %s") % instant_long_year(at) if at else _("entre-temps")
    told = [_("%(by)s a modifié ces tarifs %(at)s.") % {"by": by, "at": when}]
    rows = [
        f"«\u00a0{row.name}\u00a0» {labels.dates_label(row.since, row.until, day)}"
        for row in refusal.data["held"]["rows"]
    ]
    if rows:
        told.append(_("Il y a maintenant\u00a0: %s.") % join_and(rows))
    if not is_kept:
        return " ".join([*told, _("Rien n’a été changé.")])
    told.append(
        _(
            "Ce que vous avez saisi est gardé\u00a0: regardez la page des tarifs, puis enregistrez encore "
            "si c’est toujours juste."
        )
    )
    return " ".join(told)


def offered_of(activity: Activity, day: date) -> Mapping[date, Slots]:
    """The slots of the days that come; one that includes others is priced as those."""
    rows = Opening.objects.filter(
        activity=activity, day__gte=day, state=Opening.State.OPEN, slot__includes=None
    )
    found: dict[date, set[int]] = {}
    for at, slot in rows.values_list("day", "slot").distinct():
        found.setdefault(at, set()).add(slot)
    return {at: frozenset(slots) for at, slots in found.items()}


def _parts(book: TariffBook, shown: Shown) -> list[Part]:
    """What holds today, then what comes, day by day."""
    rows, day = (*book.tariffs, *book.adjustments, *book.span_rules), shown.day
    found = []
    for since in sorted({max(row.since, day) for row in rows}):
        title = _("À partir du %(day)s") % {"day": day_plain(since)} if since > day else _("Aujourd’hui")
        part = TariffBook(
            tuple(row for row in book.tariffs if max(row.since, day) == since),
            tuple(row for row in book.adjustments if max(row.since, day) == since),
            tuple(row for row in book.span_rules if max(row.since, day) == since),
        )
        found.append(_part(since.isoformat(), title, part, shown))
    return found


def _part(code: str, title: str, book: TariffBook, shown: Shown) -> Part:
    tariffs = {row.id: row for row in book.tariffs}
    return Part(
        code,
        title,
        [_grid(grid, tariffs, shown) for grid in labels.grids(book.tariffs, shown.names, shown.day)],
        [_adjustment(row, shown) for row in _in_order(book.adjustments)],
        [_span_rule(row, shown) for row in _in_order(book.span_rules)],
    )


def _grid(grid: labels.Grid, tariffs: Mapping[int, Tariff], shown: Shown) -> GridShown:
    rows = [tariffs[row.id] for row in grid.rows]
    ids = tuple(row.id for row in rows)
    if any(is_of_one(row.who) for row in rows):
        return GridShown(grid, (), ())
    if set(ids) <= set(shown.free):
        return GridShown(grid, ids, ((_("Changer ces prix"), shown.address("tariff_new", *ids)),))
    one_by_one = [
        (_("Changer «\u00a0%(name)s\u00a0»") % {"name": row.name}, _address(row, shown)) for row in rows
    ]
    return GridShown(grid, ids, tuple(one_by_one))


def _address(row: Tariff, shown: Shown) -> str:
    return shown.address("late_fetch" if isinstance(row.what, LateFetch) else "sets_tariff", row.id)


def is_of_one(who: Traits) -> bool:
    """Whether a decision names the home that it is for: no form shows that."""
    return any(trait.id for trait in who)


def _adjustment(row: Adjustment, shown: Shown) -> Told:
    line = labels.adjustment_label(row, shown.names, shown.day)
    url = "" if is_of_one(row.who) else shown.address("rule", row.id, usual=usual_of(row).code)
    return Told(row.name, line, _dates(row, shown), ADJUSTMENT, row.id, url)


def _span_rule(row: SpanRule, shown: Shown) -> Told:
    line = labels.span_rule_label(row, shown.names, shown.day)
    url = "" if is_of_one(row.who) else shown.address("span_rule", row.id)
    return Told(row.name, line, _dates(row, shown), SPAN_RULE, row.id, url)


def _dates(row: Adjustment | SpanRule, shown: Shown) -> str:
    """When it holds; one that names no slot is said to be of all activities."""
    dates = labels.dates_label(row.since, row.until, shown.day)
    return dates if row.slots else _("%(dates)s, pour toutes les activités") % {"dates": dates}


def _in_order(rows: Iterable[R]) -> list[R]:
    return sorted(rows, key=lambda row: (row.step, row.order, row.id))
