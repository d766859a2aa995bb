"""The three things that an agent does to one row, whatever it is: add it, change it, take it away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from marelle.activities.models import Activity, Slot
from marelle.activities.services import kept_by, parents_kept_by, part_add, part_change
from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.billed import billed_lines
from marelle.core.french import join_and
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.openings import part_drop
from marelle.journal.edits import InUse

Written = TypeVar("Written")

Way = tuple[str, str]
"""The address of a page, and its name."""

Write = Callable[[MarelleRequest, EditForm, int], models.Model]
"""Writes a new row of a parent from a form that is right."""

Rewrite = Callable[[MarelleRequest, EditForm, int], tuple[str, ...]]
"""Changes a row, and gives the names of the fields that changed."""

Drop = Callable[[MarelleRequest, int], object]
"""Takes a row away."""

PAGE = "agents/activities/form.html"

PRICED: Final = frozenset({"starts", "ends", "includes", "booking_mode"})
"""The fields of a slot, or of its activity, that prices read."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A kind of row on the screen. `parent` is its field that leads to what holds it; `back` gives the
    page to go to from a row, `remove` that which takes it away, `after` where writing leads, if not
    back, and `more` the name and address of a page of its own. `part` says which part of the row is changed,
    where the form holds one part of several."""

    model: type[models.Model]
    form: type[EditForm]
    parent: str
    new: str | Promise
    back: Callable[[Any], Way]
    remove: Callable[[Any], str] | None = None
    after: Callable[[Any], str] | None = None
    more: Callable[[Any], tuple[str, str] | None] | None = None
    part: str | Promise = ""

    def next(self, row: models.Model) -> str:
        """Where to go once it is written."""
        return self.after(row) if self.after else self.back(row)[0]


def add(
    request: MarelleRequest, screen: Screen, parent_id: int, *, write: Write | None = None
) -> HttpResponse:
    """`write` is for a row that is more than its own fields."""
    parent = parents_kept_by(request.actor, screen.model).filter(pk=parent_id).first()
    if parent is None:
        raise Http404
    row = screen.model(**{screen.parent: parent})
    form = screen.form(request.POST if request.method == "POST" else None, instance=row, actor=request.actor)
    saved = written(form, lambda: (write or _added(screen))(request, form, parent_id))
    if saved is not None:
        messages.success(request, _("C’est ajouté."))
        return redirect(screen.next(saved))
    name = f"{screen.new} · {parent}"
    return page(request, form, title=screen.new, name=name, lead=str(parent), back=screen.back(row))


def _added(screen: Screen) -> Write:
    def write(request: MarelleRequest, form: EditForm, parent_id: int) -> models.Model:
        return part_add(
            actor=request.actor,
            model=screen.model,
            parent_id=parent_id,
            values=form.changes(),
            now=request.now,
        )

    return write


def change(
    request: MarelleRequest, screen: Screen, pk: int, *, title: str = "", write: Rewrite | None = None
) -> HttpResponse:
    """`write` as in `add`."""
    row = kept_by(request.actor, screen.model).filter(pk=pk).first()
    if row is None:
        raise Http404
    form = screen.form(request.POST if request.method == "POST" else None, instance=row, actor=request.actor)
    changed = written(form, lambda: (write or _changed(screen))(request, form, pk))
    if changed is not None:
        messages.success(request, saved_text(changed))
        for line in _billed_lines(row, changed, request.today):
            messages.warning(request, line)
        return redirect(screen.next(row))
    title = " · ".join(filter(None, (title or str(row), str(screen.part))))
    return page(
        request,
        form,
        title=title,
        name=_("Modifier · %s") % title,
        lead=str(getattr(row, screen.parent)),
        back=screen.back(row),
        remove=screen.remove(row) if screen.remove else "",
        more=screen.more(row) if screen.more else None,
    )


def _billed_lines(row: models.Model, changed: tuple[str, ...], day: date) -> list[str]:
    """The months that are billed ahead, where what prices read of slots changes from that day on."""
    if PRICED.isdisjoint(changed) or not isinstance(row, Slot | Activity):
        return []
    structure = (row.activity if isinstance(row, Slot) else row).structure
    return billed_lines(structure.authority_id, day, structure_ids=[structure.pk])


def _changed(screen: Screen) -> Rewrite:
    def write(request: MarelleRequest, form: EditForm, pk: int) -> tuple[str, ...]:
        return part_change(
            actor=request.actor,
            model=screen.model,
            pk=pk,
            changes=form.changes(),
            seen=form.shown(),
            now=request.now,
        )

    return write


def remove(
    request: MarelleRequest,
    screen: Screen,
    pk: int,
    *,
    stay: str,
    leave: str = "",
    drop: Drop | None = None,
) -> HttpResponse:
    """Back to `stay` when something uses it; else to `leave`, or to what held it. `drop` is for a row that is
    more than itself."""
    row = kept_by(request.actor, screen.model).filter(pk=pk).first()
    if row is None:
        raise Http404
    if not dropped(request, lambda: (drop or _dropped(screen))(request, pk)):
        return redirect(stay)
    messages.success(request, _("C’est supprimé."))
    return redirect(leave or screen.back(row)[0])


def _dropped(screen: Screen) -> Drop:
    def drop(request: MarelleRequest, pk: int) -> object:
        return part_drop(actor=request.actor, model=screen.model, pk=pk, now=request.now)

    return drop


def written(form: EditForm, write: Callable[[], Written]) -> Written | None:
    """What `write` gives once the form is right; None as long as the form has something to say."""
    if not form.is_valid():
        return None
    try:
        return write()
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def dropped(request: MarelleRequest, drop: Callable[[], object]) -> bool:
    """Whether `drop` took something away; else something uses it, and the person is told what."""
    try:
        drop()
    except InUse as refusal:
        messages.error(request, in_use_text(refusal))
        return False
    return True


def saved_text(changed: object) -> str:
    return _("C’est enregistré.") if changed else _("Rien n’avait changé.")


def page(request: MarelleRequest, form: EditForm, **context: Any) -> HttpResponse:
    return render(request, PAGE, {"remove": "", "more": None, **context, "form": form})


def in_use_text(refusal: Refusal) -> str:
    """Why it stays: "3 inscriptions et 120 réservations"."""
    uses = [f"{n} {several if n > 1 else one}" for one, several, n in refusal.data["uses"]]
    return _("Cela ne peut pas être supprimé, c’est utilisé par : %s.") % join_and(uses)
