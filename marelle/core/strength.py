"""Whether secrets would be guessed, and whether each is used once. Only their names come out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

LEAST_SIGNS: Final = 8
"""Different ones: sixteen random figures or letters have as many, however few there are to choose from."""


def is_weak(secret: str, *, least: int, known: Iterable[str] = ()) -> bool:
    """Whether somebody would come to it by trying. `least`: how long it must be; `known`: what stands beside
    it for all to see, such as a user's name."""
    if len(secret) < least or len(set(secret)) < LEAST_SIGNS or secret in (secret * 2)[1:-1]:
        return True
    if secret.casefold() in {one.casefold() for one in known}:
        return True
    try:
        _common().validate(secret)
    except ValidationError:
        return True
    return False


@lru_cache(maxsize=1)
def _common() -> CommonPasswordValidator:
    """Its list is read once."""
    return CommonPasswordValidator()


def repeated(secrets: Iterable[tuple[str, str]]) -> list[str]:
    """The names of secrets, in their order, whose value another has too. Each is a name and a value."""
    names: dict[str, list[str]] = {}
    for name, value in secrets:
        if value:
            names.setdefault(value, []).append(name)
    shared: Mapping[str, None] = {name: None for found in names.values() if len(found) > 1 for name in found}
    return list(shared)
