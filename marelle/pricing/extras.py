"""Lines of a day beside the sets: what a card or a month has paid already, and a child fetched after
closing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from marelle.core.money import ZERO
from marelle.pricing.amounts import price_of
from marelle.pricing.facts import Fetched, Piece
from marelle.pricing.lines import Gap, Line, LineKind, Priced, Step, StepCode
from marelle.pricing.own import ONE, Pricer, spared, times
from marelle.pricing.tariffs import Product, Slots, Tariff, TariffBook


def prepaid_lines(book: TariffBook, pricer: Pricer) -> Iterator[Priced]:
    """What is paid already costs nothing on its day; a day missed gives back what its product says."""
    child = pricer.child
    for product in sorted({piece.prepaid for piece in child.pieces if piece.prepaid is not None}):
        pieces = [piece for piece in child.pieces if piece.prepaid == product]
        found = book.product(product, child.traits, pricer.day)
        if found is None:
            yield Priced(gaps=(Gap(pricer.day, child.child_id, "product", product),))
            continue
        tariff, what = found
        paid = Step(StepCode.PREPAID, ZERO, tariff.id, tariff.name)
        slots = frozenset(piece.slot_id for piece in pieces)
        missed = all(piece.grade is not None for piece in pieces)
        yield Priced((_line(pricer, tariff, LineKind.PREPAID, (paid,), ONE, slots, missed=missed),))
        yield from _given_back(pricer, tariff, what, pieces, slots)


def _given_back(
    pricer: Pricer, tariff: Tariff, what: Product, pieces: Sequence[Piece], slots: Slots
) -> Iterator[Priced]:
    """Once for the day, where all that is paid was missed in a way that gives back."""
    ways = what.gives_back
    if what.given_back is None or not all(any(way.holds(piece) for way in ways) for piece in pieces):
        return
    unit = price_of(what.given_back, pricer.asked, tariff.id, tariff.name)
    if unit is not None and unit.amount:
        back = Step(StepCode.GIVEN_BACK, -unit.amount, tariff.id, tariff.name)
        yield Priced((_line(pricer, tariff, LineKind.GIVEN_BACK, (unit, back), -ONE, slots, missed=True),))


def fetched_lines(book: TariffBook, pricer: Pricer) -> Iterator[Priced]:
    """One line for each time; nothing where no tariff is about it, for whoever it would be."""
    child = pricer.child
    for fetched in sorted(child.fetched, key=lambda one: (one.slot_id, one.minutes, one.before)):
        if not book.charges_fetching(fetched.slot_id, pricer.day):
            continue
        line = _fetched(book, pricer, fetched)
        gap = Gap(pricer.day, child.child_id, "fetched", fetched.slot_id)
        yield Priced(gaps=(gap,)) if line is None else Priced((line,))


def _fetched(book: TariffBook, pricer: Pricer, fetched: Fetched) -> Line | None:
    found = book.fetching(fetched.slot_id, pricer.child.traits, pricer.day)
    unit = found and price_of(found[0].amount, pricer.asked, found[0].id, found[0].name)
    if found is None or unit is None:
        return None
    tariff, what = found
    quantity, steps = ONE, [unit]
    if what.started:
        quantity = what.started.quantity(fetched.minutes)
        steps.append(times(unit, quantity))
    if fetched.before < what.spared:
        steps.append(spared(ZERO, tariff, fetched.before, what.spared))
    slots = frozenset({fetched.slot_id})
    return _line(pricer, tariff, LineKind.FETCHED, tuple(steps), quantity, slots, missed=False)


def _line(
    pricer: Pricer,
    tariff: Tariff,
    kind: LineKind,
    steps: tuple[Step, ...],
    quantity: Decimal,
    slots: Slots,
    *,
    missed: bool,
) -> Line:
    return Line(
        day=pricer.day,
        child_id=pricer.child.child_id,
        kind=kind,
        tariff=tariff.id,
        name=tariff.name,
        quantity=quantity,
        unit=steps[0].amount,
        steps=steps,
        ledger=tariff.ledger,
        slots=slots,
        missed=missed,
    )
