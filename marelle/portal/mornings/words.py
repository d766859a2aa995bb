"""A morning of the relais, in French, as who may come to it sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marelle.core.clock import local
from marelle.core.french import day_long, hours_text, join_and, until_long
from marelle.relay.labels import why_text
from marelle.relay.rules import may_come, may_leave
from marelle.relay.selectors import MorningLine


def card(line: MorningLine, *, agent: bool, now: datetime) -> dict[str, Any]:
    """`agent`: whether an agent acts for the home."""
    opening, facts = line.opening, line.facts
    held = line.visit.seats if line.visit is not None else 0
    why = may_come(facts, seats=max(1, held), held=held, agent=agent, now=now)
    cancels = line.visit is not None and may_leave(facts, agent=agent, now=now) is None
    limit = facts.window.closes_at if facts.window is not None else None
    coming = [one.first_name for one in line.visit.children.all()] if line.visit is not None else []
    return {
        "id": opening.pk,
        "title": day_long(opening.day).capitalize(),
        "place": f"{opening.activity.structure.name} · {opening.title or opening.slot.name}",
        "hours": hours_text(local(opening.starts_at).time(), local(opening.ends_at).time()),
        "left": facts.left,
        "visit_id": line.visit.pk if line.visit is not None else None,
        "coming": join_and([line.visit.adult_name, *coming]) if line.visit is not None else "",
        "children": join_and(coming),
        "may_come": why is None,
        "why": "" if why is None else why_text(why),
        "cancels": cancels,
        "limit": until_long(limit) if limit is not None and why is None else "",
    }
