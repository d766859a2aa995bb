"""What a parent, or an agent who acts for it, reads of the past of its home."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page
from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.core.actor import Actor, Guest
from marelle.enrolments.models import EndRequest, Enrolment, TeenAccess
from marelle.enrolments.teens import opened
from marelle.families.models import ChangeRequest, Member, PickupBan
from marelle.families.selectors import kept_away, rights
from marelle.journal.models import Entry
from marelle.journal.selectors import history
from marelle.papers.models import Paper


def home_history(
    actor: Actor,
    *,
    page: str | None,
    verbs: Collection[str] | None = None,
    since: datetime | None = None,
    day: date,
) -> Page[Entry]:
    """The journal's history, without the acts about children of the home whom the actor may not see.

    `verbs` and `since` narrow it. Three queries.
    """
    return history(actor=actor, page=page, hidden=hidden_subjects(actor, day), verbs=verbs, since=since)


def hidden_subjects(actor: Actor, day: date) -> Mapping[str, Collection[int] | QuerySet[Any, Any]]:
    """Keys of the subjects to leave out, by kind: of children who live, or have lived, in the home.

    For an agent in its name, of those from whom a judge keeps the home away; for a child by its own account,
    itself, where the home that opened it is.
    """
    if actor.guest is Guest.TEEN:
        closed = TeenAccess.objects.filter(account_id=actor.user_id).exclude(pk__in=opened(day))
        return {"person": closed.values("child_id")}
    if actor.family_id is None or actor.at_desk:
        return {}
    unseen = Q(kept_away(day, "person_id", home="family_id"))
    if not actor.on_behalf_of:
        seen = rights(day).filter(adult_id=actor.person_id, child_id=OuterRef("person_id"), may_see=True)
        unseen |= ~Q(Exists(seen))
    children = Member.objects.filter(unseen, family_id=actor.family_id, kind=Member.Kind.CHILD)
    people = list(children.order_by().values_list("person_id", flat=True))
    if not people:
        return {}
    home = {"family_id": actor.family_id}
    about = {
        "enrolment": Enrolment.objects.filter(**home, person_id__in=people),
        "end": EndRequest.objects.filter(
            enrolment__family_id=actor.family_id, enrolment__person_id__in=people
        ),
        "paper": Paper.objects.filter(**home, person_id__in=people),
        "change": ChangeRequest.objects.filter(**home, person_id__in=people),
        "pickup_ban": PickupBan.objects.filter(**home, child_id__in=people),
        "teen_access": (teens := TeenAccess.objects.filter(**home, child_id__in=people)),
    }
    accounts = teens.order_by().values("account")
    return {
        "person": people,
        "account": accounts,
        **{kind: rows.order_by().values("pk") for kind, rows in about.items()},
    }
