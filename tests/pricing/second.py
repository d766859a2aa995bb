"""The second engine: slow, and written from the words of règlements, not from the first one.

Whole cents and fractions, every way of cutting a day tried one after the other, each rule an `if` where a
règlement has a sentence. It explains nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from tests.pricing.reglement import CARE, MEAL, Day, Held, Kid, Priced, Reglement, Then

Answer = tuple[list[tuple[int, tuple[int, ...], int]], list[tuple[int, str, int]]]
"""Lines (child, slots, cents) and what has no price (child, what, id), in any order."""


def half_up(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def answer(said: Reglement, day: Day) -> Answer:
    lines, gaps = [], []
    for kid in day.kids:
        for group in _groups(said, kid):
            place = _place(said, day, kid) if _is_due(said, kid, group[0]) else None
            blocks, missing = _cut(said, day, kid, group, place)
            gaps += [(kid.id, "slot", slot) for slot in missing]
            lines += [(kid.id, _slots(block), _final(said, day, kid, block, place)) for block in blocks]
        lines += _on_card(said, kid)
        lines += _fetched(said, kid)
    return sorted(lines), sorted(gaps)


# What was done with a slot.


def _late_rule(said: Reglement, kid: Kid, held: Held) -> Then | None:
    if not held.late or not held.booked or said.late is None:
        return None
    return None if said.late_not_staff and "staff" in kid.is_of else said.late


def _unbooked_rule(said: Reglement, held: Held) -> Then | None:
    if held.booked or held.before < said.unbooked_free:
        return None
    return said.unbooked


def _absence_rule(said: Reglement, held: Held) -> Then | None:
    if held.missed is None:
        return None
    told, proof, carence = held.missed
    excused = not carence and proof is not None and (said.within is None or proof <= said.within)
    if excused and said.excused:
        return said.excused
    if told == "in_time" and said.told_in_time:
        return said.told_in_time
    return None if excused else said.unexcused


def _label(said: Reglement, kid: Kid, held: Held) -> tuple[str, str]:
    """The last thing that took the place of its price, and what was said after it."""
    why = _why_missed(said, held) if held.missed else ""
    absent = _absence_rule(said, held)
    if absent and absent.what == "becomes":
        return "missed", why
    return ("late" if held.booked else "unbooked"), why


def _why_missed(said: Reglement, held: Held) -> str:
    told, proof, carence = held.missed or ("", None, False)
    excused = not carence and proof is not None and (said.within is None or proof <= said.within)
    if excused and said.excused:
        return "excused"
    if told == "in_time" and said.told_in_time:
        return "told"
    return "" if excused or not said.unexcused else "unexcused"


def _is_due(said: Reglement, kid: Kid, held: Held) -> bool:
    """Nothing takes the place of its price."""
    late = None if said.late_whole else _late_rule(said, kid, held)
    rules = late, _unbooked_rule(said, held), _absence_rule(said, held)
    return not any(rule and rule.what == "becomes" for rule in rules)


def _by_day(kid: Kid) -> list[Held]:
    return sorted((held for held in kid.held if not held.card), key=lambda held: held.slot)


def _groups(said: Reglement, kid: Kid) -> list[list[Held]]:
    due = [held for held in _by_day(kid) if _is_due(said, kid, held)]
    apart = [held for held in _by_day(kid) if not _is_due(said, kid, held)]
    labels = {_label(said, kid, held) for held in apart}
    alike = [[held for held in apart if _label(said, kid, held) == label] for label in labels]
    return [group for group in (due, *alike) if group]


# Sets.


def _slots(block: Iterable[Held]) -> tuple[int, ...]:
    return tuple(sorted(held.slot for held in block))


def _partitions(held: list[Held]) -> Iterator[list[list[Held]]]:
    """All the ways of cutting, from one block to as many as there are slots."""
    if not held:
        yield []
        return
    first, *others = held
    for way in _partitions(others):
        yield [[first], *way]
        for place, block in enumerate(way):
            yield [*way[:place], [first, *block], *way[place + 1 :]]


def _cut(
    said: Reglement, day: Day, kid: Kid, held: list[Held], place: int | None
) -> tuple[list[list[Held]], list[int]]:
    """The fewest slots without a price, then the least price, the fewest sets, the first slots first."""
    ways = []
    for way in _partitions(held):
        prices = [(block, _own(said, day, kid, block, place)) for block in way]
        missing = [block for block, price in prices if price is None]
        if all(len(block) == 1 for block in missing):
            found = sorted((block for block, price in prices if price is not None), key=_slots)
            cost = sum(price for _block, price in prices if price is not None)
            ways.append((len(missing), cost, len(found), [_slots(block) for block in found], found, missing))
    best = min(ways, key=lambda way: way[:4])
    return best[4], [block[0].slot for block in best[5]]


# Prices.


def _rule_of(said: Reglement, kid: Kid, slots: tuple[int, ...]) -> Priced | None:
    if slots == (MEAL,) and said.own_meal is not None and "own_meal" in kid.is_of:
        return Priced("fixed", fixed=said.own_meal)
    if "outside" in kid.is_of and slots in said.for_outsiders:
        return said.for_outsiders[slots]
    return said.grid.get(slots)


def _own(said: Reglement, day: Day, kid: Kid, block: list[Held], place: int | None) -> int | None:
    """What this home pays for a set, before anything that was done with it."""
    slots = _slots(block)
    if slots == (CARE,):
        amount = _care(said, day, kid, block[0])
    else:
        rule = _rule_of(said, kid, slots)
        if rule is None:
            return None
        amount = _price(rule, day)
        if rule.minutes:
            minutes = sum(_minutes(rule.hours, held) for held in block)
            amount *= (minutes + rule.minutes - 1) // rule.minutes
    if said.outside and "outside" in kid.is_of:
        amount = _after(said.outside, amount, amount)
    counts = not said.siblings_slots or set(slots) & set(said.siblings_slots)
    if said.siblings and place is not None and place > 1 and counts:
        off = said.siblings[0] if place == 2 else said.siblings[1]
        amount = half_up(Fraction(amount * (100 - off), 100))
    return amount


def _price(rule: Priced, day: Day) -> int:
    known = day.status in {"proved", "declared"} and day.quotient is not None
    if rule.kind == "fixed":
        return rule.fixed
    if rule.kind == "linear":
        rate, floor, ceiling = rule.linear
        if day.status == "none":
            return floor
        if not known:
            return ceiling
        return half_up(min(max(Fraction(day.quotient * rate, 10_000), Fraction(floor)), Fraction(ceiling)))
    prices = [price for _since, price in rule.grid]
    if day.status == "none":
        return min(prices)
    if not known:
        return max(prices)
    price = prices[0]
    for since, other in rule.grid:
        if day.quotient >= since * 100:
            price = other
    return price


def _care(said: Reglement, day: Day, kid: Kid, held: Held) -> int:
    floor, ceiling = said.care_bounds
    if day.status == "none" or "in_care" in kid.is_of:
        resources = floor
    elif day.status in {"refused", "unknown"} or day.resources is None:
        resources = ceiling
    else:
        resources = max(floor, min(ceiling, day.resources))
    column = 0
    for number, (children, _rate) in enumerate(said.care_rates):
        if day.dependants >= children:
            column = number
    column = min(column + day.aeeh, len(said.care_rates) - 1)
    an_hour = half_up(Fraction(resources * said.care_rates[column][1], 1_000_000))
    minutes = _minutes("booked", held)
    return half_up(Fraction(an_hour * ((minutes + 29) // 30), 2))


def _minutes(hours: str, held: Held) -> int:
    if held.missed is not None:
        return held.minutes
    if not held.booked:
        return held.seen or 0
    if hours == "booked" or held.seen is None:
        return held.minutes
    return held.seen if hours == "seen" else max(held.seen, held.minutes)


def _after(then: Then, amount: int, part: int) -> int:
    if then.what == "becomes":
        return then.n
    if then.what == "plus":
        return max(0, amount + then.n)
    return max(0, half_up(amount + Fraction(part * then.n, 100)))


def _final(said: Reglement, day: Day, kid: Kid, block: list[Held], place: int | None) -> int:
    """Late first, then seen without a booking, then missed: the last sentence has the last word."""
    own = amount = _own(said, day, kid, block, place) or 0
    sentences = (
        (lambda held: _late_rule(said, kid, held), said.late_whole),
        (lambda held: _unbooked_rule(said, held), False),
    )
    for rule_of, whole in sentences:
        concerned = [held for held in block if rule_of(held)]
        if concerned:
            part = amount if whole else _added(said, day, kid, block, concerned, place, own, amount)
            amount = _after(rule_of(concerned[0]), amount, part)
    for why in ("excused", "told", "unexcused"):
        concerned = [held for held in block if held.missed and _why_missed(said, held) == why]
        if concerned:
            part = _added(said, day, kid, block, concerned, place, own, amount)
            amount = _after(_absence_rule(said, concerned[0]), amount, part)
    return amount


def _added(
    said: Reglement,
    day: Day,
    kid: Kid,
    block: list[Held],
    concerned: list[Held],
    place: int | None,
    own: int,
    amount: int,
) -> int:
    """What some slots of a set add to the price of the others."""
    others = [held for held in block if held not in concerned]
    if not others:
        return amount
    blocks, missing = _cut(said, day, kid, others, place)
    if missing:
        return amount
    return max(0, own - sum(_own(said, day, kid, one, place) or 0 for one in blocks))


# Brothers and sisters.


def _place(said: Reglement, day: Day, kid: Kid) -> int | None:
    if said.siblings is None or not _comes(said, kid):
        return None
    if said.first_is == "household":
        return day.household.index(kid.id) + 1 if kid.id in day.household else None
    before = [other for other in day.kids if _comes(said, other) and _precedes(said, day, other, kid)]
    return len(before) + 1


def _comes(said: Reglement, kid: Kid) -> bool:
    """It holds a booked slot that counts, and whose price is due."""
    held = [held for held in _by_day(kid) if held.booked and _is_due(said, kid, held)]
    return any(not said.siblings_slots or one.slot in said.siblings_slots for one in held)


def _precedes(said: Reglement, day: Day, other: Kid, kid: Kid) -> bool:
    if said.first_is == "price":
        prices = _full(said, day, other), _full(said, day, kid)
        if prices[0] != prices[1]:
            return prices[0] > prices[1]
    births = other.born or 9999, kid.born or 9999
    return other.id < kid.id if births[0] == births[1] else births[0] < births[1]


def _full(said: Reglement, day: Day, kid: Kid) -> int:
    due = [held for held in _by_day(kid) if _is_due(said, kid, held)]
    blocks, _missing = _cut(said, day, kid, due, None)
    counted = [
        one for one in blocks if not said.siblings_slots or set(_slots(one)) & set(said.siblings_slots)
    ]
    return sum(_own(said, day, kid, one, None) or 0 for one in counted)


# Beside the sets.


def _on_card(said: Reglement, kid: Kid) -> Iterator[tuple[int, tuple[int, ...], int]]:
    paid = [held for held in kid.held if held.card]
    if paid:
        yield kid.id, _slots(paid), 0
    given_back = [held for held in paid if held.missed and held.missed[1] is not None and not held.missed[2]]
    if paid and said.card_back and given_back == paid:
        yield kid.id, _slots(paid), -said.card_back


def _fetched(said: Reglement, kid: Kid) -> Iterator[tuple[int, tuple[int, ...], int]]:
    for slot, minutes, before in kid.fetched:
        times = -(-minutes // said.fetched_minutes) if said.fetched_minutes else 1
        free = "staff" in kid.is_of or before < said.fetched_free
        yield kid.id, (slot,), 0 if free else said.fetched * times
