"""A structure at 8:00: two children booked, one who is not, a director, an animator, a tablet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from marelle.accounts.models import User
from marelle.activities.models import Opening
from marelle.attendance.models import Tablet, Tick
from marelle.attendance.outcomes import OutcomeCode
from marelle.attendance.reading import Batch, Draft, batch_read
from marelle.attendance.rules import TickKind
from marelle.attendance.services import Outcome, ticks_receive
from marelle.attendance.tablets import tablet_enrol, tablet_of
from marelle.bookings.models import Attendance
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from marelle.mail.models import Message
from tests.scenario import Home, Scenario

DAY = date(2026, 11, 25)
EIGHT = datetime(2026, 11, 25, 8, 0, tzinfo=PARIS)
MINUTE = timedelta(minutes=1)
CLOSED = EIGHT + 20 * MINUTE


@dataclass
class Door:
    """`zoe` and `tom` are booked on `morning`, `lea` is enrolled and not booked."""

    made: Scenario
    durand: Home
    zoe: Person
    tom: Person
    lea: Person
    morning: Opening
    midday: Opening
    animator: User
    director: Actor
    tablet: Tablet
    now: datetime = EIGHT + 10 * MINUTE
    sent: list[dict[str, Any]] = field(default_factory=list)

    @property
    def structure_id(self) -> int:
        return self.tablet.structure_id

    def raw(self, kind: str, child: Person | None = None, *, minutes: int = 0, **more: Any) -> dict[str, Any]:
        """A touch of the animator on the tablet, some minutes after eight."""
        return {
            "id": str(uuid4()),
            "kind": kind,
            "at": (EIGHT + minutes * MINUTE).isoformat(),
            "opening": self.morning.pk,
            "child": child.pk if child else None,
            "by": self.animator.pk,
            **more,
        }

    def sends(
        self,
        *raw: dict[str, Any],
        tablet: Tablet | None = None,
        actor: Actor | None = None,
        now: datetime | None = None,
        sent_at: datetime | None = None,
    ) -> list[OutcomeCode]:
        return [one.code for one in self.told(*raw, tablet=tablet, actor=actor, now=now, sent_at=sent_at)]

    def told(
        self,
        *raw: dict[str, Any],
        tablet: Tablet | None = None,
        actor: Actor | None = None,
        now: datetime | None = None,
        sent_at: datetime | None = None,
    ) -> tuple[Outcome, ...]:
        now = now or self.now
        return ticks_receive(
            actor=actor or Actor(None, "Tablette"),
            tablet=None if actor else tablet or self.tablet,
            structure_id=self.structure_id,
            batch=batch_read({"sent_at": (sent_at or now).isoformat(), "ticks": list(raw)}),
            now=now,
        )

    def another_tablet(self, name: str = "Cour") -> Tablet:
        tablet, secret = tablet_enrol(
            actor=self.director, structure_id=self.structure_id, name=name, now=EIGHT
        )
        assert tablet_of(secret) == tablet
        return tablet

    def seen(self, child: Person) -> Attendance | None:
        return Attendance.objects.filter(child=child, opening=self.morning).first()


def made_door() -> Door:
    made = Scenario()
    durand = made.home("Durand")
    activity = made.activity("Mercredis")
    slots = [made.slot(activity, "Matin", "08:00", "12:00"), made.slot(activity, "Repas", "12:00", "13:30")]
    morning, midday = (made.opening(slot, DAY) for slot in slots)
    children = [made.child(durand, name) for name in ("Zoé", "Tom", "Léa")]
    for child in children:
        made.enrolment(child, activity, durand)
    for child in children[:2]:
        made.booking(child, morning)
    structure = activity.structure
    animator = made.staff("anim", Role.ANIMATOR, structure=structure)
    director = actor_for(made.staff("dir", Role.DIRECTOR, structure=structure))
    tablet, _secret = tablet_enrol(actor=director, structure_id=structure.pk, name="Porte", now=EIGHT)
    return Door(made, durand, *children, morning, midday, animator, director, tablet)


def tick_of(raw: dict[str, Any]) -> Tick:
    return Tick.objects.get(pk=UUID(raw["id"]))


def mixed_door() -> Door:
    """Zoé has come as booked; Tom was not seen; Léa is there and nothing is booked for her."""
    door = made_door()
    door.sends(door.raw("present", door.zoe), door.raw("present", door.lea))
    return door


def close(door: Door, *, now: datetime = CLOSED) -> None:
    call_close(actor=door.director, structure_id=door.structure_id, opening_id=door.morning.pk, now=now)


def mails(kind: str = "attendance/mismatch") -> list[Message]:
    return list(Message.objects.filter(kind=kind).order_by("pk"))


def call_close(*, actor: Actor, structure_id: int, opening_id: int, now: datetime) -> Outcome:
    """« Appel clos », as the list of a day sends it."""
    return _of_call(TickKind.CALL_CLOSED, actor, structure_id, opening_id, now)


def call_reopen(*, actor: Actor, structure_id: int, opening_id: int, now: datetime) -> Outcome:
    return _of_call(TickKind.CALL_REOPENED, actor, structure_id, opening_id, now)


def _of_call(kind: TickKind, actor: Actor, structure_id: int, opening_id: int, now: datetime) -> Outcome:
    draft = Draft(id=uuid4(), kind=kind, at=now, opening_id=opening_id)
    (outcome,) = ticks_receive(
        actor=actor, tablet=None, structure_id=structure_id, batch=Batch(now, (draft,)), now=now
    )
    return outcome
