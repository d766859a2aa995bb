"""The lines of a home's day.

What a child holds is parted first: what is paid already, what something takes the place of the price of,
and the rest, which is due. Each is cut into sets; then what was done with them is counted, step by step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from marelle.core.money import ZERO
from marelle.pricing.extras import fetched_lines, prepaid_lines
from marelle.pricing.facts import ChildDay, HomeDay, Piece
from marelle.pricing.lines import Gap, Line, LineKind, Priced, Step, joined
from marelle.pricing.own import ALONE, OwnPrice, Places, Pricer, plate, spared
from marelle.pricing.sets import Cut
from marelle.pricing.tariffs import Adjustment, Always, By, Rank, Slots, TariffBook

Done = tuple[tuple[Adjustment, bool], ...]
"""What was done with a slot, step by step, and whether it is spared this time."""

Orders = Mapping[tuple[By, Slots], Sequence[int]]
"""The children of a home in order, by how they are counted and for which slots."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What a child holds, parted: slots that are due, and those taken apart, by what was done with them.

    What takes the place of a price makes all that was done before it void.
    """

    pricer: Pricer
    due: tuple[Piece, ...]
    apart: tuple[tuple[Piece, ...], ...]
    done: Mapping[int, Done]

    @property
    def child(self) -> ChildDay:
        return self.pricer.child


def day_lines(book: TariffBook, home: HomeDay) -> Priced:
    """What a home's day costs, child by child: the same for the same facts, whatever their order."""
    stands = [_stand(book, home, child) for child in sorted(home.children, key=lambda child: child.child_id)]
    orders = orders_of(home, stands)
    return joined(
        part
        for stand in stands
        for part in (
            *_sets(stand, _places(stand, orders)),
            *prepaid_lines(book, stand.pricer),
            *fetched_lines(book, stand.pricer),
        )
    )


def _stand(book: TariffBook, home: HomeDay, child: ChildDay) -> Stand:
    pricer = Pricer.of(book, home, child)
    pieces = sorted(
        (piece for piece in child.pieces if piece.prepaid is None), key=lambda piece: piece.slot_id
    )
    done: dict[int, Done] = {}
    groups: dict[tuple[tuple[int, bool], ...], list[Piece]] = {}
    due: list[Piece] = []
    for piece in pieces:
        found = _done(pricer.steps, piece)
        apart = [place for place, (row, _spared) in enumerate(found) if row.takes_apart(piece)]
        done[piece.slot_id] = kept = found[apart[-1] :] if apart else found
        if apart:
            groups.setdefault(tuple((row.id, spared) for row, spared in kept), []).append(piece)
        else:
            due.append(piece)
    return Stand(pricer, tuple(due), tuple(tuple(group) for group in groups.values()), done)


def _done(steps: Sequence[Sequence[Adjustment]], piece: Piece) -> Done:
    return tuple((row, row.spares(piece)) for row in what_was_done(steps, piece))


def what_was_done(steps: Sequence[Sequence[Adjustment]], piece: Piece) -> Iterator[Adjustment]:
    """The first of each step that holds of what was done with a slot."""
    for rows in steps:
        row = next((row for row in rows if _was_done(row, piece)), None)
        if row is not None:
            yield row


def _was_done(row: Adjustment, piece: Piece) -> bool:
    if isinstance(row.case, Always | Rank):
        return False
    return row.is_about(frozenset({piece.slot_id})) and row.case.holds(piece)


def orders_of(home: HomeDay, stands: Sequence[Stand]) -> Orders:
    """The children of the home, the first first, in each way that its tariffs ask for."""
    rows = [row for stand in stands for rows in stand.pricer.steps for row in rows]
    asked = {(row.case.by, row.slots) for row in rows if isinstance(row.case, Rank)}
    return {
        (by, slots): home.household if by is By.HOUSEHOLD else _order(stands, by, slots)
        for by, slots in asked
    }


def _order(stands: Sequence[Stand], by: By, slots: Slots) -> Sequence[int]:
    counted = [stand for stand in stands if _counts(stand, slots)]
    by_price = by is By.PRICE and len(counted) > 1
    keys = [
        (
            -_full_price(stand, slots) if by_price else ZERO,
            stand.child.birth or date.max,
            stand.child.child_id,
        )
        for stand in counted
    ]
    return [child_id for _price, _birth, child_id in sorted(keys)]


def _places(stand: Stand, orders: Orders) -> Places:
    """Where a child comes, of those that count."""
    child_id = stand.child.child_id
    return {
        (by, slots): order.index(child_id) + 1
        for (by, slots), order in orders.items()
        if _counts(stand, slots) and child_id in order
    }


def _counts(stand: Stand, slots: Slots) -> bool:
    """Whether the child holds a booked slot that is due, of those."""
    return any(piece.booked and (not slots or piece.slot_id in slots) for piece in stand.due)


def _full_price(stand: Stand, slots: Slots) -> Decimal:
    """What the child would pay alone, for the sets that these slots are in."""
    cut = stand.pricer.cut(stand.due, ALONE)
    return sum((own.amount for held, own in cut.sets if not slots or held & slots), ZERO)


def _sets(stand: Stand, places: Places) -> Iterator[Priced]:
    yield _group(stand, stand.due, places, LineKind.DUE)
    for group in stand.apart:
        yield _group(stand, group, ALONE, LineKind.APART)


def _group(stand: Stand, pieces: Sequence[Piece], places: Places, kind: LineKind) -> Priced:
    cut = stand.pricer.cut(pieces, places)
    by_slot = {piece.slot_id: piece for piece in pieces}
    day, child_id = stand.pricer.day, stand.child.child_id
    lines = tuple(
        _line(stand, own, slots, [by_slot[slot] for slot in sorted(slots)], places, kind)
        for slots, own in cut.sets
    )
    return Priced(lines, tuple(Gap(day, child_id, "slot", slot) for slot in cut.gaps))


def _line(
    stand: Stand, own: OwnPrice, slots: Slots, pieces: Sequence[Piece], places: Places, kind: LineKind
) -> Line:
    return Line(
        day=stand.pricer.day,
        child_id=stand.child.child_id,
        kind=kind,
        tariff=own.tariff.id,
        name=own.tariff.name,
        quantity=own.quantity,
        unit=own.unit,
        steps=(*own.steps, *_done_steps(stand, own, pieces, places)),
        ledger=own.tariff.ledger,
        slots=slots,
        plate=plate(own.tariff, stand.pricer.asked, own.quantity, own.whole),
        missed=all(piece.grade is not None for piece in pieces),
    )


def _done_steps(stand: Stand, own: OwnPrice, pieces: Sequence[Piece], places: Places) -> Iterator[Step]:
    """Surcharges and absences of a set, in the order of their steps."""
    amount = own.amount
    rows = {row for piece in pieces for row, _spared in stand.done[piece.slot_id]}
    for row in sorted(rows, key=lambda row: (row.step, row.priority)):
        concerned = [piece for piece in pieces if (row, False) in stand.done[piece.slot_id]]
        if concerned:
            part = amount if row.whole else _part(stand, own, pieces, concerned, amount, places)
            step = stand.pricer.effect(row, amount, part)
        else:
            step = spared(amount, row, row.times_before(pieces[0]), row.spared)
        amount = step.amount
        yield step


def _part(
    stand: Stand,
    own: OwnPrice,
    pieces: Sequence[Piece],
    concerned: Sequence[Piece],
    amount: Decimal,
    places: Places,
) -> Decimal:
    """What these slots add to the price of the others; all of it where the others have none by themselves."""
    rest: Cut[OwnPrice] = stand.pricer.cut([piece for piece in pieces if piece not in concerned], places)
    if not rest.sets or rest.gaps:
        return amount
    return max(own.amount - rest.amount, ZERO)
