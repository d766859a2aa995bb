"""What an entry of the journal or a case is about, for floors that know no domain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """`kind` is a code ("booking", "account"), `id` its row's key or None, `label` what people call it."""

    kind: str
    id: int | None
    label: str = ""
