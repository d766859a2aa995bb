"""Enrolments that are brought: accepted at once, in their group, without a mail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from django.db.models import Count

from marelle.activities.facts import ActivityFacts
from marelle.activities.kinds import EnrolmentMode
from marelle.core.actor import Actor
from marelle.core.french import day_plain
from marelle.core.subject import Subject
from marelle.core.tabular import plain
from marelle.enrolments.models import Enrolment, GroupChoice
from marelle.families.locks import homes_locked, people_locked
from marelle.flows.moving.lines import Said
from marelle.flows.moving.names import Names, NotTaken, names_of
from marelle.flows.moving.plans import About, Fate, Plan, Planned, SumKey, plan_of
from marelle.flows.moving.subjects import Measure
from marelle.journal.services import Act, record_many

MOVED: Final = "enrolment.moved_in"


class Planning:
    """Where each line stands among those that are there and those before it in the file."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._live = _live({child.id for rows in names.children.values() for child in rows})
        self._lines: dict[tuple[int, int, int], int] = {}

    def about(self, said: Said) -> About:
        facts = self.names.activity(said, said.since or said.until)
        return About(facts.id, facts.name)

    def planned(self, said: Said, about: About) -> Planned:
        facts = self.names.activity(said, said.since or said.until)
        named = self.names.home(said.who)
        if named.child is None:
            raise NotTaken("unknown_child", "last", value=said.who.label)
        if facts.enrolment_mode is EnrolmentMode.NONE:
            raise NotTaken("no_enrolment", "activity", value=facts.name)
        row = _row(said, facts, named.family_id, named.child.id)
        group = _group(said, facts)
        key = (named.family_id, named.child.id, facts.id)
        fate = Fate.NEW
        if key in self._lines:
            raise NotTaken("twice", line=self._lines[key])
        if (held := self._live.get(key)) is not None:
            if held.state == Enrolment.State.REQUESTED:
                raise NotTaken("asked_here")
            if (held.starts_on, held.ends_on) != (row.starts_on, row.ends_on) or _in_another(held, group):
                raise NotTaken("enrolled_otherwise", **_told(held.starts_on, held.ends_on))
            fate = Fate.SAME
        self._lines[key] = said.line
        adds = {Measure.ENROLMENTS: 1} if fate is Fate.NEW else {}
        return Planned(
            said, fate, named.family_id, named.child.id, about, adds, (row, group, named.child.label)
        )


def plan(actor: Actor, saids: Sequence[Said], *, day: date) -> Plan:
    """What these lines would do now; a fixed number of queries."""
    planning = Planning(names_of(actor, saids, products=False, day=day))
    return plan_of(saids, planning.about, planning.planned, lambda said: said.activity)


def write(actor: Actor, saids: Sequence[Said], *, day: date, now: datetime) -> Plan:
    """Write what they do, under the locks of their homes and children. Joins the caller's transaction."""
    first = plan(actor, saids, day=day)
    homes_locked({one.family_id for one in first.planned})
    people_locked({one.child_id for one in first.planned if one.child_id is not None})
    found = plan(actor, saids, day=day)
    new = found.of(Fate.NEW)
    rows: list[Enrolment] = []
    for one in new:
        row = one.row[0]
        row.requested_at = row.decided_at = now
        row.requested_by = row.decided_by = actor.label[:150]
        rows.append(row)
    Enrolment.objects.bulk_create(rows)
    GroupChoice.objects.bulk_create(
        [
            GroupChoice(enrolment=one.row[0], group_id=one.row[1], since=one.row[0].starts_on)
            for one in new
            if one.row[1] is not None
        ]
    )
    acts = [
        Act(MOVED, Subject("person", one.child_id, f"{one.row[2]} · {one.about.label}"), one.family_id)
        for one in new
    ]
    record_many(actor=actor, acts=acts, now=now)
    return found


def here(keys: Iterable[SumKey]) -> Mapping[SumKey, int]:
    """How many are enrolled now, by activity; one query."""
    wanted = list(keys)
    ids = {about.id for about, _month, _measure in wanted}
    rows = Enrolment.objects.filter(state=Enrolment.State.ACCEPTED, activity__in=ids - {None})
    counts = dict(rows.order_by().values_list("activity").annotate(Count("pk")))
    return {key: counts.get(key[0].id, 0) for key in wanted}


def _row(said: Said, facts: ActivityFacts, family_id: int, child_id: int) -> Enrolment:
    since, until = said.since or facts.first_day, said.until or facts.last_day
    if since < facts.first_day or until > facts.last_day:
        wrong = "since" if since < facts.first_day else "until"
        raise NotTaken("outside_activity", wrong, **_told(facts.first_day, facts.last_day))
    if until < since:
        raise NotTaken("not_in_order", "until")
    return Enrolment(
        family_id=family_id,
        person_id=child_id,
        activity_id=facts.id,
        state=Enrolment.State.ACCEPTED,
        starts_on=since,
        ends_on=until,
    )


def _told(first: date, last: date) -> dict[str, str]:
    return {"first": day_plain(first), "last": day_plain(last)}


def _group(said: Said, facts: ActivityFacts) -> int | None:
    """The group of the line; the only one of the activity where the line names none."""
    if not said.group:
        if len(facts.groups) > 1:
            raise NotTaken("group_missing", "group", value=facts.name)
        return next(iter(facts.groups), None)
    found = [pk for pk, name in facts.groups.items() if plain(name) == plain(said.group)]
    if len(found) != 1:
        raise NotTaken("unknown_group", "group", value=said.group)
    return found[0]


def _in_another(held: Enrolment, group: int | None) -> bool:
    """Whether it is in another group than the line says; an agent may have moved it since."""
    first = min(held.groups.all(), key=lambda choice: choice.since, default=None)
    return (None if first is None else first.group_id) != group


def _live(child_ids: Collection[int]) -> dict[tuple[int, int, int], Enrolment]:
    rows = Enrolment.objects.filter(person__in=child_ids, state__in=Enrolment.LIVE)
    return {(row.family_id, row.person_id, row.activity_id): row for row in rows.prefetch_related("groups")}
