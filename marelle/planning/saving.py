"""From a submission to its outcomes: what the next page says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.bookings.reading import ranks_of
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.saving.services import MOST_CHANGES
from marelle.core.actor import Actor
from marelle.flows.actor.middleware import MarelleRequest
from marelle.planning.asked_again import remember_asked
from marelle.planning.forms import Posted
from marelle.planning.outcomes import Ranks, outcome_lines, remember
from marelle.ui.components import OutcomeLine

MOST_PORTIONS: Final = 10
"""Portions of what the service takes at once. No page of ours posts more than one."""


Service = Callable[[Sequence[Change], Posted], tuple[Outcome, ...]]
"""What saves some of the changes posted, by the derogation that came along: for a home, or within one
enrolment."""


def page_of(actor: Actor, url: str) -> str:
    """What tells a page from the others that a session has open: its address, and the home it is read for,
    since an agent acts for several."""
    return f"{actor.family_id} {url}"


Tell = Callable[[Sequence[Outcome], Ranks], list[OutcomeLine]]
"""What is said of outcomes: by default a line for each cell."""


def save(
    request: MarelleRequest,
    posted: Posted,
    service: Service,
    *,
    url: str,
    by_staff: bool = False,
    tell: Tell | None = None,
) -> None:
    """Save what could be read; outcomes go to the session for the page at `url`, with what waits for a
    derogation, and the rest to messages."""
    if len(posted.changes) > MOST_PORTIONS * MOST_CHANGES:
        messages.error(
            request,
            _("Trop de cases à la fois : rien n’a été enregistré. Rechargez la page et recommencez."),
        )
        return
    outcomes = _saved(service, posted)
    page = page_of(request.actor, url)
    remember_asked(request.session, page, outcomes, posted)
    waiting = [
        (one.change.child_id, one.change.opening_id) for one in outcomes if one.result is Result.WAITING
    ]
    ranks = ranks_of(waiting)
    lines = tell(outcomes, ranks) if tell else outcome_lines(outcomes, by_staff=by_staff, ranks=ranks)
    if lines:
        remember(request.session, page, lines)
    if posted.unreadable:
        messages.error(
            request,
            ngettext(
                "%d case n’a pas pu être lue et n’a pas été enregistrée. Vérifiez le planning ci-dessous.",
                "%d cases n’ont pas pu être lues et n’ont pas été enregistrées. Vérifiez le planning "
                "ci-dessous.",
                posted.unreadable,
            )
            % posted.unreadable,
        )
    elif not lines:
        messages.info(request, _("Rien n’a changé : tout était déjà enregistré."))


def _saved(service: Service, posted: Posted) -> list[Outcome]:
    return [
        outcome
        for start in range(0, len(posted.changes), MOST_CHANGES)
        for outcome in service(posted.changes[start : start + MOST_CHANGES], posted)
    ]
