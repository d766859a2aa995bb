"""Ticks received, whoever sends them: a plain form or the script, at the desk or on a tablet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django.contrib import messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _

from marelle.agents.attendance import posting
from marelle.agents.attendance.cookies import duty_read
from marelle.agents.attendance.rows import names_of
from marelle.agents.attendance.words import outcome_text
from marelle.attendance.models import Tablet
from marelle.attendance.outcomes import DAYS_BACK, NOT_KEPT
from marelle.attendance.reading import batch_read
from marelle.attendance.rules import TickKind
from marelle.attendance.scope import Door, door
from marelle.attendance.selectors import days_of
from marelle.attendance.services import Outcome, everyone_present, ticks_receive
from marelle.core.actor import Actor
from marelle.core.converters import id_read
from marelle.core.spelling import plain
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.door.expected import enrolled_there

SCRIPT: Final = "ui/door.js"


def version() -> str:
    """Of the page and its script: a page that was left open sends the one that it had."""
    return staticfiles_storage.url(SCRIPT)


def batch_answer(
    request: MarelleRequest, *, actor: Actor, tablet: Tablet | None, structure_id: int
) -> JsonResponse:
    """What the script sent, kept; each identifier with what became of it. Raises BadRequest for a batch that
    cannot be read: all of it stays on the device."""
    raw = _posted(request)
    batch = batch_read(raw | {"ticks": _by_whom(raw.get("ticks"), tablet, request)})
    outcomes = ticks_receive(
        actor=actor, tablet=tablet, structure_id=structure_id, batch=batch, now=request.now
    )
    return JsonResponse(
        {
            "at": int(request.now.timestamp() * 1000),
            "outcomes": [
                {"id": one.id, "code": one.code.value, "text": outcome_text(one.code)} for one in outcomes
            ],
            "revoked": tablet is not None and tablet.revoked_at is not None,
            "reload": raw.get("version") != version(),
        }
    )


def _posted(request: MarelleRequest) -> dict[str, Any]:
    try:
        raw = json.loads(request.body)
    except (ValueError, RecursionError, RawPostDataException) as error:
        raise BadRequest from error
    if not isinstance(raw, dict):
        raise BadRequest
    return raw


def form_answer(
    request: MarelleRequest, *, actor: Actor, tablet: Tablet | None, structure_id: int, by: int | None = None
) -> str:
    """What a plain form asked; what it came to is said on the next page. The row that it was about, or ""."""
    kind, openings = posting.asked_kind(request.POST), posting.asked_openings(request.POST)
    form = posting.form_id(request.POST) or uuid4()
    if kind == "everyone":
        outcomes = everyone_present(
            actor=actor,
            tablet=tablet,
            structure_id=structure_id,
            opening_ids=openings,
            group_id=id_read(request.GET.get("groupe", "")) or None,
            batch_id=form,
            now=request.now,
        )
        if not any(one.code in NOT_KEPT for one in outcomes):
            messages.success(request, _("Tous ceux qui n’étaient pas pointés sont présents."))
    else:
        outcomes = _one_child(request, actor, tablet, structure_id, kind, by)
    _tell(request, outcomes)
    return posting.asked_row(request.POST)


def _one_child(
    request: MarelleRequest, actor: Actor, tablet: Tablet | None, structure_id: int, kind: str, by: int | None
) -> tuple[Outcome, ...]:
    child_id = posting.asked_child(request.POST)
    if kind == "unbooked":
        asked = door(actor, tablet=tablet, structure_id=structure_id)
        kind, child_id = TickKind.PRESENT.value, _named(request.POST, asked)
        if child_id is None:
            messages.error(
                request,
                _("Aucun enfant de ce nom : choisissez-le dans la liste, ou notez-le sans inscription."),
            )
            return ()
    form = posting.form_id(request.POST) or uuid4()
    batch = posting.batch_asked(request.POST, form=form, child_id=child_id, kind=kind, now=request.now, by=by)
    return ticks_receive(actor=actor, tablet=tablet, structure_id=structure_id, batch=batch, now=request.now)


def _named(post: Mapping[str, str], asked: Door) -> int | None:
    """The one child enrolled there that day who is called so, by the name that the list gives it."""
    days = days_of(asked.structure.pk, posting.asked_openings(post))
    names = names_of(one for day in days for one in enrolled_there(asked.structure.pk, day))
    typed = plain(" ".join(post.get("unbooked", "").split()))
    found = [pk for pk, name in names.items() if plain(name) == typed]
    return found[0] if len(found) == 1 else None


def _tell(request: HttpRequest, outcomes: tuple[Outcome, ...]) -> None:
    for text in dict.fromkeys(outcome_text(one.code) for one in outcomes):
        if text:
            messages.warning(request, text[:1].upper() + text[1:])
    if outcomes and not any(one.code in NOT_KEPT for one in outcomes):
        messages.success(request, _("C’est noté."))


def _by_whom(ticks: Any, tablet: Tablet | None, request: MarelleRequest) -> Any:
    """On a tablet, who ticked is what our own signature says, and nothing else that was sent."""
    if tablet is None or not isinstance(ticks, list):
        return ticks
    oldest = request.today - timedelta(days=DAYS_BACK)
    known: dict[str, int | None] = {}
    for tick in ticks:
        if isinstance(tick, dict):
            token = str(tick.get("duty", ""))
            if token not in known:
                duty = duty_read(token, tablet)
                known[token] = duty.account_id if duty and duty.day >= oldest else None
            tick["by"] = known[token]
    return ticks


def answered(response: HttpResponse) -> HttpResponse:
    """Nothing of the door is left in a browser's own memory."""
    response["Cache-Control"] = "private, no-store"
    return response
