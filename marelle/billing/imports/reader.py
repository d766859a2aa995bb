"""Reading the cells of a row, all that is wrong with it at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from marelle.billing.imports import values
from marelle.core.tabular import Problem, Row

T = TypeVar("T")


@dataclass
class Reader:
    """Reads the cells of one row, and gathers what is wrong with it. `titles`: of the columns, by code."""

    row: Row
    titles: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def say(self, code: str, **data: Any) -> None:
        self.problems.append(Problem(str(self.row.line), code, data))

    def read(self, code: str, how: Callable[[str], T], *, required: bool = True) -> T | None:
        """The value of a cell; None when it is empty, or cannot be read. One that is `required` is filled."""
        text = self.row.get(code)
        if not text:
            if required:
                self.say("missing", column=self.titles[code])
            return None
        try:
            return how(text)
        except values.Bad as bad:
            self.say(bad.code, column=self.titles[code], **bad.data)
            return None
