"""Text encrypted at rest: the database holds tokens, the keys come from the environment (`SEALING_KEYS`).

A model keeps a `Sealed`, which shows nothing of what it holds: neither its `repr` nor a log, a template or
the administration can. `seal` makes one, `opened` reads it. A text that its page always shows is a
`SealedTextField`, which opens by itself. Where the keys do not open it, pages say that it is not available
and the rest of them stands; an operator reads why in the log and in `python -m marelle check`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from marelle.core.refusals import Refusal

logger = logging.getLogger(__name__)

HIDDEN: Final = "‹scellé›"

UNAVAILABLE: Final = _("Indisponible pour le moment")
"""In the place of what no key opens."""


class CannotSeal(Refusal):
    """There is no key to write with: nothing is kept in the clear instead."""

    def __init__(self) -> None:
        super().__init__("cannot_seal")


class CannotOpen(Refusal):
    """None of the keys opens it."""

    def __init__(self) -> None:
        super().__init__("cannot_open")


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    """A text that only `opened` shows. Two of one text differ, but for a copy."""

    token: str

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__


class SealedField(models.Field):  # type: ignore[type-arg]
    """A column of `Sealed`: a text of another kind is never written in it, so that none is left in the clear.

    It is not searched by what it holds: the same text is another token each time.
    """

    _pyi_private_set_type: Sealed | models.expressions.Combinable
    _pyi_private_get_type: Sealed
    _pyi_lookup_exact_type: Sealed

    def get_internal_type(self) -> str:
        return "TextField"

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> Sealed | None:
        return None if value is None else Sealed(value)

    def to_python(self, value: Any) -> Sealed | None:
        """Of a token, as `dumpdata` writes it."""
        return value if value is None or isinstance(value, Sealed) else Sealed(str(value))

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, models.expressions.BaseExpression):
            return super().get_prep_value(value)
        if not isinstance(value, Sealed):
            raise TypeError(f"{self.name} holds sealed texts alone.")
        return value.token

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return value.token if isinstance(value, Sealed) else ""


class Unreadable(str):  # noqa: SLOT000 - a text that is not empty has no slots
    """What a `SealedTextField` gives where no key opens it: shown as such, written back as it was."""

    token: str

    def __new__(cls, token: str) -> Self:
        made = super().__new__(cls, str(UNAVAILABLE))
        made.token = token
        return made

    def __eq__(self, other: object) -> bool:
        """Nobody knows whether two say the same, unless they are one token."""
        return isinstance(other, Unreadable) and other.token == self.token

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.token)

    def __reduce__(self) -> tuple[type[Unreadable], tuple[str]]:
        return Unreadable, (self.token,)


class SealedTextField(models.TextField):  # type: ignore[type-arg]
    """A column of texts that the database alone holds sealed: written and read as texts.

    One that no key opens is read as an `Unreadable`, and saving its row changes nothing of it. "" stays "":
    it tells that there is no text. Of other texts no query may ask: the same one is another token each time.
    One that is not `needed` is kept as it is where there is no key at all: what it is for is to go on.
    """

    def __init__(self, *args: Any, needed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needed = needed

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs if self.needed else {**kwargs, "needed": False}

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> str | None:
        if not value or not (self.needed or is_token(value)):
            return value
        try:
            return opened(Sealed(value))
        except CannotOpen:
            return Unreadable(value)

    def get_prep_value(self, value: Any) -> Any:
        """Raises CannotSeal."""
        if value is None or isinstance(value, models.expressions.BaseExpression):
            return super().get_prep_value(value)
        if isinstance(value, Sealed | Unreadable):
            return value.token
        text = str(value)
        if not text or not (self.needed or settings.SEALING_KEYS):
            return text
        return seal(text).token

    def value_to_string(self, obj: models.Model) -> str:
        """As `dumpdata` writes it: sealed."""
        return str(self.get_prep_value(self.value_from_object(obj)) or "")

    def to_python(self, value: Any) -> Any:
        """Of a token as `dumpdata` writes it, what it holds."""
        if isinstance(value, str) and value.startswith(TOKEN) and not isinstance(value, Unreadable):
            read = self.from_db_value(value, None, None)
            return value if isinstance(read, Unreadable) else read
        return super().to_python(value)

    def get_lookup(self, lookup_name: str) -> Any:
        """Of its texts, whether there is one is all that a query may ask."""
        return {"exact": _ExactToken, "isnull": super().get_lookup("isnull")}.get(lookup_name)


class _ExactToken(Exact):
    """Of "", or of a token: any other text would never be found, whoever holds it."""

    def get_prep_lookup(self) -> Any:
        if isinstance(self.rhs, Sealed | Unreadable):
            return self.rhs.token
        if self.rhs == "" or hasattr(self.rhs, "resolve_expression"):
            return self.rhs
        raise TypeError(f"{self.lhs.output_field.name} is sealed: no query finds a text in it.")


def is_readable(sealed: Sealed) -> bool:
    """Whether a key opens it, or it was kept in the clear for want of one: `reseal` seals that."""
    if not is_token(sealed.token):
        return True
    try:
        opened(sealed)
    except CannotOpen:
        return False
    return True


def is_token(text: str) -> bool:
    """Whether a column of sealed texts holds it sealed. What it held before it was one is not."""
    return text.startswith(TOKEN) and len(text) >= SHORTEST


SHORTEST: Final = 100
"""Signs of the token of an empty text."""

TOKEN: Final = "gAAAA"  # noqa: S105 - none
"""How every token begins."""


def seal(text: str) -> Sealed:
    """`text`, encrypted with the first key. Raises CannotSeal."""
    keys = _keys()
    if keys is None:
        tell_operator("SEALING_KEYS is missing: nothing can be sealed.")
        raise CannotSeal
    return Sealed(keys.encrypt(text.encode()).decode())


def opened(sealed: Sealed) -> str:
    """What it holds. Raises CannotOpen."""
    keys = _keys()
    try:
        if keys is not None:
            return keys.decrypt(sealed.token.encode()).decode()
    except InvalidToken:
        pass
    tell_operator("SEALING_KEYS lacks the key that sealed values were written with.")
    raise CannotOpen


def is_current(sealed: Sealed) -> bool:
    """Whether the first key wrote it. Raises CannotSeal without a key."""
    if not settings.SEALING_KEYS:
        raise CannotSeal
    try:
        _fernet(settings.SEALING_KEYS[0]).decrypt(sealed.token.encode())
    except InvalidToken:
        return False
    return True


def resealed(sealed: Sealed) -> Sealed:
    """The same text under the first key. Raises CannotOpen."""
    return seal(opened(sealed))


def _keys() -> MultiFernet | None:
    return _multi(tuple(settings.SEALING_KEYS)) if settings.SEALING_KEYS else None


@lru_cache(maxsize=4)
def _multi(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([_fernet(key) for key in keys])


@lru_cache(maxsize=8)
def _fernet(key: str) -> Fernet:
    return Fernet(key)


@lru_cache(maxsize=4)
def tell_operator(words: str) -> None:
    """Once a process: a page may have a hundred such values."""
    logger.error('%s See "Sealed values" in docs/settings.md.', words)
