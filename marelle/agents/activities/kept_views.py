"""« Places gardées »: set on an activity, and the children named for them."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from marelle.activities.audiences import AudienceKind
from marelle.activities.models import KeptPlaces
from marelle.activities.services import kept_by
from marelle.agents.activities import kept_words as words
from marelle.agents.activities import rows
from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.forms.kept import KeptForm
from marelle.agents.activities.rows import Screen
from marelle.agents.guards import staff_only
from marelle.agents.ways import home_ways
from marelle.attendance.desk import own_children
from marelle.bookings.kept import kept_add, kept_change, kept_name, kept_remove
from marelle.cases.services import OwnFile
from marelle.core.converters import id_read
from marelle.enrolments.models import Enrolment, KeptFor
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS


def _page_of_activity(row: KeptPlaces) -> rows.Way:
    return reverse("agents_activities:activity", args=[row.activity_id]), row.activity.name


def _names_of(row: KeptPlaces) -> str:
    return reverse("agents_activities:kept_names", args=[row.pk])


def _choose(row: KeptPlaces) -> tuple[str, str] | None:
    named = row.audience == AudienceKind.NAMED
    return (_("Choisir les enfants"), _names_of(row)) if named else None


KEPT: Final = Screen(
    KeptPlaces,
    KeptForm,
    "activity",
    gettext_lazy("Garder des places"),
    _page_of_activity,
    lambda row: reverse("agents_activities:kept_remove", args=[row.pk]),
    more=_choose,
)
NEW: Final = replace(
    KEPT,
    after=lambda row: _names_of(row) if row.audience == AudienceKind.NAMED else _page_of_activity(row)[0],
)
"""Children are named right after."""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def kept_new(request: MarelleRequest, activity_id: int) -> HttpResponse:
    def write(request: MarelleRequest, form: EditForm, activity_id: int) -> KeptPlaces:
        return kept_add(actor=request.actor, activity_id=activity_id, values=form.changes(), now=request.now)

    answer = rows.add(request, NEW, activity_id, write=write)
    return _too_many_told(request, answer, activity_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def kept(request: MarelleRequest, kept_places_id: int) -> HttpResponse:
    def write(request: MarelleRequest, form: EditForm, pk: int) -> tuple[str, ...]:
        return kept_change(
            actor=request.actor, pk=pk, changes=form.changes(), seen=form.shown(), now=request.now
        )

    row = _row(request, kept_places_id)
    answer = rows.change(request, KEPT, kept_places_id, title=row.name, write=write)
    return _too_many_told(request, answer, row.activity_id)


def _too_many_told(request: MarelleRequest, answer: HttpResponse, activity_id: int) -> HttpResponse:
    """The same answer; once it is written, what is kept beyond what there is is told at once."""
    if answer.status_code == HTTPStatus.FOUND:
        found = list(KeptPlaces.objects.filter(activity=activity_id).select_related("gauge"))
        for told in words.too_many_texts(found, request.today):
            messages.warning(request, told)
    return answer


@require_POST
@staff_only(*DECIDERS)
def kept_removed(request: MarelleRequest, kept_places_id: int) -> HttpResponse:
    def drop(request: MarelleRequest, pk: int) -> None:
        kept_remove(actor=request.actor, pk=pk, now=request.now)

    stay = reverse("agents_activities:kept", args=[kept_places_id])
    return rows.remove(request, KEPT, kept_places_id, stay=stay, drop=drop)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def kept_names(request: MarelleRequest, kept_places_id: int) -> HttpResponse:
    """Which of the children enrolled are named; what another agent changed since the page was shown stays."""
    row = _row(request, kept_places_id)
    if row.audience != AudienceKind.NAMED:
        raise Http404
    stays = _stays(request, row)
    own = own_children(request.actor, [one.person_id for one in stays], request.now)
    if request.method == "POST":
        _named(request, row, stays)
        return redirect("agents_activities:kept_names", row.pk)
    ticked = _held(row)
    ways = home_ways(request, {one.family_id for one in stays})
    shown = words.name_rows(stays, ticked, own, ways)
    context = {
        "kept": row,
        "rows": shown,
        "seen": [one.id for one in shown if one.ticked and not one.own],
        "count": words.count_text(sum(one.ticked for one in shown)),
    }
    return render(request, "agents/activities/kept_names.html", context)


def _named(request: MarelleRequest, row: KeptPlaces, stays: list[Enrolment]) -> None:
    asked, seen = ({pk for pk in map(id_read, request.POST.getlist(name)) if pk} for name in ("e", "vu"))
    try:
        added, gone = kept_name(
            actor=request.actor, pk=row.pk, enrolment_ids=asked, seen=seen, now=request.now
        )
    except OwnFile:
        messages.error(
            request, _("C’est le dossier de votre propre famille : un autre agent doit le traiter.")
        )
        return
    messages.success(request, words.named_text(added, gone))
    # Of those that this agent could tick, what is not as it left them is another's doing.
    own = own_children(request.actor, [one.person_id for one in stays], request.now)
    others = _held(row) ^ asked
    names = [str(one.person) for one in stays if one.pk in others and one.person_id not in own]
    if names:
        messages.warning(request, words.meanwhile_text(names))


def _row(request: MarelleRequest, pk: int) -> KeptPlaces:
    row = kept_by(request.actor, KeptPlaces).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _held(row: KeptPlaces) -> set[int]:
    return set(KeptFor.objects.filter(kept=row).values_list("enrolment_id", flat=True))


def _stays(request: MarelleRequest, row: KeptPlaces) -> list[Enrolment]:
    """The accepted enrolments that are not over, by name."""
    found = Enrolment.objects.filter(
        activity=row.activity_id, state=Enrolment.State.ACCEPTED, ends_on__gte=request.today
    ).select_related("person")
    return list(found.order_by("person__last_name", "person__first_name", "person_id", "pk"))
