"""Who acts: the only answer to "who is asking?" that selectors, services and the journal accept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Role(StrEnum):
    """What a member of staff may be. The same words as the screens: see the glossary."""

    ADMINISTRATOR = "administrator"
    OFFICE = "office"
    DIRECTOR = "director"
    ANIMATOR = "animator"


class Guest(StrEnum):
    """What somebody may be who is neither of a home nor an agent: its account opens its own addresses, and no
    other."""

    PAYER = "payer"
    TEEN = "teen"
    CHILDMINDER = "childminder"


@dataclass(frozen=True, slots=True)
class Power:
    """A staff role and where it holds.

    `authority_id` bounds an office role, `structure_id` a director or an animator; both are None for an
    administrator, who holds everywhere. `reads_incomes` is given to a director by name: an office and an
    administrator read them in any case.
    """

    role: Role
    authority_id: int | None = None
    structure_id: int | None = None
    reads_incomes: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request or a command.

    `family_id` is the home whose file is open: the account's own, or, when `on_behalf_of` is true, the one
    that an agent acts for. `person_id` is the account's own person, None for staff who are not parents.
    `at_desk`: an agent reads or writes of that home on its own screens, and not on those that the home sees.
    A `guest` has no home, no person and no power. With a `child_id` that child itself asks, in the home that
    opened its planning to it: there it is nobody else, and nobody else is there for it.
    """

    user_id: int | None
    label: str
    person_id: int | None = None
    family_id: int | None = None
    on_behalf_of: bool = False
    powers: frozenset[Power] = frozenset()
    at_desk: bool = False
    guest: Guest | None = None
    child_id: int | None = None

    @property
    def home_id(self) -> int:
        """The home whose file is open. Raises LookupError when there is none."""
        if self.family_id is None:
            raise LookupError("This actor has no home open.")
        return self.family_id

    @property
    def is_staff(self) -> bool:
        return bool(self.powers)

    @property
    def is_administrator(self) -> bool:
        return any(power.role is Role.ADMINISTRATOR for power in self.powers)

    def only(self, powers: Iterable[Power]) -> Actor:
        """The same, with no more than these of its powers."""
        return replace(self, powers=self.powers.intersection(powers))

    def authorities(self, *roles: Role) -> frozenset[int]:
        """Ids of the authorities where this actor holds one of `roles` for the whole authority."""
        return frozenset(
            p.authority_id for p in self.powers if p.role in roles and p.authority_id is not None
        )

    def structures(self, *roles: Role) -> frozenset[int]:
        """Ids of the structures where this actor holds one of `roles` by name."""
        return frozenset(
            p.structure_id for p in self.powers if p.role in roles and p.structure_id is not None
        )


SYSTEM = Actor(user_id=None, label="Marelle")
