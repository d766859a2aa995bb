"""A structure closes: who was to come to its mornings is told, and comes back when it is undone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import F, QuerySet

from marelle.activities.models import Quota
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.french import day_long, day_plain, hours_text, join_and
from marelle.core.subject import Subject
from marelle.families.locks import homes_locked
from marelle.families.telling import addressees
from marelle.journal.services import Act, record_many
from marelle.mail.services import Draft, queue_many
from marelle.places.models import Closure
from marelle.places.selectors import reach
from marelle.relay.models import ChildminderAccess, Visit, VisitChild
from marelle.relay.visits import seats_take


def visits_on(opening_ids: Collection[int]) -> QuerySet[Visit]:
    """Who is to come to these mornings."""
    return Visit.objects.filter(opening_id__in=opening_ids, cancelled_at=None)


def visits_taken(closure: Closure, opening_ids: Collection[int]) -> QuerySet[Visit]:
    """Who was to come to these mornings until a closing took them."""
    return Visit.objects.filter(closure=closure, opening_id__in=opening_ids)


def visitors_locked(visits: QuerySet[Visit]) -> None:
    """Lock the homes of these visits, before children and quotas are."""
    homes_locked(visits.order_by().values("family_id"))


def closed_visits_end(*, actor: Actor, closure: Closure, opening_ids: Collection[int], now: datetime) -> int:
    """Cancel who was to come, and tell them. Joins the transaction of who closes, who holds the quotas' lock.
    Returns how many visits."""
    visits = _with_all(visits_on(opening_ids))
    if not visits:
        return 0
    visits_on(opening_ids).update(cancelled_at=now, cancelled_by=actor.label[:200], closure=closure)
    for visit in visits:
        seats_take(visit.opening, -visit.seats)
    _tell("relay/morning_closed", "visit.closed", actor, visits, closure, now)
    return len(visits)


def visits_restore(*, actor: Actor, closure: Closure, opening_ids: Collection[int], now: datetime) -> int:
    """Who was to come comes again, where there is room and they have not said anything else since.

    Joins the transaction of who undoes the closing, who holds the quotas' lock. Returns how many visits.
    """
    gone = _with_all(visits_taken(closure, opening_ids))
    live = set(visits_on(opening_ids).values_list("opening_id", "family_id", "childminder_id"))
    back: list[Visit] = []
    for old in gone:
        if (old.opening_id, old.family_id, old.childminder_id) in live or _left(old.opening_id) < old.seats:
            continue
        visit = Visit.objects.create(
            opening=old.opening,
            family_id=old.family_id,
            childminder_id=old.childminder_id,
            adult_name=old.adult_name,
            seats=old.seats,
            booked_at=old.booked_at,
            booked_by=old.booked_by,
        )
        VisitChild.objects.bulk_create(
            [
                VisitChild(visit=visit, child_id=child.child_id, first_name=child.first_name)
                for child in old.children.all()
            ]
        )
        seats_take(visit.opening, visit.seats)
        back.append(visit)
    if back:
        _tell("relay/morning_reopened", "visit.restored", actor, back, closure, now)
    return len(back)


def _with_all(visits: QuerySet[Visit]) -> list[Visit]:
    rows = visits.select_related("opening__slot", "childminder").prefetch_related("children")
    return list(rows.order_by("booked_at", "pk"))


def _left(opening_id: int) -> int:
    rows = Quota.objects.filter(openings=opening_id).values_list(F("capacity") - F("taken"), flat=True)
    return min(rows, default=0)


def _addresses(childminder_ids: Collection[int]) -> dict[int, str]:
    """Of those who come in by themselves: where their account says that it is written to."""
    live = ChildminderAccess.objects.live().filter(childminder__in=childminder_ids, account__is_active=True)
    return {row.childminder_id: row.account.email for row in live.select_related("account")}


def _tell(
    kind: str, verb: str, actor: Actor, visits: Sequence[Visit], closure: Closure, now: datetime
) -> None:
    """Journal each visit, and write to the home, or to the childminder who has an address."""
    drafts: list[Draft] = []
    accounts = _addresses([visit.childminder_id for visit in visits if visit.childminder_id is not None])
    shared = {"reason": closure.reason, "words": closure.words, **reach(closure.structure_id)}
    for visit in visits:
        opening = visit.opening
        context = {
            "at_home": visit.family_id is not None,
            "comes_in": visit.childminder_id in accounts,
            "adult": visit.adult_name,
            "children": join_and([child.first_name for child in visit.children.all()]),
            "day": day_long(opening.day),
            "hours": hours_text(local(opening.starts_at).time(), local(opening.ends_at).time()),
            **shared,
        }
        if visit.family_id is not None:
            drafts += [
                Draft(one.email, {**context, "to_name": one.name}, visit.family_id)
                for one in addressees(family_id=visit.family_id, now=now)
            ]
        elif visit.childminder is not None:
            email = accounts.get(visit.childminder.pk) or visit.childminder.email
            if email:
                drafts.append(Draft(email, {**context, "to_name": visit.adult_name}))
    if drafts:
        queue_many(kind=kind, drafts=drafts, now=now)
    record_many(
        actor=actor,
        acts=[
            Act(
                verb,
                Subject("visit", visit.pk, f"{visit.adult_name}, {day_plain(visit.opening.day)}"),
                visit.family_id,
            )
            for visit in visits
        ],
        now=now,
    )
