"""The chain of the journal: entries sealed by batches, and those that purges and erasures take.

Whoever writes in the journal by other means than these services breaks it. What is sealed is `rules.Line`;
the key of the proofs is that of `core.sealed`, so `reseal` changes it as it does all others.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from marelle.core.clock import universal
from marelle.core.rows import columns
from marelle.core.sealed import seal
from marelle.journal.models import ChainLink, Entry
from marelle.journal.rules import START, Contents, Line, LinkFacts, LinkKind, contents_of, link_digest

BATCH: Final = 1000
"""Entries of a batch at the most."""

EVERY: Final = timedelta(minutes=15)
"""An entry waits no longer for a batch: until then, changing it does not show."""

AT_ONCE: Final = 20
"""Batches sealed in one round of the worker."""

PATIENCE: Final = 2.0
"""Seconds that a round waits for those who are writing in the journal."""

LOWEST: Final = -(2**63)
_LOCK: Final = 0x6D6172656C6C65
"""The lock of the chain on PostgreSQL ("marelle")."""
_LINE: Final = columns(
    Line, "at", "actor_user_id", "on_behalf", "verb", "subject_kind", "subject_id", id="pk"
)


def entries_seal(*, now: datetime) -> int:
    """Seal what waits, once a batch is full or its first entry has waited for `EVERY`. Returns how many.

    Any number of workers may: the chain has one lock. Without a key of `SEALING_KEYS` nothing is sealed:
    a chain that anybody can make again shows nothing.
    """
    done = 0
    for _turn in range(AT_ONCE):
        if not settings.SEALING_KEYS or not _is_due(now):
            break
        sealed = _batch_seal(_settled_id(), now)
        done += sealed
        if not sealed:
            break
    return done


def entries_delete(ids: Iterable[int], *, now: datetime, before: datetime | None = None) -> int:
    """Delete entries, and say it in the chain, batch by batch. Returns how many.

    `before` is until when, for a purge by age.

    Each batch is first compared with what was sealed: its link says so where it differs, so that a purge
    never washes clean what somebody changed.
    """
    wanted = frozenset(ids)
    if not wanted:
        return 0
    with transaction.atomic():
        chain_lock()
        head = chain_head()
        for sealed in _batches_of(wanted):
            lines = list(lines_of(sealed))
            left = [line for line in lines if line.id not in wanted]
            head = _link(
                head,
                LinkKind.PURGE,
                sealed,
                contents_of(left),
                now=now,
                taken=len(lines) - len(left),
                intact=contents_of(lines) == Contents(sealed.count, sealed.content),
                before=before,
            )
        return Entry.objects.filter(pk__in=wanted).delete()[0]


@transaction.atomic
def batch_accept(number: int, *, now: datetime) -> bool:
    """Take a batch as it is now: its flaws until here are told no more. False when there is none such."""
    chain_lock()
    sealed = ChainLink.objects.filter(batch=number).order_by("-number").first()
    if sealed is None:
        return False
    _link(chain_head(), LinkKind.ACCEPTED, sealed, contents_of(lines_of(sealed)), now=now)
    return True


def chain_lock() -> None:
    """One at a time, until the transaction ends. On SQLite whoever writes is alone already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def chain_head() -> ChainLink | None:
    """The last link; one query."""
    return ChainLink.objects.order_by("-number").first()


def lines_of(batch: ChainLink) -> Iterator[Line]:
    """The entries there are of a batch, one more than there may be at the most; one query."""
    rows = Entry.objects.filter(pk__gte=batch.first_id, pk__lte=batch.last_id)
    return iter(_LINE.of(rows.order_by("pk"))[: BATCH + 1])


def facts_of(link: ChainLink) -> LinkFacts:
    return LinkFacts(
        link.number, link.kind, link.batch, link.first_id, link.last_id, link.count, link.taken,
        link.content, link.intact, link.before, link.at,
    )  # fmt: skip


def _is_due(now: datetime) -> bool:
    waiting = Entry.objects.filter(pk__gt=_sealed_id()).order_by("pk").values_list("at", flat=True)
    first = waiting.first()
    return first is not None and (first <= universal(now) - EVERY or bool(waiting[BATCH - 1 : BATCH]))


def waiting_count() -> int:
    """How many entries no batch has yet."""
    return Entry.objects.filter(pk__gt=_sealed_id()).count()


def _sealed_id() -> int:
    """The last id that the chain has in a batch."""
    newest = ChainLink.objects.order_by("-batch", "-number").values_list("last_id", flat=True).first()
    return LOWEST if newest is None else newest


@transaction.atomic
def _batch_seal(settled: int | None, now: datetime) -> int:
    if settled is None:
        return 0
    chain_lock()
    after = _sealed_id()
    ids = list(
        Entry.objects.filter(pk__gt=after, pk__lte=settled)
        .order_by("pk")
        .values_list("pk", flat=True)[:BATCH]
    )
    if not ids:
        return 0
    batch = ChainLink(first_id=after + 1 if after > LOWEST else LOWEST, last_id=ids[-1])
    found = contents_of(lines_of(batch))
    _link(chain_head(), LinkKind.BATCH, batch, found, now=now)
    return found.count


def _settled_id() -> int | None:
    """An id at or below which no entry can come any more, None when somebody writes for long.

    Ids are given in order, committed in any: on PostgreSQL who has one holds a lock on the table until its
    transaction ends. So those who hold it now, once the last id is read, are waited for, and nobody else.
    """
    last: int | None = Entry.objects.aggregate(last=Max("pk"))["last"]
    if last is None or connection.vendor != "postgresql":
        return last
    writing, started = _writing(), time.monotonic()
    while writing:
        if time.monotonic() - started > PATIENCE:
            return None
        time.sleep(0.05)
        writing &= _writing()
    return last


def _writing() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks WHERE relation = %s::regclass"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()",
            [Entry._meta.db_table],
        )
        return {row[0] for row in cursor.fetchall()}


def _batches_of(ids: Collection[int]) -> list[ChainLink]:
    """The latest link of each batch that has one of these entries, in their order."""
    found: dict[int, ChainLink] = {}
    last: int | None = None
    for pk in sorted(ids):
        if last is not None and pk <= last:
            continue
        link = ChainLink.objects.filter(kind=LinkKind.BATCH, last_id__gte=pk).order_by("last_id").first()
        if link is None:
            break
        last = link.last_id
        found[link.batch] = link
    latest = ChainLink.objects.filter(batch__in=list(found)).order_by("number")
    found |= {link.batch: link for link in latest}
    return [found[batch] for batch in sorted(found)]


def _link(
    head: ChainLink | None,
    kind: LinkKind,
    batch: ChainLink,
    left: Contents,
    *,
    now: datetime,
    taken: int = 0,
    intact: bool = True,
    before: datetime | None = None,
) -> ChainLink:
    number = 1 if head is None else head.number + 1
    link = ChainLink(
        number=number,
        kind=kind.value,
        batch=number if kind is LinkKind.BATCH else batch.batch,
        first_id=batch.first_id,
        last_id=batch.last_id,
        count=left.count,
        taken=taken,
        content=left.digest,
        intact=intact,
        before=before,
        at=now,
    )
    link.digest = link_digest(START if head is None else head.digest, facts_of(link))
    link.proof = seal(link.digest) if settings.SEALING_KEYS else None
    link.save(force_insert=True)
    return link
