"""What a key may hold: how it is typed, how it is written back, what it is as a row holds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext

from marelle.core.clock import instant_at, local
from marelle.core.siret import siret_read
from marelle.definitions.reading import (
    UNREAD,
    At,
    Node,
    is_empty,
    items,
    key_plain,
    line_of,
    pairs,
    scalar,
    unknown,
)

Plain = Any
"""What is written: a text, a list or a mapping of them."""

Path = tuple[str, ...]
"""The keys that lead to something named: ("mercredis", "repas")."""

REQUIRED: Final = object()
WEEKDAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


class Value:
    """One kind of value. `read` gives UNREAD once it has noted a fault."""

    def read(self, node: Node, at: At) -> Any:
        raise NotImplementedError

    def write(self, value: Any) -> Plain:
        return str(value)

    def mapped(self, value: Any, to: Callable[[str, Any], Any]) -> Any:  # noqa: ARG002
        """With `to` in the place of each thing that it leads to: a path for an id, or the other way."""
        return value


@dataclass(frozen=True)
class Typed(Value):
    """One word, read by a function that raises ValueError; `expected` says what was awaited."""

    expected: str
    of: Callable[[str], Any]
    to: Callable[[Any], str] = str

    def read(self, node: Node, at: At) -> Any:
        typed = scalar(node, at)
        if not isinstance(typed, str):
            return UNREAD
        try:
            return self.of(typed.strip())
        except (ValueError, InvalidOperation, ValidationError):
            at.fault(
                node,
                gettext("« %(typed)s » : il faut %(expected)s.")
                % {"typed": typed[:60], "expected": self.expected},
            )
            return UNREAD

    def write(self, value: Any) -> Plain:
        return "" if value is None else self.to(value)


@dataclass(frozen=True)
class Text(Value):
    """As it was typed."""

    longest: int

    def read(self, node: Node, at: At) -> Any:
        typed = scalar(node, at)
        if isinstance(typed, str):
            if len(typed) > self.longest:
                told = gettext("%(n)s caractères : %(most)s au plus.")
                at.fault(node, told % {"n": len(typed), "most": self.longest})
                return UNREAD
            if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", typed):
                at.fault(node, gettext("un caractère invisible y est de trop."))
                return UNREAD
        return typed


@dataclass(frozen=True)
class Choice(Value):
    """One of some words; `words` gives them by what is held."""

    words: Mapping[Any, str]

    def read(self, node: Node, at: At) -> Any:
        typed = scalar(node, at)
        if not isinstance(typed, str):
            return UNREAD
        for held, word in self.words.items():
            if key_plain(word) == key_plain(typed):
                return held
        at.fault(node, unknown(typed, list(self.words.values())))
        return UNREAD

    def write(self, value: Any) -> Plain:
        return self.words[value]


@dataclass(frozen=True)
class Several(Value):
    """A list of one kind; `kept` is what holds them (a tuple in their order, or sorted)."""

    one: Value
    ordered: bool = False

    def read(self, node: Node, at: At) -> Any:
        found = [self.one.read(item, at) for item in items(node)]
        if UNREAD in found:
            return UNREAD
        return self._kept(found)

    def write(self, value: Any) -> Plain:
        return [self.one.write(one) for one in (value if self.ordered else sorted(value, key=repr))]

    def mapped(self, value: Any, to: Callable[[str, Any], Any]) -> Any:
        return self._kept([self.one.mapped(one, to) for one in value])

    def _kept(self, found: list[Any]) -> tuple[Any, ...]:
        return tuple(found) if self.ordered else tuple(sorted(set(found), key=repr))


@dataclass(frozen=True)
class Reference(Value):
    """Something that the file, or the portal, names: `repas`, or `mercredis/repas` from elsewhere."""

    kind: str

    def read(self, node: Node, at: At) -> Any:
        typed = scalar(node, at)
        return tuple(typed.strip().split("/")) if isinstance(typed, str) else UNREAD

    def write(self, value: Path) -> Plain:
        return "/".join(value)

    def mapped(self, value: Any, to: Callable[[str, Any], Any]) -> Any:
        return None if value is None else to(self.kind, value)


@dataclass(frozen=True)
class Field:
    """A key of a mapping. `attr` is the name of what holds it; `default` what stands where the key does not.

    `fixed`: it never changes once it is written. `later`: written once all is there that it may lead to.
    `of` reads it from a row, where that is more than an attribute.
    """

    word: str
    attr: str
    value: Value
    comment: str = ""
    default: Any = REQUIRED
    fixed: bool = False
    later: bool = False
    of: Callable[[Any], Any] | None = None

    @property
    def is_required(self) -> bool:
        return self.default is REQUIRED

    def is_written(self, value: Any) -> bool:
        return self.is_required or value != self.default


@dataclass(frozen=True)
class Mapped(Value):
    """Some keys in one value. `make` builds what is held; it may raise an error whose `code` names a
    field."""

    fields: tuple[Field, ...]
    make: Callable[..., Any]

    def read(self, node: Node, at: At) -> Any:
        before = len(at.faults)
        found, lines = fields_read(self.fields, node, at)
        for one in self.fields:
            if one.attr not in found and one.default is not REQUIRED:
                found[one.attr] = one.default
        if len(at.faults) > before:
            return UNREAD
        try:
            return self.make(**found)
        except ValueError as error:
            code = getattr(error, "code", "")
            wrong = next((one for one in self.fields if one.attr == code), None)
            if wrong is None:
                at.fault(node, gettext("cela ne peut pas être."))
            else:
                told = gettext("« %(word)s » manque, ou ne va pas avec le reste.")
                at.fault(lines.get(code, line_of(node)), told % {"word": wrong.word})
            return UNREAD

    def write(self, value: Any) -> Plain:
        held = [(one, getattr(value, one.attr)) for one in self.fields]
        return {one.word: one.value.write(kept) for one, kept in held if one.is_written(kept)}

    def mapped(self, value: Any, to: Callable[[str, Any], Any]) -> Any:
        held = {one.attr: (one, getattr(value, one.attr)) for one in self.fields}
        return self.make(
            **{
                attr: kept if kept is None else one.value.mapped(kept, to)
                for attr, (one, kept) in held.items()
            }
        )


def fields_read(fields: Sequence[Field], node: Node, at: At) -> tuple[dict[str, Any], dict[str, int]]:
    """What the keys of a mapping hold, by attribute, with their lines. A key without a value is its
    default."""
    known = {key_plain(one.word): one for one in fields}
    found: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key, word, value in pairs(node, at):
        one = known.get(key_plain(word))
        if one is None:
            at.under(word).fault(key, unknown(word, [one.word for one in fields]))
            continue
        lines[one.attr] = line_of(key)
        if is_empty(value):
            if one.is_required:
                at.under(one.word).fault(key, gettext("une valeur est attendue après « : »."))
            found[one.attr] = UNREAD if one.is_required else one.default
        else:
            found[one.attr] = one.value.read(value, at.under(one.word))
    return found, lines


def missing_noted(fields: Sequence[Field], found: Mapping[str, Any], line: int, at: At) -> None:
    """Faults for what must be said and is not."""
    for one in fields:
        if one.is_required and one.attr not in found:
            at.fault(line, gettext("il y manque « %(word)s ».") % {"word": one.word})


def whole(least: int = 0, most: int = 32_767) -> Typed:
    def read(typed: str) -> int:
        number = int(re.sub(r"[\s\u00a0\u202f]", "", typed))
        if not least <= number <= most:
            raise ValueError
        return number

    told = gettext("un nombre entier de %(least)s à %(most)s") % {"least": least, "most": most}
    return Typed(told, read)


def _day(typed: str) -> date:
    french = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", typed)
    return date(*(int(one) for one in reversed(french.groups()))) if french else date.fromisoformat(typed)


def _hour(typed: str) -> time:
    found = re.fullmatch(
        r"(\d{1,2})\s*(?::|h)\s*(\d{2})?", typed.replace("\u00a0", " ").replace("\u202f", " ")
    )
    if found is None:
        raise ValueError
    return time(int(found[1]), int(found[2] or 0))


def _instant(typed: str) -> datetime:
    day, _space, hour = typed.replace(" à ", " ").partition(" ")
    return instant_at(_day(day), _hour(hour.strip()))


def _day_written(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def _instant_written(at: datetime) -> str:
    return f"{_day_written(local(at).date())} {local(at):%H:%M}"


def _first_age(typed: str) -> int:
    found = re.fullmatch(r"(\d{1,3})\s*(ans?|mois)", typed)
    if found is None:
        raise ValueError
    return int(found[1]) * (1 if found[2] == "mois" else 12)


def _last_age(typed: str) -> int:
    return _first_age(typed) + (0 if "mois" in typed else 11)


def _years(number: int) -> str:
    return f"{number} an{'s' * (number > 1)}"


def _yes(typed: str) -> bool:
    return {"oui": True, "non": False}[typed.casefold()] if typed.casefold() in {"oui", "non"} else _no()


def _no() -> bool:
    raise ValueError


def _mail(typed: str) -> str:
    if typed:
        validate_email(typed)
    return typed


def _decimal(typed: str) -> Decimal:
    found = Decimal(typed.replace(",", ".").removesuffix("€").removesuffix("%").strip())
    if not found.is_finite():
        raise ValueError
    return found


def _decimal_written(number: Decimal) -> str:
    """As prices are, with two digits, or as many as it has; a whole number without."""
    exact = number.normalize()
    digits = -int(exact.as_tuple().exponent)
    return f"{exact:.{2 if digits == 1 else max(digits, 0)}f}"


DAY: Final = Typed("une date comme 01/09/2026", _day, _day_written)
HOUR: Final = Typed("une heure comme 08:30", _hour, lambda hour: f"{hour:%H:%M}")
INSTANT: Final = Typed("une date et une heure comme 01/09/2026 07:00", _instant, _instant_written)
YES_NO: Final = Typed("oui ou non", _yes, lambda one: "oui" if one else "non")
MAIL: Final = Typed("une adresse de courriel", _mail)
SIRET: Final = Typed(
    "un numéro SIRET, de quatorze chiffres", lambda typed: siret_read(typed) if typed else ""
)
POSTAL_CODE: Final = Typed(
    "un code postal de cinq chiffres", lambda typed: typed if re.fullmatch(r"\d{5}", typed) else str(_no())
)
DECIMAL: Final = Typed("un nombre comme 3.15", _decimal, _decimal_written)
FIRST_AGE: Final = Typed(
    "un âge comme « 3 ans » ou « 10 mois »",
    _first_age,
    lambda months: _years(months // 12) if months and not months % 12 else f"{months} mois",
)
LAST_AGE: Final = Typed(
    "un âge comme « 12 ans » (inclus) ou « 47 mois »",
    _last_age,
    lambda months: _years(months // 12) if months % 12 == 11 else f"{months} mois",
)
WEEKDAY: Final = Choice(dict(enumerate(WEEKDAYS)))
WEEKDAYS_LIST: Final = Several(WEEKDAY)
