"""Mails that papers send by themselves: those missing are asked for once, those near their end recalled."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.core.clock import local
from marelle.enrolments.models import Enrolment
from marelle.families.locks import homes_locked
from marelle.families.models import Member
from marelle.families.selectors import current
from marelle.flows.papers.asked import asked_by, live, structures_concerned
from marelle.flows.papers.missing import accepted, missing_types
from marelle.papers.mails import tell_asked, tell_expiring
from marelle.papers.models import Paper, PaperAsked
from marelle.papers.rules import REMINDED_DAYS, About, PaperState, reminder_due
from marelle.papers.selectors import missing_of, requirements

EVERY: Final = 1800
"""Seconds between two looks, by one process."""

HOURS: Final = range(8, 20)
"""Hours of the day, in Paris, at which such a mail may leave: nothing here is worth waking somebody."""

AT_ONCE: Final = 100
"""Homes written to in one look."""


def papers_told(*, now: datetime) -> int:
    """Send what is due at `now`, in the daytime; for the worker. Returns how many mails' worth was due."""
    if local(now).hour not in HOURS or not cache.add("flows.papers_told", 1, EVERY):
        return 0
    return papers_asked(now=now) + papers_recalled(now=now)


def papers_recalled(*, now: datetime) -> int:
    """Recall accepted papers that stop counting in 30 days, then in 7, once each. Returns how many.

    Not one that is no longer asked for, nor one whose successor waits to be checked.
    """
    day = local(now).date()
    due = [(paper.pk, paper.family_id) for paper in _ending(day) if _reminder(paper, day) is not None]
    return sum(_recall(paper_id, family_id, now) for paper_id, family_id in due[:AT_ONCE])


def papers_asked(*, now: datetime) -> int:
    """Ask each home, once for each paper, for the mandatory ones that its accepted enrolments need.

    So a home is told when its enrolment is accepted, and when an activity begins to ask for more. Returns how
    many homes were written to.
    """
    waiting = accepted(local(now).date()).filter(Exists(missing_types(local(now).date(), unasked=True)))
    homes = waiting.order_by("family_id").values_list("family_id", flat=True).distinct()
    return sum(_ask(family_id, now) for family_id in list(homes[:AT_ONCE]))


@transaction.atomic
def _recall(paper_id: int, family_id: int, now: datetime) -> bool:
    """The home and the row are locked, and looked at again: of two workers, one sends."""
    day = local(now).date()
    homes_locked([family_id])
    paper = (
        Paper.objects.select_for_update(no_key=True, of=("self",))
        .select_related("paper_type__authority", "person")
        .filter(pk=paper_id, family_id=family_id)
        .first()
    )
    if paper is None:
        return False
    due = _reminder(paper, day)
    if paper.state != PaperState.ACCEPTED or due is None:
        return False
    paper.last_reminder = due
    paper.save(update_fields=["last_reminder"])
    structures = structures_concerned(
        paper.paper_type, family_id=paper.family_id, person_id=paper.person_id, day=day
    )
    tell_expiring(paper, structures, now)
    return True


@transaction.atomic
def _ask(family_id: int, now: datetime) -> bool:
    """The home is locked and looked at again: of two workers, one asks."""
    day = local(now).date()
    homes_locked([family_id])
    people = set(Member.objects.filter(current(day), family_id=family_id).values_list("person_id", flat=True))
    asked = asked_by(accepted(day).filter(family_id=family_id))
    said = set(PaperAsked.objects.filter(family_id=family_id).values_list("paper_type_id", "person_id"))
    missing = [
        one
        for one in missing_of(requirements(asked, family_id=family_id, people=people, day=day))
        if (one.kind.pk, one.person_id) not in said
    ]
    if not missing:
        return False
    PaperAsked.objects.bulk_create(
        PaperAsked(paper_type=one.kind, family_id=family_id, person_id=one.person_id, asked_at=now)
        for one in missing
    )
    kinds = list({one.kind.pk: one.kind for one in missing}.values())
    structures = structures_concerned(kinds[0], family_id=family_id, person_id=missing[0].person_id, day=day)
    tell_asked(family_id=family_id, kinds=kinds, structures=structures, now=now)
    return True


def _reminder(paper: Paper, day: date) -> int | None:
    return reminder_due(paper.expires_on, paper.last_reminder, day) if paper.expires_on else None


def _ending(day: date) -> QuerySet[Paper]:
    """Accepted papers near their end that are still asked for and that nothing replaces yet."""
    newer = Paper.objects.filter(
        Q(person_id=OuterRef("person_id")) | Q(person=None, paper_type__about=About.FAMILY),
        family_id=OuterRef("family_id"),
        paper_type_id=OuterRef("paper_type_id"),
        state=PaperState.RECEIVED,
    )
    of_child = live(day).filter(person_id=OuterRef("person_id"))
    of_home = live(day).filter(family_id=OuterRef("family_id"))
    return Paper.objects.filter(
        ~Exists(newer),
        Q(_asks(of_child), paper_type__about=About.CHILD)
        | Q(~Q(paper_type__about=About.CHILD), _asks(of_home)),
        Q(last_reminder=None) | Q(last_reminder__gt=min(REMINDED_DAYS)),
        state=PaperState.ACCEPTED,
        expires_on__range=(day, day + timedelta(days=max(REMINDED_DAYS))),
        paper_type__active=True,
    ).order_by("expires_on", "pk")


def _asks(enrolments: QuerySet[Enrolment]) -> Q:
    """That an enrolment asks for the paper's type, by its activity or because all are asked."""
    by_activity = enrolments.filter(activity__paper_needs__paper_type_id=OuterRef("paper_type_id"))
    of_all = enrolments.filter(activity__structure__authority_id=OuterRef("paper_type__authority_id"))
    return Q(Exists(by_activity)) | Q(Exists(of_all), paper_type__asked_of_all=True)
