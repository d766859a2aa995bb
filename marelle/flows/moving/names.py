"""What the lines of a file name, as it stands here: homes, children, activities, products; read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from marelle.activities.catalogue import activity_facts
from marelle.activities.facts import ActivityFacts
from marelle.activities.models import Activity
from marelle.activities.selectors import decides_activity
from marelle.core.actor import Actor
from marelle.core.refusals import Refusal
from marelle.core.tabular import Problem, plain
from marelle.families.imports.income_plan import homes_numbered, number_plain
from marelle.families.models import ExternalReference, Family, Member
from marelle.families.scope import own_files
from marelle.families.selectors import current, kept_away
from marelle.flows.moving.lines import Said, Who
from marelle.places.scope import is_office_of
from marelle.pricing.models import Product

Row = TypeVar("Row")
Key = tuple[str, str, date | None]
"""The names of a child, `plain`, and its birth."""


class NotTaken(Refusal):
    """Why a line is left out: its `code`, and the `column` that it is about."""

    def __init__(self, code: str, column: str = "", **data: object) -> None:
        super().__init__(code, **({"column": column} if column else {}), **data)

    def problem(self, line: int) -> Problem:
        return Problem(str(line), self.code, dict(self.data))


@dataclass(frozen=True, slots=True)
class Child:
    """A child who lives in `homes`, the numbers of rows."""

    id: int
    label: str
    homes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A child, or none, in one of its homes."""

    family_id: int
    child: Child | None


@dataclass(slots=True)
class Names:
    """See the module. `own`: homes that are the agent's, of which a colleague takes care."""

    actor: Actor
    homes: Mapping[str, int] = field(default_factory=dict)
    children: Mapping[Key, Sequence[Child]] = field(default_factory=dict)
    activities: Mapping[str, Sequence[ActivityFacts]] = field(default_factory=dict)
    products: Mapping[str, Sequence[Product]] = field(default_factory=dict)
    own: frozenset[int] = frozenset()

    def child(self, who: Who) -> Child:
        """Raises NotTaken."""
        found = self.children.get(_key(who), ())
        if not found:
            raise NotTaken("unknown_child", "last", value=who.label)
        if len(found) > 1:
            raise NotTaken("several_children", "last", value=who.label)
        return found[0]

    def numbered(self, who: Who) -> int | None:
        """The home that the line numbers, None where it numbers none. Raises NotTaken."""
        if not who.number:
            return None
        found = self.homes.get(number_plain(who.number))
        if found is None:
            raise NotTaken("unknown_number", "number", value=who.number)
        return found

    def home(self, who: Who) -> Named:
        """The home of the line, and its child if it names one. Raises NotTaken."""
        numbered = self.numbered(who)
        if not who.last:
            if numbered is None:
                raise NotTaken("unknown_number", "number", value=who.number)
            return self._of_another(Named(numbered, None))
        child = self.child(who)
        if numbered is not None and numbered not in child.homes:
            raise NotTaken("not_of_home", "number", value=who.label)
        if numbered is None and len(child.homes) > 1:
            raise NotTaken("several_homes", "number", value=who.label)
        return self._of_another(Named(child.homes[0] if numbered is None else numbered, child))

    def activity(self, said: Said, day: date | None) -> ActivityFacts:
        """That which is held on a day, of those of this name. Raises NotTaken."""
        found = list(self.activities.get(plain(said.activity), ()))
        if said.structure:
            found = [one for one in found if plain(one.structure_name) == plain(said.structure)]
        if not found:
            raise NotTaken("unknown_activity", "activity", value=said.activity)
        if len(found) > 1 and day is not None:
            found = [one for one in found if one.first_day <= day <= one.last_day] or found
        if len(found) > 1:
            raise NotTaken("several_activities", "activity", value=said.activity)
        if not decides_activity(self.actor, found[0]):
            raise NotTaken("other_service", "activity", value=said.activity)
        return found[0]

    def product(self, said: Said) -> Product:
        """Raises NotTaken."""
        found = self.products.get(plain(said.activity), ())
        if not found:
            raise NotTaken("unknown_product", "product", value=said.activity)
        if len(found) > 1:
            raise NotTaken("several_products", "product", value=said.activity)
        if not is_office_of(self.actor, found[0].authority_id):
            raise NotTaken("other_service", "product", value=said.activity)
        return found[0]

    def _of_another(self, named: Named) -> Named:
        if named.family_id in self.own:
            raise NotTaken("own_home")
        return named


def names_of(actor: Actor, saids: Iterable[Said], *, products: bool, day: date) -> Names:
    """What these lines name; a fixed number of queries."""
    wanted = {said.who for said in saids}
    return Names(
        actor,
        _homes({who.number for who in wanted if who.number}),
        _children({who.birth for who in wanted if who.birth is not None}, day),
        {} if products else _activities(),
        _by_name(Product.objects.select_related("authority"), lambda row: row.name) if products else {},
        own_files(actor, day),
    )


def _homes(numbers: set[str]) -> dict[str, int]:
    """Homes by the number or the reference, `number_plain`. What is a reference of the other software is one
    before it is a number here."""
    rows = Family.objects.filter(references__reference__in=numbers, erased_at=None)
    references = ExternalReference.objects.filter(reference__in=numbers, family__in=rows)
    said = {number_plain(text): pk for text, pk in references.values_list("reference", "family_id")}
    return {number: family.pk for number, family in homes_numbered(numbers).items()} | said


def _children(births: set[date], day: date) -> dict[Key, list[Child]]:
    near = ~kept_away(day, "person_id", home="family_id")
    rows = Member.objects.filter(
        near, current(day), kind=Member.Kind.CHILD, person__birth_date__in=births, family__erased_at=None
    )
    homes: dict[int, list[int]] = defaultdict(list)
    people = {}
    for row in rows.select_related("person").order_by("pk"):
        homes[row.person_id].append(row.family_id)
        people[row.person_id] = row.person
    found: dict[Key, list[Child]] = defaultdict(list)
    for pk, person in people.items():
        key = (plain(person.first_name), plain(person.last_name), person.birth_date)
        found[key].append(Child(pk, str(person), tuple(homes[pk])))
    return found


def _activities() -> dict[str, list[ActivityFacts]]:
    revisions = dict(Activity.objects.values_list("pk", "revision"))
    return _by_name(activity_facts(revisions).values(), lambda facts: facts.name)


def _by_name(rows: Iterable[Row], name: Callable[[Row], str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[plain(name(row))].append(row)
    return found


def _key(who: Who) -> Key:
    return plain(who.first), plain(who.last), who.birth
