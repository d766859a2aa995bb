"""The chain of the journal: what is written in it by other means than ours is found, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db.models import F

from marelle.core.actor import SYSTEM
from marelle.core.resealing import reseal
from marelle.core.sealed import seal
from marelle.core.subject import Subject
from marelle.flows.home.merging.rows import SUBJECTS
from marelle.journal import chain
from marelle.journal.chain import EVERY, batch_accept, entries_delete, entries_seal, facts_of
from marelle.journal.labels import WHY
from marelle.journal.models import ChainLink, ChainWalk, Entry
from marelle.journal.rules import MOVED, START, LinkKind, Why, link_digest
from marelle.journal.services import Act, entries_purge, origins_forget, record_many
from marelle.journal.walking import chain_walked, walk_advance, walk_due

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
LOGS = ("health.read",)


def written(at: datetime, count: int = 4) -> None:
    verbs = ("health.read", "enrolment.accepted")
    acts = [Act(verbs[n % 2], Subject("booking" if n % 2 else "person", n), 10) for n in range(count)]
    record_many(actor=SYSTEM, acts=acts, now=at)


@pytest.fixture(autouse=True)
def _journal() -> None:
    """Three batches of four entries, an hour apart."""
    for hours in (3, 2, 1):
        written(NOW - hours * HOUR)
        assert entries_seal(now=NOW - hours * HOUR + EVERY) == 4


def flaws() -> list[tuple[int, Why]]:
    return [(flaw.link, flaw.why) for step in chain_walked() for flaw in step.flaws]


def ids() -> list[int]:
    return list(Entry.objects.order_by("pk").values_list("pk", flat=True))


def of_batch(number: int) -> Any:
    link = ChainLink.objects.get(number=number)
    return Entry.objects.filter(pk__gte=link.first_id, pk__lte=link.last_id).order_by("pk")


def test_batches_hold_each_entry_once_and_all_is_well() -> None:
    assert [step.count for step in chain_walked()] == [4, 4, 4]
    assert flaws() == []
    assert [entry.pk for number in (1, 2, 3) for entry in of_batch(number)] == ids()


def test_an_entry_waits_for_its_batch_a_quarter_of_an_hour_or_until_it_is_full(monkeypatch: Any) -> None:
    written(NOW)
    assert entries_seal(now=NOW + EVERY - timedelta(seconds=1)) == 0
    monkeypatch.setattr(chain, "BATCH", 3)
    assert entries_seal(now=NOW) == 3
    assert entries_seal(now=NOW + EVERY) == 1
    assert flaws() == []


def _remove(number: int) -> None:
    of_batch(number).first().delete()


def _swapped(number: int) -> None:
    """Two entries change places: the verbs of one on the row of the other."""
    first, second = of_batch(number)[:2]
    for one, other in ((first, second), (second, first)):
        Entry.objects.filter(pk=one.pk).update(verb=other.verb)


TAMPERINGS: dict[str, tuple[Callable[[], object], list[tuple[int, Why]]]] = {
    "a verb": (
        lambda: Entry.objects.filter(pk=of_batch(2)[1].pk).update(verb="booking.saved"),
        [(2, Why.ENTRY_CHANGED)],
    ),
    "an instant": (
        lambda: Entry.objects.filter(pk=of_batch(2)[1].pk).update(at=F("at") + timedelta(microseconds=1)),
        [(2, Why.ENTRY_CHANGED)],
    ),
    "who did it": (
        lambda: Entry.objects.filter(pk=of_batch(1)[0].pk).update(actor_user_id=7),
        [(1, Why.ENTRY_CHANGED)],
    ),
    "in whose name": (
        lambda: Entry.objects.filter(pk=of_batch(1)[0].pk).update(on_behalf=True),
        [(1, Why.ENTRY_CHANGED)],
    ),
    "the kind of its subject": (
        lambda: Entry.objects.filter(pk=of_batch(1)[0].pk).update(subject_kind="family"),
        [(1, Why.ENTRY_CHANGED)],
    ),
    "the number of its subject": (
        lambda: Entry.objects.filter(pk=of_batch(1)[1].pk).update(subject_id=99),
        [(1, Why.ENTRY_CHANGED)],
    ),
    "two that change places": (lambda: _swapped(3), [(3, Why.ENTRY_CHANGED)]),
    "one that is deleted": (lambda: _remove(2), [(2, Why.ENTRY_MISSING)]),
    "one that changes its batch": (
        lambda: Entry.objects.filter(pk=of_batch(2)[0].pk).update(id=ids()[0] - 1),
        [(1, Why.ENTRY_ADDED), (2, Why.ENTRY_MISSING)],
    ),
    "a link that is deleted": (
        lambda: ChainLink.objects.filter(number=2).delete(),
        [(2, Why.LINK_MISSING)],
    ),
    "the first link": (lambda: ChainLink.objects.filter(number=1).delete(), [(1, Why.LINK_MISSING)]),
    "a link that says fewer": (
        lambda: (_remove(2), ChainLink.objects.filter(number=2).update(count=3)),
        [(2, Why.LINK_CHANGED), (2, Why.ENTRY_CHANGED)],
    ),
    "a link that says another day": (
        lambda: ChainLink.objects.filter(number=2).update(at=F("at") - HOUR),
        [(2, Why.LINK_CHANGED)],
    ),
    "links that change places": (
        lambda: (
            ChainLink.objects.filter(number=1).update(number=9),
            ChainLink.objects.filter(number=2).update(number=1),
            ChainLink.objects.filter(number=9).update(number=2),
        ),
        [(1, Why.LINK_CHANGED), (2, Why.LINK_CHANGED), (3, Why.LINK_CHANGED)],
    ),
    "a link without its proof": (
        lambda: ChainLink.objects.filter(number=2).update(proof=None),
        [(2, Why.NO_PROOF)],
    ),
    "the proof of another link": (
        lambda: ChainLink.objects.filter(number=2).update(proof=ChainLink.objects.get(number=1).proof),
        [(2, Why.NO_PROOF)],
    ),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_what_is_changed_otherwise_is_found(what: str) -> None:
    tamper, found = TAMPERINGS[what]
    tamper()
    assert flaws() == found
    with pytest.raises(CommandError, match=str(WHY[found[0][1]])):
        call_command("journal_verify")


def test_one_inserted_between_is_found() -> None:
    gone = of_batch(2)[1].pk
    entries_delete([gone], now=NOW)
    assert flaws() == []
    Entry.objects.create(pk=gone, at=NOW, verb="x", subject_kind="y")
    assert flaws() == [(2, Why.ENTRY_ADDED)]


def test_one_inserted_before_the_first_is_found() -> None:
    Entry.objects.create(pk=-5, at=NOW, verb="x", subject_kind="y")
    assert flaws() == [(1, Why.ENTRY_ADDED)]


def test_who_makes_the_whole_chain_again_without_the_key_has_no_proof(settings: Any) -> None:
    """As a thief of the database would, who reads this code."""
    kept = settings.SEALING_KEYS
    _remove(2)
    Entry.objects.filter(pk=of_batch(3)[0].pk).update(verb="booking.saved")
    settings.SEALING_KEYS = (Fernet.generate_key().decode(),)
    ChainLink.objects.all().delete()
    while entries_seal(now=NOW):
        pass
    assert flaws() == []
    settings.SEALING_KEYS = kept
    assert {why for _link, why in flaws()} == {Why.NO_PROOF}


def test_a_purge_that_is_forged_without_the_key_is_found() -> None:
    _remove(2)
    sealed = ChainLink.objects.get(number=2)
    head = ChainLink.objects.get(number=3)
    left = chain.contents_of(chain.lines_of(sealed))
    forged = ChainLink(
        number=4, kind="purge", batch=2, first_id=sealed.first_id, last_id=sealed.last_id, count=left.count,
        taken=1, content=left.digest, before=NOW, at=NOW, proof=head.proof,
    )  # fmt: skip
    forged.digest = link_digest(head.digest, facts_of(forged))
    forged.save()
    assert flaws() == [(4, Why.NO_PROOF)]


def test_our_purges_are_no_alarm() -> None:
    assert entries_purge(before=NOW - 2 * HOUR, verbs=LOGS, now=NOW) == 2
    assert entries_purge(before=NOW - HOUR, now=NOW) == 6
    assert origins_forget(before=NOW + HOUR) == 0
    assert flaws() == []
    purges = ChainLink.objects.filter(kind=LinkKind.PURGE).order_by("number")
    assert [(link.batch, link.taken, link.count, link.intact) for link in purges] == [
        (1, 2, 2, True),
        (1, 2, 0, True),
        (2, 4, 0, True),
    ]
    assert [link.before for link in purges] == [NOW - 2 * HOUR, NOW - HOUR, NOW - HOUR]


def test_a_purge_that_passes_during_a_walk_is_no_alarm() -> None:
    walk = chain_walked()
    assert next(walk).flaws == ()
    entries_purge(before=NOW - HOUR, now=NOW)
    assert [step.flaws for step in walk] == [(), ()]


def test_addresses_that_are_forgotten_are_no_alarm() -> None:
    Entry.objects.update(address="192.0.2.1", device="Firefox")
    assert origins_forget(before=NOW) == 12
    assert flaws() == []


def test_a_purge_washes_nothing_clean() -> None:
    """What somebody took before it came is told, also once the rest is gone."""
    of_batch(1).filter(verb="enrolment.accepted").first().delete()
    entries_purge(before=NOW - 2 * HOUR, now=NOW)
    assert of_batch(1).count() == 0
    assert flaws() == [(4, Why.FOUND_BROKEN)]


def test_what_was_not_sealed_yet_goes_without_a_link() -> None:
    written(NOW)
    assert entries_delete(ids()[-4:], now=NOW) == 4
    assert ChainLink.objects.count() == 3


def test_a_batch_is_accepted_as_it_is_and_watched_from_then_on() -> None:
    _remove(2)
    out = StringIO()
    call_command("journal_verify", accept=[2], stdout=out)
    assert "Lot 2 accepté" in out.getvalue()
    assert flaws() == []
    _remove(2)
    assert flaws() == [(2, Why.ENTRY_MISSING)]
    assert not batch_accept(99, now=NOW)


def test_a_broken_link_is_accepted_and_who_accepts_needs_the_key() -> None:
    ChainLink.objects.filter(number=2).update(proof=None)
    assert batch_accept(2, now=NOW)
    assert flaws() == []
    ChainLink.objects.filter(number=4).update(proof=seal("x"))
    assert flaws() == [(4, Why.NO_PROOF)]


def test_an_end_that_was_cut_off_is_found_by_a_digest_that_was_told() -> None:
    told = ChainLink.objects.get(number=3).digest
    call_command("journal_verify", head=told, stdout=StringIO())
    ChainLink.objects.filter(number=3).delete()
    Entry.objects.filter(pk=ids()[-1]).delete()
    assert entries_seal(now=NOW) == 3
    assert flaws() == []
    with pytest.raises(CommandError, match="sa fin a été coupée"):
        call_command("journal_verify", head=told)


def test_an_end_that_was_cut_off_is_found_by_the_next_walk() -> None:
    two = datetime(2026, 11, 26, 3, tzinfo=UTC)
    assert walk_advance(now=two) is not None
    ChainLink.objects.filter(number__gt=1).delete()
    with pytest.raises(CommandError, match=str(WHY[Why.LINK_MISSING])):
        call_command("journal_verify")
    walk = walk_advance(now=two + timedelta(days=1))
    assert walk is not None
    assert walk.first_flaw == {"link": 2, "batch": 1, "why": "link_missing"}


def test_without_a_key_nothing_is_sealed_and_what_goes_is_told_without_proof(settings: Any) -> None:
    kept, settings.SEALING_KEYS = settings.SEALING_KEYS, ()
    written(NOW - HOUR)
    assert entries_seal(now=NOW) == 0
    assert entries_purge(before=NOW - 2 * HOUR, now=NOW) == 4
    settings.SEALING_KEYS = kept
    assert flaws() == [(4, Why.NO_PROOF)]


def test_the_key_changes_as_that_of_all_that_is_sealed(settings: Any) -> None:
    (old,) = settings.SEALING_KEYS
    new = Fernet.generate_key().decode()
    settings.SEALING_KEYS = (new, old)
    assert reseal().done >= 3
    settings.SEALING_KEYS = (new,)
    assert flaws() == []


def test_the_command_says_how_much_is_sealed_and_the_last_digest() -> None:
    written(NOW, 2)
    out = StringIO()
    call_command("journal_verify", stdout=out)
    assert "3 maillon(s), 12 acte(s) scellé(s), 2 qui attendent" in out.getvalue()
    assert ChainLink.objects.get(number=3).digest in out.getvalue()


def test_an_empty_journal_is_well() -> None:
    ChainLink.objects.all().delete()
    Entry.objects.all().delete()
    call_command("journal_verify", stdout=StringIO())
    assert entries_seal(now=NOW) == 0


def test_a_walk_goes_on_by_portions_once_a_night(monkeypatch: Any) -> None:
    three = datetime(2026, 11, 26, 2, tzinfo=UTC)
    assert not walk_due(now=three - 2 * HOUR)
    _remove(2)
    seen = [walk_advance(now=three + timedelta(seconds=n), at_most=2) for n in range(4)]
    assert [walk is not None for walk in seen] == [False, True, False, False]
    walk = ChainWalk.objects.get()
    assert (walk.reached, walk.flaws, walk.first_flaw) == (
        3,
        1,
        {"link": 2, "batch": 2, "why": "entry_missing"},
    )
    assert not walk_due(now=three + HOUR)
    assert walk_due(now=three + timedelta(days=1))


def test_memory_does_not_grow_with_what_somebody_added(monkeypatch: Any) -> None:
    monkeypatch.setattr(chain, "BATCH", 4)
    last = of_batch(3).last().pk
    Entry.objects.filter(pk=last).update(id=last + 50)
    ChainLink.objects.filter(number=3).update(last_id=last + 50)
    Entry.objects.bulk_create([Entry(pk=last + n, at=NOW, verb="x", subject_kind="y") for n in range(40)])
    assert len(list(chain.lines_of(ChainLink.objects.get(number=3)))) == 5


def test_what_a_merge_points_elsewhere_is_not_sealed() -> None:
    assert set(SUBJECTS) == MOVED


def test_the_first_link_follows_the_start() -> None:
    first = ChainLink.objects.get(number=1)
    assert first.digest == link_digest(START, facts_of(first))
