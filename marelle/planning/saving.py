"""From a submission to its outcomes: what the next page says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.bookings.reading import ranks_of
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Outcome, Result
from marelle.bookings.saving.services import MOST_CHANGES
from marelle.core.actor import Actor
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.prices.changes import NO_CHANGE, PriceChange, bill_before, price_change
from marelle.flows.prices.months import PricedHome
from marelle.planning.asked_again import remember_asked, undone
from marelle.planning.forms import Posted
from marelle.planning.outcomes import Ranks, outcome_lines, remember
from marelle.planning.price_words import change_line, change_text, total_text
from marelle.ui.components import OutcomeLine

MOST_PORTIONS: Final = 10
"""Portions of what the service takes at once. No page of ours posts more than one."""


A_REASON: Final = "…"
"""Stands for the one that an agent has not given yet: a preview writes none."""

Act = Callable[..., tuple[Outcome, ...]]


def nothing_previewed(**_asked: Any) -> tuple[Outcome, ...]:
    """For who is told no price, and passes nothing by a reason."""
    return ()


@dataclass(frozen=True, slots=True)
class Service:
    """What saves `changes`, by a `derogation` and `past_capacity`, and what says what that would do: for a
    home, within one enrolment, or for a child itself."""

    save: Act
    preview: Act = nothing_previewed


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
    home: PricedHome | None = None,
) -> None:
    """Save what could be read; outcomes go to the session for the page at `url`, with what waits for a
    derogation, and the rest to messages. `home`: what it changes of what that home pays is said too."""
    if len(posted.changes) > MOST_PORTIONS * MOST_CHANGES:
        messages.error(
            request,
            _("Trop de cases à la fois : rien n’a été enregistré. Rechargez la page et recommencez."),
        )
        return
    bill = home and bill_before(home, {change.opening_id for change in posted.changes})
    outcomes = _done(service.save, posted)
    page = page_of(request.actor, url)
    asks_past = _asks_past(service, outcomes, posted)
    remember_asked(request.session, page, outcomes, posted, asks_past=asks_past)
    waiting = [
        (one.change.child_id, one.change.opening_id) for one in outcomes if one.result is Result.WAITING
    ]
    ranks = ranks_of(waiting)
    lines = tell(outcomes, ranks) if tell else outcome_lines(outcomes, by_staff=by_staff, ranks=ranks)
    line = change_line(bill.changed_by(outcomes)) if bill and lines else None
    if line is not None:
        lines.append(line)
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


def previewed(service: Service, posted: Posted) -> list[Outcome]:
    """What would become of a submission; nothing is saved."""
    return _done(service.preview, posted)


def price_told(home: PricedHome | None, service: Service, posted: Posted) -> Mapping[str, str]:
    """What the save bar says of a submission: how much it changes of what the home pays, and what the months
    come to. Nothing is saved."""
    change = price_changed(home, service, posted)
    return {"change": change_text(change), "total": total_text(change)}


def price_changed(home: PricedHome | None, service: Service, posted: Posted) -> PriceChange:
    """What a submission would change of what the home pays. Nothing is saved."""
    if home is None or len(posted.changes) > MOST_CHANGES:
        return NO_CHANGE
    outcomes = previewed(service, posted)
    if any(one.needs_derogation for one in outcomes):
        outcomes = previewed(service, replace(posted, derogation=posted.derogation or A_REASON))
    return price_change(home, outcomes)


def _asks_past(service: Service, outcomes: Sequence[Outcome], posted: Posted) -> bool:
    """Whether something that waits for a derogation is full as well, which is to be said beside the reason:
    looked at as if a reason were given, since a deadline hides it."""
    if not any(one.needs_derogation for one in outcomes):
        return False
    again = replace(posted, changes=undone(outcomes), derogation=posted.derogation or A_REASON)
    return any(one.needs_derogation and one.why is Why.FULL for one in previewed(service, again))


def _done(act: Act, posted: Posted) -> list[Outcome]:
    return [
        outcome
        for start in range(0, len(posted.changes), MOST_CHANGES)
        for outcome in act(
            changes=posted.changes[start : start + MOST_CHANGES],
            derogation=posted.derogation,
            past_capacity=posted.past_capacity,
        )
    ]
