"""What a run has found, written batch by batch: a batch is there whole or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import transaction

from marelle.billing.bill_lines import WrittenLine, written_text
from marelle.billing.doubts import DoubtCode
from marelle.billing.due import Item, renamed
from marelle.billing.models import (
    AssessedChild,
    AssessedMonth,
    Assessment,
    BillingRun,
    RunDoubt,
    RunTotal,
    Share,
)
from marelle.billing.stored import items_text
from marelle.billing.terms import Sending, sending_of
from marelle.core.money import ZERO
from marelle.core.sealed import Sealed, seal
from marelle.families.locks import homes_locked

State = BillingRun.State
SENT = {
    Sending.BILL: Share.State.READY,
    Sending.WAIT: Share.State.WAITING,
    Sending.NIL: Share.State.NIL,
}


@dataclass(frozen=True, slots=True)
class NewMonth:
    """See `models.AssessedMonth`."""

    month: date
    digest: str
    scope: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class NewDoubt:
    code: DoubtCode
    child_id: int | None = None
    structure_id: int | None = None
    day: date | None = None
    number: int = 1


class Party(NamedTuple):
    """Whose bill it is: of a régie ("" for all), and of who pays, the home itself where nobody else does."""

    regie: str = ""
    payer_id: int | None = None
    payer_home_id: int | None = None

    @property
    def is_home(self) -> bool:
        return self.payer_id is None and self.payer_home_id is None


@dataclass(frozen=True, slots=True)
class NewAssessment:
    """Of the home that has `place` in the run. `shares`: the lines of each of its bills; none for
    what has waited alone. `flush`: the home has left, nothing of it waits any longer."""

    place: int
    digest: str
    items: tuple[Item, ...]
    months: tuple[NewMonth, ...]
    shares: Mapping[Party, tuple[WrittenLine, ...]]
    doubts: tuple[NewDoubt, ...] = ()
    flush: bool = False


@dataclass(frozen=True, slots=True)
class NewTotal:
    structure_id: int | None
    activity_id: int | None
    account: str
    bracket: str
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has waited of a home, for one bill: the ids of its shares."""

    total: Decimal
    ids: tuple[int, ...]


NOTHING: Final = Waiting(ZERO, ())


def to_preview(run_id: int, at_most: int) -> list[tuple[int, int]]:
    """Place and home of those that are still to be made, the first first; none once the run is stopped."""
    rows = Assessment.objects.filter(
        run_id=run_id, run__state=State.PREVIEWING, run__paused=False, state=Assessment.State.TO_DO
    )
    return list(rows.order_by("place").values_list("place", "family_id")[:at_most])


def preview_keep(
    *,
    run_id: int,
    places: Collection[int],
    found: Sequence[NewAssessment],
    totals: Iterable[NewTotal],
    threshold: Decimal,
) -> int:
    """Keep what was found of the homes at `places`; those of which nothing is `found` are gone from the run.

    All or none, and none where the run was stopped meanwhile or another worker was faster. Returns how many.
    """
    sealed = [_sealed(one) for one in found]
    with transaction.atomic():
        return _keep(run_id, places, sealed, tuple(totals), threshold)


def _keep(
    run_id: int,
    places: Collection[int],
    found: Sequence[_Sealed],
    totals: Sequence[NewTotal],
    threshold: Decimal,
) -> int:
    waiting = Assessment.objects.filter(run_id=run_id, state=Assessment.State.TO_DO, place__in=places)
    there = {home.pk for home in homes_locked(waiting.values("family_id"))}
    run = BillingRun.objects.select_for_update().filter(pk=run_id, state=State.PREVIEWING).first()
    to_do = {row.place: row for row in waiting}
    homes = {row.family_id for row in to_do.values()}
    if run is None or len(to_do) != len(places) or not there.issuperset(homes):
        return 0
    waiting.delete()
    rows = [_assessment(to_do[one.new.place], one) for one in found]
    Assessment.objects.bulk_create(rows)
    AssessedChild.objects.bulk_create(
        AssessedChild(assessment=row, number=number, child_id=child_id)
        for row, one in zip(rows, found, strict=True)
        for child_id, number in one.numbers.items()
    )
    _keep_parts(run, list(zip(rows, found, strict=True)), threshold)
    RunTotal.objects.bulk_create(
        RunTotal(
            run=run,
            batch=min(places),
            structure_id=one.structure_id,
            activity_id=one.activity_id,
            account=one.account,
            bracket=one.bracket,
            quantity=one.quantity,
            amount=one.amount,
        )
        for one in totals
    )
    return len(places)


@transaction.atomic
def preview_end(*, run_id: int, doubts: Iterable[NewDoubt], now: datetime) -> bool:
    """Once all homes are made: `doubts` are those of the run itself."""
    run = BillingRun.objects.select_for_update().filter(pk=run_id, state=State.PREVIEWING).first()
    if run is None or run.assessments.filter(state=Assessment.State.TO_DO).exists():
        return False
    RunDoubt.objects.bulk_create(_doubt(run, None, one) for one in doubts)
    run.state, run.previewed_at = State.PREVIEWED, now
    run.save(update_fields=["state", "previewed_at"])
    return True


def waiting_shares(authority_id: int, family_ids: Collection[int]) -> dict[tuple[int, Party], Waiting]:
    """What has waited, by home and whose bill it is for."""
    rows = Share.objects.filter(
        state=Share.State.WAITING,
        assessment__state=Assessment.State.SETTLED,
        assessment__run__authority_id=authority_id,
        assessment__family_id__in=family_ids,
    ).order_by("pk")
    found: dict[tuple[int, Party], list[tuple[int, Decimal]]] = defaultdict(list)
    for family_id, pk, total, regie, payer_id, payer_home_id in rows.values_list(
        "assessment__family_id", "pk", "total", "regie", "payer_id", "payer_home_id"
    ):
        found[family_id, Party(regie, payer_id, payer_home_id)].append((pk, total))
    return {
        key: Waiting(sum((total for _pk, total in them), ZERO), tuple(pk for pk, _total in them))
        for key, them in found.items()
    }


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What is long to write, made before anything is locked. `numbers`: what each child is called in it;
    `shares`: the lines of each bill."""

    new: NewAssessment
    numbers: Mapping[int, int]
    items: Sealed
    shares: Mapping[Party, Sealed]


def _sealed(new: NewAssessment) -> _Sealed:
    numbers = _numbers(new)
    return _Sealed(
        new,
        numbers,
        seal(items_text(renamed(item, numbers) for item in new.items)),
        {
            party: seal(written_text(line.renamed(numbers) for line in lines))
            for party, lines in new.shares.items()
        },
    )


def _assessment(to_do: Assessment, one: _Sealed) -> Assessment:
    return Assessment(
        run_id=to_do.run_id,
        family_id=to_do.family_id,
        corrects_id=to_do.corrects_id,
        place=one.new.place,
        state=Assessment.State.READY,
        digest=one.new.digest,
        total=sum((item.amount for item in one.new.items), ZERO),
        items=one.items,
    )


def _numbers(new: NewAssessment) -> dict[int, int]:
    """What each child of it is called in what is sealed."""
    ids = {item.place.child_id for item in new.items} - {None}
    return {child_id: number for number, child_id in enumerate(sorted(filter(None, ids)), 1)}


def _keep_parts(run: BillingRun, made: Sequence[tuple[Assessment, _Sealed]], threshold: Decimal) -> None:
    AssessedMonth.objects.bulk_create(
        AssessedMonth(assessment=row, month=one.month, digest=one.digest, scope=one.scope, amount=one.amount)
        for row, found in made
        for one in found.new.months
    )
    waited = waiting_shares(run.authority_id, [row.family_id for row, _found in made])
    shares, taken = [], []
    for row, found in made:
        for party, lines in found.new.shares.items():
            total = sum((line.amount for line in lines), ZERO)
            before = NOTHING if run.is_correction else waited.get((row.family_id, party), NOTHING)
            sending = sending_of(
                total + before.total,
                threshold,
                flush=run.flush or found.new.flush,
                may_credit=run.is_correction and party.is_home,
            )
            if not lines and sending is Sending.WAIT:
                continue
            share = Share(
                assessment=row,
                regie=party.regie,
                payer_id=party.payer_id,
                payer_home_id=party.payer_home_id,
                state=SENT[sending],
                total=total,
                lines=found.shares[party],
            )
            shares.append(share)
            if before.ids and sending is not Sending.WAIT:
                taken.append((before.ids, share))
    Share.objects.bulk_create(shares)
    brought = [Share(pk=pk, goes_with=share) for ids, share in taken for pk in ids]
    Share.objects.bulk_update(brought, ["goes_with"])
    RunDoubt.objects.bulk_create(_doubt(run, row, one) for row, found in made for one in found.new.doubts)


def _doubt(run: BillingRun, assessment: Assessment | None, one: NewDoubt) -> RunDoubt:
    return RunDoubt(
        run=run,
        assessment=assessment,
        child_id=one.child_id,
        structure_id=one.structure_id,
        code=one.code.value,
        day=one.day,
        number=one.number,
    )
