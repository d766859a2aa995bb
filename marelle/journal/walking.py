"""Along the chain of the journal: each link after the one before, each batch beside what was sealed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from django.db import transaction

from marelle.core.clock import local
from marelle.core.sealed import CannotOpen, opened
from marelle.journal.chain import chain_lock, facts_of, lines_of
from marelle.journal.models import ChainLink, ChainWalk
from marelle.journal.rules import START, Contents, LinkKind, Why, contents_of, link_digest, what_differs

NIGHT: Final = 2
"""The hour from which on the worker begins the walk of a day."""

THE_WALK: Final = 1
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When the walk before the first one ended."""

PORTION: Final = 200
"""Links read at once: with a batch, all that is in memory."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong: `link` is the number of the link, `batch` that of its batch, sealed at `sealed_at`."""

    link: int
    batch: int
    why: Why
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What was seen of one link; `count` is how many entries its batch has left, where it sealed one."""

    number: int
    digest: str
    count: int
    flaws: tuple[Flaw, ...]


def chain_walked(*, after: int = 0) -> Iterator[Step]:
    """Each link beyond the number `after`, in order. Memory does not grow with the journal."""
    former = ChainLink.objects.filter(number=after).first()
    number, digest = after, former.digest if former else START
    while True:
        links = list(ChainLink.objects.filter(number__gt=number).order_by("number")[:PORTION])
        latest = _latest(links)
        for link in links:
            flaws, count = [*_flaws_of(link, number, digest)], 0
            number, digest = link.number, link.digest
            if link.kind == LinkKind.BATCH:
                held = latest.get(number, link)
                count, flaw = held.count, _flaw_of_batch(link, held)
                flaws += [flaw] if flaw else []
            yield Step(number, digest, count, tuple(flaws))
        if len(links) < PORTION:
            return


def chain_cut() -> Flaw | None:
    """That links at the end are gone which the last walk had seen. Two queries."""
    seen = ChainWalk.objects.filter(pk=THE_WALK).values_list("reached", "began_at").first()
    last = ChainLink.objects.order_by("-number").values_list("number", "batch").first() or (0, 0)
    return Flaw(last[0] + 1, last[1], Why.LINK_MISSING, seen[1]) if seen and last[0] < seen[0] else None


def walk_due(*, now: datetime) -> bool:
    """Whether the walk of this night is not over; one query."""
    return _is_due(ChainWalk.objects.filter(pk=THE_WALK).first(), now)


def _is_due(last: ChainWalk | None, now: datetime) -> bool:
    if last is not None and last.ended_at is None:
        return True
    there = local(now)
    since = last.began_at if last is not None and last.ended_at != NEVER else None
    return there.hour >= NIGHT and (since is None or local(since).date() < there.date())


def walk_advance(*, now: datetime, at_most: int = 50) -> ChainWalk | None:
    """Go on with the walk of this night, or begin it after `NIGHT`, in Paris. Returns it once it has ended.

    In one transaction; of two workers the second leaves it to the first.
    """
    with transaction.atomic():
        ChainWalk.objects.get_or_create(pk=THE_WALK, defaults={"began_at": now, "ended_at": NEVER})
        walk = ChainWalk.objects.select_for_update(skip_locked=True).filter(pk=THE_WALK).first()
        if walk is None or not _is_due(walk, now):
            return None
        over = walk.ended_at is not None
        cut = chain_cut() if over else None
        if over:
            walk.began_at, walk.reached, walk.ended_at, walk.flaws, walk.first_flaw = now, 0, None, 0, None
        return _went_on(walk, cut, at_most, now)


def _went_on(walk: ChainWalk, cut: Flaw | None, at_most: int, now: datetime) -> ChainWalk | None:
    steps = list(islice(chain_walked(after=walk.reached), at_most))
    found = [*([cut] if cut else ()), *(flaw for step in steps for flaw in step.flaws)]
    if found and not walk.flaws:
        walk.first_flaw = {"link": found[0].link, "batch": found[0].batch, "why": found[0].why.value}
    walk.flaws += len(found)
    walk.reached = steps[-1].number if steps else walk.reached
    walk.ended_at = now if len(steps) < at_most else None
    walk.save()
    return walk if walk.ended_at else None


def _flaws_of(link: ChainLink, former: int, digest: str) -> Iterator[Flaw]:
    """Of the link itself; what an operator has accepted since is told no more."""
    found = []
    if link.number != former + 1:
        found.append(Flaw(former + 1, link.batch, Why.LINK_MISSING, link.at))
    elif link.digest != link_digest(digest, facts_of(link)):
        found.append(Flaw(link.number, link.batch, Why.LINK_CHANGED, link.at))
    if not _is_proven(link):
        found.append(Flaw(link.number, link.batch, Why.NO_PROOF, link.at))
    if not link.intact:
        found.append(Flaw(link.number, link.batch, Why.FOUND_BROKEN, link.at))
    if found and not _is_accepted(link):
        yield from found


def _is_proven(link: ChainLink) -> bool:
    try:
        return link.proof is not None and opened(link.proof) == link.digest
    except CannotOpen:
        return False


def _is_accepted(link: ChainLink) -> bool:
    later = ChainLink.objects.filter(batch=link.batch, number__gt=link.number)
    return later.filter(kind=LinkKind.ACCEPTED).exists()


def _flaw_of_batch(link: ChainLink, latest: ChainLink) -> Flaw | None:
    """Of the entries, as the last link about them says that they are."""
    if _differs(latest) is None:
        return None
    # A purge may have passed between the two reads: looked at again while nobody else may.
    with transaction.atomic():
        chain_lock()
        why = _differs(_latest([link]).get(link.number, link))
    return None if why is None else Flaw(link.number, link.batch, why, link.at)


def _differs(link: ChainLink) -> Why | None:
    return what_differs(Contents(link.count, link.content), contents_of(lines_of(link)))


def _latest(links: list[ChainLink]) -> dict[int, ChainLink]:
    """By batch, the last link about it."""
    batches = [link.number for link in links if link.kind == LinkKind.BATCH]
    return {link.batch: link for link in ChainLink.objects.filter(batch__in=batches).order_by("number")}
