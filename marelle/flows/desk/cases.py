"""What waits for an agent: the cases of its posts, filtered, counted, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypedDict

from django.core.paginator import Page, Paginator
from django.db.models import Count, Min, Q, QuerySet, Value

from marelle.billing.models import Mandate
from marelle.cases.models import Case, CaseQuerySet, CaseState
from marelle.cases.selectors import open_cases
from marelle.core.actor import Actor, Role
from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.core.spelling import spelt
from marelle.families.finding.selectors import families_matching
from marelle.families.models import Restriction
from marelle.places.models import Structure
from marelle.places.scope import may_decide

PER_PAGE: Final = 50
HOMES_AT_MOST: Final = 200
"""Of those that words match, the nearest: more would not narrow the list."""

OFFICE: Final = 0
"""In a filter, the place of a case that no structure holds: the office's own."""


MANDATE: Final = "mandate"
RESTRICTION: Final = "restriction"


class Scope(TypedDict):
    structures: frozenset[int]
    authorities: frozenset[int]
    everywhere: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an agent filters by: a kind of case ("" for all), a structure's id or `OFFICE`, words."""

    kind: str = ""
    structure_id: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of what waits, the oldest first; `oldest` is when the first of the whole filter was opened."""

    page: Page[Case]
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Reach:
    """How many cases wait for an actor by kind, and by structure (id, name, count), for filters to say."""

    kinds: dict[str, int]
    structures: list[tuple[int, str, int]]


def cases_in_reach(actor: Actor) -> CaseQuerySet:
    """Open cases that the actor may decide, of every kind, the oldest first."""
    return open_cases(**_scope(actor)) if may_decide(actor) else Case.objects.none()


def decided_in_reach(actor: Actor) -> CaseQuerySet:
    """Cases that were decided where the actor decides."""
    if not may_decide(actor):
        return Case.objects.none()
    decided = Case.objects.exclude(state=CaseState.OPEN)
    scope = _scope(actor)
    if scope["everywhere"]:
        return decided
    return decided.in_scope(structures=scope["structures"], authorities=scope["authorities"])


def waiting_counts(actor: Actor) -> dict[str, int]:
    """How many cases of each kind wait for the actor, and under `MANDATE` and `RESTRICTION` the mandates and
    the judges' restrictions that it may be the second to see; one query, none for who decides nothing."""
    if not may_decide(actor):
        return {}
    scope = _scope(actor)
    return dict(_waiting(scope["structures"], scope["authorities"], scope["everywhere"], actor.user_id))


@prepared
def _waiting(
    structures: Collection[int], authorities: Collection[int], everywhere: bool, user_id: int | None
) -> QuerySet[Any, tuple[str, int]]:
    cases = open_cases(structures=structures, authorities=authorities, everywhere=everywhere)
    counted = cases.order_by().values_list("kind").annotate(n=Count("id"))
    if not (everywhere or authorities):
        return counted
    mandates = Mandate.objects.to_check().exclude(noted_account=user_id)
    if not everywhere:
        mandates = mandates.filter(authority__in=authorities)
    by_state = mandates.order_by().values("state").annotate(kind=Value(MANDATE), n=Count("pk"))
    judged = Restriction.objects.for_second(user_id).order_by().values("refused_at")
    by_judge = judged.annotate(kind=Value(RESTRICTION), n=Count("pk"))
    return counted.union(by_state.values_list("kind", "n"), by_judge.values_list("kind", "n"), all=True)


def queue(
    actor: Actor,
    wanted: Wanted,
    *,
    page: int = 1,
    around: Case | None = None,
    but_homes: Collection[int] = (),
) -> Queue:
    """What waits for the actor; two queries, three with words. `around` asks for the page where that case
    stands; words find nothing of `but_homes`."""
    at, pk = (around.opened_at, around.pk) if around is not None else (None, None)
    found: Iterable[Case] = ()
    if not may_decide(actor):
        tally = Tally()
        shown = _shown(tally, page)
    elif wanted.words:
        cases = filtered(cases_in_reach(actor), wanted).exclude(family_id__in=but_homes)
        tally = _tally(_tallied(cases, at, pk))
        shown = _shown(tally, page if around is None else tally.page)
        found = _on_page(cases, shown.number)
    else:
        tally = _tally(_tallied_within(*_within(actor, wanted), at, pk))
        shown = _shown(tally, page if around is None else tally.page)
        found = list(_on_page(_cases_within(*_within(actor, wanted)), shown.number))
    shown.object_list = list(found)
    return Queue(page=shown, oldest=tally.oldest)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases wait, since when the first does, and how many of them before the one asked about."""

    count: int = 0
    oldest: datetime | None = None
    before: int = 0

    @property
    def page(self) -> int:
        return self.before // PER_PAGE + 1


TALLY = columns(Tally, "oldest", "before", count="n")


def _tally(rows: Iterable[Tally]) -> Tally:
    """The only row, if there is one."""
    return next(iter(rows), Tally())


def _shown(tally: Tally, page: int) -> Page[Any]:
    return Paginator(range(tally.count), PER_PAGE).get_page(page)


Within = tuple[Collection[int], Collection[int], bool, str, int | None, bool]


def _within(actor: Actor, wanted: Wanted) -> Within:
    """What the prepared queries below narrow by."""
    scope, place = _scope(actor), wanted.structure_id
    structures, authorities = scope["structures"], scope["authorities"]
    return structures, authorities, scope["everywhere"], wanted.kind, place or None, place == OFFICE


@prepared
def _tallied_within(
    structures: Collection[int],
    authorities: Collection[int],
    everywhere: bool,
    kind: str,
    place: int | None,
    office: bool,
    at: datetime | None,
    pk: int | None,
) -> QuerySet[Case, Tally]:
    return _tallied(_cases_within(structures, authorities, everywhere, kind, place, office), at, pk)


def _cases_within(
    structures: Collection[int],
    authorities: Collection[int],
    everywhere: bool,
    kind: str,
    place: int | None,
    office: bool,
) -> CaseQuerySet:
    cases = open_cases(structures=structures, authorities=authorities, everywhere=everywhere)
    return _narrowed(cases, kind, place, office)


def _tallied(cases: CaseQuerySet, at: datetime | None, pk: int | None) -> QuerySet[Case, Tally]:
    """One row, or none: all of them are open."""
    earlier = Q(opened_at__lt=at) | Q(opened_at=at, pk__lt=pk)
    before = Value(0) if at is None else Count("pk", filter=earlier)
    counted = cases.order_by().values("state").annotate(n=Count("pk"), oldest=Min("opened_at"), before=before)
    return TALLY.of(counted)


def _on_page(cases: CaseQuerySet, page: int) -> QuerySet[Case]:
    return cases[(page - 1) * PER_PAGE : page * PER_PAGE]


def reach(actor: Actor) -> Reach:
    """What there is to filter by; two queries."""
    kinds: dict[str, int] = {}
    places: dict[int, int] = {}
    rows = cases_in_reach(actor).order_by().values_list("kind", "structure_id").annotate(Count("id"))
    for kind, structure_id, count in rows:
        kinds[kind] = kinds.get(kind, 0) + count
        places[structure_id or OFFICE] = places.get(structure_id or OFFICE, 0) + count
    names = Structure.objects.filter(pk__in=places).order_by("name").values_list("pk", "name")
    office = [(OFFICE, "", places[OFFICE])] if OFFICE in places else []
    return Reach(kinds, office + [(pk, name, places[pk]) for pk, name in names])


def next_case(actor: Actor, wanted: Wanted, *, after: Case, but_homes: Collection[int] = ()) -> Case | None:
    """The case that waits after this one, else the oldest; None when nothing of the filter waits. Never one
    of `but_homes`."""
    found = filtered(cases_in_reach(actor), wanted).exclude(pk=after.pk).exclude(family_id__in=but_homes)
    return found.filter(_later(after)).first() or found.first()


def filtered(cases: CaseQuerySet, wanted: Wanted) -> CaseQuerySet:
    cases = _narrowed(cases, wanted.kind, wanted.structure_id or None, wanted.structure_id == OFFICE)
    if wanted.words:
        homes = [match.id for match in families_matching(wanted.words, limit=HOMES_AT_MOST)]
        # Who has no home yet, or writes from outside, is only in the label.
        cases = cases.filter(Q(family_id__in=homes) | Q(label__regex=spelt(wanted.words)))
    return cases


def _narrowed(cases: CaseQuerySet, kind: str, place: int | None, office: bool) -> CaseQuerySet:
    if kind:
        cases = cases.filter(kind=kind)
    if office:
        return cases.filter(structure_id=None)
    return cases if place is None else cases.filter(structure_id=place)


def _later(case: Case) -> Q:
    return Q(opened_at__gt=case.opened_at) | Q(opened_at=case.opened_at, pk__gt=case.pk)


def _scope(actor: Actor) -> Scope:
    return {
        "structures": actor.structures(Role.DIRECTOR),
        "authorities": actor.authorities(Role.OFFICE),
        "everywhere": actor.is_administrator,
    }
