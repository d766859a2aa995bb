"""The chain of the journal, purely: what is digested of an entry and of a link, and in which words.

A digest is SHA-256 in hexadecimal. Texts are JSON without spaces, so that no value of one column can be read
as two; instants are in UTC, to the microsecond.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

START: Final = "0" * 64
"""What the first link follows."""

MOVED: Final = frozenset({"family", "person"})
"""Kinds of subjects whose number changes when two files become one: it is not digested."""


class LinkKind(StrEnum):
    BATCH = "batch"  # entries that had been written since the batch before
    PURGE = "purge"  # some of a batch were deleted by a purge or an erasure
    ACCEPTED = "accepted"  # an operator has seen that a batch is not as it was


class Why(StrEnum):
    """What is wrong with a link, or with the batch that it seals."""

    LINK_MISSING = "link_missing"
    LINK_CHANGED = "link_changed"
    NO_PROOF = "no_proof"  # none, or one that no key opens, or of another digest
    ENTRY_MISSING = "entry_missing"
    ENTRY_ADDED = "entry_added"
    ENTRY_CHANGED = "entry_changed"
    FOUND_BROKEN = "found_broken"  # a purge came, and the batch was not as it had been sealed


@dataclass(frozen=True, slots=True)
class Line:
    """The columns of an entry that nothing of ours ever writes again, once it is there."""

    id: int
    at: datetime
    actor_user_id: int | None
    on_behalf: bool
    verb: str
    subject_kind: str
    subject_id: int | None


@dataclass(frozen=True, slots=True)
class Contents:
    """How many entries a batch has, and their digest in the order of their ids."""

    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """All that a link says, but for its own digest. `first_id` and `last_id` are both of the batch; `before`
    is the instant of a purge by age."""

    number: int
    kind: str
    batch: int
    first_id: int
    last_id: int
    count: int
    taken: int
    content: str
    intact: bool
    before: datetime | None
    at: datetime


def contents_of(lines: Iterable[Line]) -> Contents:
    found, count = sha256(), 0
    for line in lines:
        count += 1
        number = None if line.subject_kind in MOVED else line.subject_id
        found.update(
            _text(
                line.id, _instant(line.at), line.actor_user_id, line.on_behalf, line.verb,
                line.subject_kind, number,
            )
        )  # fmt: skip
    return Contents(count, found.hexdigest())


def link_digest(former: str, link: LinkFacts) -> str:
    """Of a link, chained to the digest of the one before (`START` for the first)."""
    text = _text(
        former, link.number, link.kind, link.batch, link.first_id, link.last_id, link.count, link.taken,
        link.content, link.intact, link.before and _instant(link.before), _instant(link.at),
    )  # fmt: skip
    return sha256(text).hexdigest()


def what_differs(sealed: Contents, found: Contents) -> Why | None:
    if found.count != sealed.count:
        return Why.ENTRY_MISSING if found.count < sealed.count else Why.ENTRY_ADDED
    return None if found.digest == sealed.digest else Why.ENTRY_CHANGED


def _text(*values: object) -> bytes:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
