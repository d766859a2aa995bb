"""What only agents write in a family's file, one plain form for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.desk.changes.words import refused
from marelle.agents.families.record_forms import (
    CustodyForm,
    DepartureForm,
    RecordForm,
    ResidenceForm,
    SchoolingForm,
)
from marelle.agents.families.record_words import record_text
from marelle.agents.guards import staff_only
from marelle.core.french import of_name
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.families import services
from marelle.families.file.reading import school_names
from marelle.families.file.records import Record, record_held, record_write
from marelle.families.file.values import Value
from marelle.families.models import Family, Member
from marelle.families.selectors import current
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.desk.modifications import family_depart
from marelle.places.rules import school_year_of

Form = TypeVar("Form", bound=RecordForm)


@dataclass(frozen=True, slots=True)
class Place:
    """Which record of which file, or of which child of it."""

    kind: Record
    family_id: int
    child_id: int = 0

    def held(self, day: date) -> Value:
        return record_held(self.kind, family_id=self.family_id, child_id=self.child_id, day=day)

    def text(self, day: date) -> str:
        return record_text(self.kind, self.held(day), school_names())


either = require_http_methods(["GET", "HEAD", "POST"])


@either
@staff_only(*MAY_ACT)
def residence(request: MarelleRequest, family_id: int) -> HttpResponse:
    place = Place(Record.ADDRESS, family_id)
    form = _form(request, ResidenceForm, place)

    def save() -> None:
        services.residence_add(
            actor=request.actor,
            family_id=family_id,
            street=form.value["street"],
            postal_code=form.value["postal_code"],
            city=form.value["city"],
            commune_id=None,
            since=form.cleaned_data["since"],
            source=form.cleaned_data["source"],
            now=request.now,
        )

    return _page(request, place, form, save, _("Adresse"))


@either
@staff_only(*MAY_ACT)
def custody(request: MarelleRequest, family_id: int, person_id: int) -> HttpResponse:
    member = child_of_home(request, family_id, person_id)
    place = Place(Record.CUSTODY, family_id, person_id)
    form = _form(request, CustodyForm, place)

    def save() -> None:
        weeks, holidays = form.custody()
        services.custody_set(
            actor=request.actor,
            member_id=member.pk,
            weeks=weeks,
            holidays=holidays,
            since=form.cleaned_data["since"],
            now=request.now,
        )

    heading = _("Garde %(whose)s") % {"whose": of_name(str(member.person))}
    return _page(request, place, form, save, heading)


@either
@staff_only(*MAY_ACT)
def schooling(request: MarelleRequest, family_id: int, person_id: int) -> HttpResponse:
    member = child_of_home(request, family_id, person_id)
    place = Place(Record.SCHOOL, family_id, person_id)
    form = _form(request, SchoolingForm, place)

    def save() -> None:
        services.schooling_set(
            actor=request.actor,
            child_id=person_id,
            school_id=int(form.value["school"]),
            school_year=school_year_of(_day(request)),
            level=form.value["level"],
            teacher=form.value["teacher"],
            now=request.now,
        )

    heading = _("École %(whose)s") % {"whose": of_name(str(member.person))}
    return _page(request, place, form, save, heading)


@either
@staff_only(*MAY_ACT)
def departure(request: MarelleRequest, family_id: int) -> HttpResponse:
    place = Place(Record.DEPARTURE, family_id)
    form = _form(request, DepartureForm, place)

    def save() -> None:
        family_depart(
            actor=request.actor, family_id=family_id, left_on=form.cleaned_data["left_on"], now=request.now
        )

    return _page(request, place, form, save, _("Départ du foyer"))


def _day(request: MarelleRequest) -> date:
    return request.today


def _data(request: MarelleRequest) -> dict[str, str] | None:
    return request.POST.dict() if request.method == "POST" else None


def child_of_home(request: MarelleRequest, family_id: int, person_id: int) -> Member:
    member = (
        Member.objects.filter(
            current(_day(request)), family_id=family_id, person_id=person_id, kind=Member.Kind.CHILD
        )
        .select_related("person")
        .first()
    )
    if member is None:
        raise Http404
    return member


def _form(request: MarelleRequest, form: type[Form], place: Place) -> Form:
    return form(_data(request), day=_day(request), held=place.held(_day(request)))


def _page(
    request: MarelleRequest, place: Place, form: RecordForm, save: Callable[[], object], title: str
) -> HttpResponse:
    family = Family.objects.filter(pk=place.family_id).first()
    if family is None:
        raise Http404
    day = _day(request)
    if request.method == "POST" and form.is_valid():
        try:
            record_write(
                place.kind,
                save,
                family_id=place.family_id,
                child_id=place.child_id,
                seen=form.cleaned_data["seen"],
                day=day,
            )
        except ChangedMeanwhile as refusal:
            form.refuse_stale(refusal, held_text=place.text(day))
        except Refusal as refusal:
            form.refuse(refused(refusal))
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_families:family", place.family_id)
    context = {"family": family, "form": form, "heading": title, "held": place.text(day)}
    return render(request, "agents/families/record.html", context)
