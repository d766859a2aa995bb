"""Where both files have a row of which there may be one: what becomes of the two, table by table.

Each function gets groups of keys, those that already point at what stays first, and leaves of each group one
row that may stay. `rows.move` comes after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from marelle.billing.mandates.services import mandates_settle
from marelle.billing.models import Mandate
from marelle.bookings.closing.doubles import counted_once, doubles, doubles_end
from marelle.bookings.models import Booking
from marelle.cases.models import Case, CaseState
from marelle.cases.services import decide_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.personal import Merge, declared
from marelle.enrolments.models import EndRequest, Enrolment, GroupChoice
from marelle.enrolments.services import END, KIND
from marelle.families.care.health import sheet_data
from marelle.families.care.own_meals import together
from marelle.families.care.rules import TEXTS, added
from marelle.families.file.changes import change_replace
from marelle.families.models import (
    ChangeRequest,
    CustodyPeriod,
    Guardianship,
    HealthSheet,
    Member,
    Vaccination,
)
from marelle.families.models.care import TEXT_LENGTH
from marelle.flows.home.merging.refusals import MergeRefused
from marelle.flows.home.merging.rows import Model, Moves, clashes, may_clash
from marelle.papers.models import Paper
from marelle.papers.services.sending import case_of
from marelle.places.rules import DAY
from marelle.relay.models import Visit, VisitChild
from marelle.relay.visits import visits_merge

RIGHTS: Final = ("has_authority", "may_see", "may_book", "may_fetch", "is_told")


@dataclass(frozen=True, slots=True)
class Settling:
    """Who merges what, and when."""

    actor: Actor
    moves: Moves
    now: datetime


Groups = Sequence[Sequence[int]]
Settler = Callable[[Settling, Groups], None]


def settle_all(settling: Settling) -> None:
    """Leave no row that would clash once moved. Raises `MergeRefused`."""
    day = local(settling.now).date()
    doubled = doubles(settling.moves.people, day=day)
    doubles_end(actor=settling.actor, found=doubled, now=settling.now)
    counted_once(settling.moves.people, now=settling.now)
    _remap_links(settling)
    _same_vaccines(settling)
    for declaration in declared():
        model = declaration.model
        drops = declaration.merge is Merge.DROP
        groups = clashes(model, settling.moves) if may_clash(model) and not drops else []
        if not groups:
            continue
        if declaration.merge is Merge.KEEP_NEWEST:
            _keep_newest(model, declaration.newest, groups)
        else:
            SETTLERS[model](settling, groups)


def _keep_newest(model: Model, newest: str, groups: Groups) -> None:
    for group in groups:
        rows = model._default_manager.filter(pk__in=group)
        kept = rows.order_by(newest, "pk").values_list("pk", flat=True).last()
        rows.exclude(pk=kept).delete()


def _bookings(_settling: Settling, groups: Groups) -> None:
    raise AssertionError(f"Doubles were ended before: {groups}")


def _enrolments(settling: Settling, groups: Groups) -> None:
    """One enrolment stays, the one that is accepted, else the older demand, with what hangs on the others."""
    for group in groups:
        rows = list(Enrolment.objects.select_for_update(no_key=True).filter(pk__in=group).order_by("pk"))
        accepted = Enrolment.State.ACCEPTED
        kept, *others = sorted(rows, key=lambda row: (row.state != accepted, row.requested_at, row.pk))
        for other in others:
            _enrolment_into(settling, kept, other)


def _enrolment_into(settling: Settling, kept: Enrolment, other: Enrolment) -> None:
    was_accepted = other.state == Enrolment.State.ACCEPTED
    if other.state == kept.state:
        kept.starts_on = min(kept.starts_on, other.starts_on)
        kept.ends_on = max(kept.ends_on, other.ends_on)
        kept.save(update_fields=["starts_on", "ends_on"])
    Booking.objects.filter(enrolment=other).update(enrolment=kept)
    if not GroupChoice.objects.filter(enrolment=kept).exists():
        GroupChoice.objects.filter(enrolment=other).update(enrolment=kept)
    _ends_into(settling, kept, other)
    _close_cases(settling, KIND, KIND, [other.pk])
    other.state = Enrolment.State.ENDED if was_accepted else Enrolment.State.WITHDRAWN
    other.decided_at = other.decided_at or settling.now
    other.save(update_fields=["state", "decided_at"])


def _ends_into(settling: Settling, kept: Enrolment, other: Enrolment) -> None:
    """The end asked for goes with the enrolment; asked for twice, the later demand is the one answered."""
    waiting = EndRequest.State.REQUESTED
    asked = EndRequest.objects.filter(enrolment__in=(kept, other), state=waiting)
    last = asked.order_by("requested_at", "pk").last()
    if last is None:
        return
    replaced = list(asked.exclude(pk=last.pk).values_list("pk", flat=True))
    EndRequest.objects.filter(pk__in=replaced).update(state=EndRequest.State.WITHDRAWN)
    _close_cases(settling, END, END, replaced)
    EndRequest.objects.filter(pk=last.pk).update(enrolment=kept)


def _papers(settling: Settling, groups: Groups) -> None:
    """The paper sent last waits for its answer; the other stays to be read, replaced."""
    for group in groups:
        *replaced, _last = Paper.objects.filter(pk__in=group).order_by("sent_at", "pk")
        for paper in replaced:
            case = case_of(paper)
            decide_case(actor=settling.actor, case_id=case.pk, state=CaseState.WITHDRAWN, now=settling.now)
            paper.state = Paper.State.REPLACED
            paper.save(update_fields=["state"])


def _changes(settling: Settling, groups: Groups) -> None:
    for group in groups:
        *replaced, _last = ChangeRequest.objects.filter(pk__in=group).order_by("asked_at", "pk")
        for change in replaced:
            change_replace(actor=settling.actor, change=change, now=settling.now)


def _sheets(settling: Settling, groups: Groups) -> None:
    """Nothing that either home wrote of a child's health is lost: the later sheet is added to the other."""
    for group in groups:
        older, newer = HealthSheet.objects.filter(pk__in=group).order_by("updated_at", "pk")
        data = added(sheet_data(older), sheet_data(newer))
        if any(len(getattr(data, name)) > TEXT_LENGTH for name in TEXTS):
            raise MergeRefused("health_too_long")
        kept = HealthSheet.objects.get(pk=group[0])
        of_both = together(older.meals, newer.meals)
        kept.say(data, local(settling.now).date(), of_both)
        kept.pai_file_id = newer.pai_file_id or older.pai_file_id
        kept.updated_at, kept.updated_by = newer.updated_at, newer.updated_by
        kept.save()
        HealthSheet.objects.filter(pk__in=group[1:]).delete()


def _same_vaccines(settling: Settling) -> None:
    """A vaccine that both records hold of one child stays once: sealed, the database compares none."""
    for gone, kept in settling.moves.people.items():
        held = {(row.vaccine, row.on) for row in Vaccination.objects.filter(child_id=kept)}
        twice = [row.pk for row in Vaccination.objects.filter(child_id=gone) if (row.vaccine, row.on) in held]
        Vaccination.objects.filter(pk__in=twice).delete()


def _mandates(settling: Settling, groups: Groups) -> None:
    mandates_settle(groups=groups, by=settling.actor.label, now=settling.now)


def _members(settling: Settling, groups: Groups) -> None:
    """Of a person in both homes, one membership stays, since the earlier day.

    What the two homes said of its weeks is over where they differ: they are one home now.
    """
    yesterday = local(settling.now).date() - DAY
    for group in groups:
        kept, *others = (Member.objects.get(pk=pk) for pk in group)
        kept.since = min(row.since for row in (kept, *others))
        kept.save(update_fields=["since"])
        running = [_custody(row) for row in (kept, *others)]
        for other in others:
            other.custody.all().delete()
        if any(said != running[0] for said in running):
            CustodyPeriod.objects.filter(member=kept, since__gt=yesterday).delete()
            CustodyPeriod.objects.filter(member=kept, until=None).update(until=yesterday)
        Member.objects.filter(pk__in=[other.pk for other in others]).delete()


def _custody(member: Member) -> tuple[str, str] | None:
    row = member.custody.filter(until=None).order_by("since").last()
    return (row.weeks, row.holidays) if row is not None else None


def _guardianships(_settling: Settling, groups: Groups) -> None:
    """What either file denied stays denied: a right taken away by a judgment does not come back so."""
    for group in groups:
        kept, *others = (Guardianship.objects.get(pk=pk) for pk in group)
        for right in RIGHTS:
            setattr(kept, right, all(getattr(row, right) for row in (kept, *others)))
        kept.since = min(row.since for row in (kept, *others))
        kept.save(update_fields=[*RIGHTS, "since"])
        Guardianship.objects.filter(pk__in=[other.pk for other in others]).delete()


def _visits(settling: Settling, groups: Groups) -> None:
    for group in groups:
        visits_merge(actor=settling.actor, visit_ids=group, same=settling.moves.people, now=settling.now)


def _visit_children(settling: Settling, groups: Groups) -> None:
    """A childminder brought the same child under both records: one seat is enough."""
    for visit_id in VisitChild.objects.filter(pk__in=[group[0] for group in groups]).values_list(
        "visit_id", flat=True
    ):
        visits_merge(actor=settling.actor, visit_ids=[visit_id], same=settling.moves.people, now=settling.now)


def _remap_links(settling: Settling) -> None:
    """A demand to add somebody names the people it is linked to by their keys."""
    waiting = ChangeRequest.objects.filter(
        kind=ChangeRequest.Kind.ADD,
        state=ChangeRequest.State.OPEN,
        family_id__in=settling.moves.family,
    )
    for change in waiting:
        links: Mapping[str, str] = change.new.get("links", {})
        people = {str(old): str(new) for old, new in settling.moves.people.items()}
        change.new = {**change.new, "links": {people.get(pk, pk): link for pk, link in links.items()}}
        change.save(update_fields=["new"])


def _close_cases(settling: Settling, kind: str, subject_kind: str, subject_ids: Sequence[int]) -> None:
    open_cases = Case.objects.open().filter(kind=kind, subject_kind=subject_kind, subject_id__in=subject_ids)
    for case_id in open_cases.order_by("pk").values_list("pk", flat=True):
        decide_case(actor=settling.actor, case_id=case_id, state=CaseState.WITHDRAWN, now=settling.now)


SETTLERS: Final[Mapping[Model, Settler]] = {
    Booking: _bookings,
    ChangeRequest: _changes,
    Enrolment: _enrolments,
    Guardianship: _guardianships,
    HealthSheet: _sheets,
    Mandate: _mandates,
    Member: _members,
    Paper: _papers,
    Visit: _visits,
    VisitChild: _visit_children,
}
