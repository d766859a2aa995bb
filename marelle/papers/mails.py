"""Mails about papers. None names a document of health, nor gives the reason of its refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from marelle.accounts.notices import Notice
from marelle.core.french import day_plain
from marelle.families.telling import tell_home
from marelle.papers.models import Paper, PaperAsked, PaperType
from marelle.papers.rules import About
from marelle.places.models import Authority, Structure


def tell_accepted(paper: Paper, structures: Sequence[int], now: datetime) -> None:
    """Goes to accounts that want to hear of papers: nothing is left to do."""
    until = day_plain(paper.expires_on) if paper.expires_on else ""
    _tell("papers/accepted", paper, structures, {"until": until}, now, Notice.PAPER)


def tell_refused(paper: Paper, structures: Sequence[int], now: datetime) -> None:
    reason = "" if paper.paper_type.is_health else paper.reason
    _tell("papers/refused", paper, structures, {"reason": reason}, now)


def tell_expiring(paper: Paper, structures: Sequence[int], now: datetime) -> None:
    until = day_plain(paper.expires_on) if paper.expires_on else ""
    _tell("papers/expiring", paper, structures, {"until": until}, now, Notice.PAPER)


def tell_asked(
    *,
    family_id: int,
    kinds: Sequence[PaperType],
    structures: Sequence[int],
    reminder: bool = False,
    now: datetime,
) -> None:
    """Once, for all that a home has to send; again as a `reminder`."""
    context = {
        "reminder": reminder,
        "titles": [kind.title for kind in kinds if not kind.is_health],
        "others": sum(kind.is_health for kind in kinds),
        **_reach(structures, kinds[0].authority),
    }
    tell_home(kind="papers/asked", context=context, family_id=family_id, now=now)


def tell_requested(asked: PaperAsked, structures: Sequence[int], now: datetime) -> None:
    """An agent asks; its words go by mail unless the paper is one of health."""
    kind = asked.paper_type
    tell_home(
        kind="papers/requested",
        context={
            "title": "" if kind.is_health else kind.title,
            "person": asked.person.first_name if asked.person else "",
            "message": "" if kind.is_health else asked.message,
            "whose": str(asked.person_id) if asked.person_id else "foyer",
            "type_id": kind.pk,
            **_reach(structures, kind.authority),
        },
        family_id=asked.family_id,
        child_id=asked.person_id if kind.about == About.CHILD else None,
        now=now,
    )


def _tell(
    kind: str,
    paper: Paper,
    structures: Sequence[int],
    context: Mapping[str, Any],
    now: datetime,
    notice: Notice | None = None,
) -> None:
    of_child = paper.paper_type.about == About.CHILD
    tell_home(
        kind=kind,
        context={
            "title": "" if paper.paper_type.is_health else paper.paper_type.title,
            "person": paper.person.first_name if paper.person else "",
            "whose": str(paper.person_id) if paper.person_id else "foyer",
            "type_id": paper.paper_type_id,
            **_reach(structures, paper.paper_type.authority),
            **context,
        },
        family_id=paper.family_id,
        child_id=paper.person_id if of_child else None,
        notice=notice,
        now=now,
    )


def _reach(structures: Sequence[int], authority: Authority) -> dict[str, Any]:
    """Who asks, and how to reach it: the structure concerned first, else the authority."""
    structure = Structure.objects.filter(pk__in=structures[:1]).prefetch_related("contacts").first()
    if structure is None:
        return {
            "asker": authority.name,
            "email": authority.email,
            "phone": authority.phone,
            "authority_id": authority.pk,
        }
    contact = next(iter(structure.contacts.all()), None)
    return {
        "asker": structure.name,
        "email": contact.email if contact else authority.email,
        "phone": contact.phone if contact else authority.phone,
        "authority_id": authority.pk,
    }
