"""« Activités »: what is offered, each on one page with its sections, and the forms behind « Modifier »."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.activities.effects import day_of, next_day
from marelle.activities.models import Activity, AgeGroup, BookingBound, BookingCondition, Question, Slot
from marelle.activities.selectors import managed
from marelle.activities.services import kept_by, parents_kept_by
from marelle.agents.activities import day_words, rows, words
from marelle.agents.activities.forms import parts as forms
from marelle.agents.activities.forms.conditions import ConditionForm
from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.forms.fields import DayForm
from marelle.agents.activities.rows import Screen
from marelle.agents.guards import staff_only
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS

ON_A_PAGE = 30

SECTIONS: Final[dict[str, tuple[type[EditForm], str | Promise]]] = {
    "nom": (forms.NameForm, gettext_lazy("Nom et nature")),
    "presentation": (forms.PresentationForm, gettext_lazy("Présentation")),
    "qui": (forms.WhoForm, gettext_lazy("Qui")),
    "quand": (forms.WhenForm, gettext_lazy("Quand")),
    "inscription": (forms.AskingForm, gettext_lazy("Inscription")),
}
"""The forms behind « Modifier » and what each is of, by the word of their address."""


def _page_of(row: Activity) -> rows.Way:
    """The page of an activity; the list for one that is not written yet."""
    if row.pk:
        return reverse("agents_activities:activity", args=[row.pk]), row.name
    return reverse("agents_activities:activities"), _("Activités")


def _page_of_activity(row: AgeGroup | Slot | Question | BookingBound | BookingCondition) -> rows.Way:
    return _page_of(row.activity)


def _openings_of_all(row: Activity) -> str:
    return reverse("agents_activities:generate", args=[row.pk])


def _openings_of(row: AgeGroup | Slot) -> str:
    """What the openings of the activity would become, to look at and to apply."""
    return reverse("agents_activities:generate", args=[row.activity_id])


NEW: Final = Screen(Activity, forms.ActivityForm, "structure", gettext_lazy("Nouvelle activité"), _page_of)
GROUP: Final = Screen(
    AgeGroup,
    forms.GroupForm,
    "activity",
    gettext_lazy("Nouveau groupe d’âge"),
    _page_of_activity,
    lambda row: reverse("agents_activities:group_remove", args=[row.pk]),
    _openings_of,
)
SLOT: Final = Screen(
    Slot,
    forms.SlotForm,
    "activity",
    gettext_lazy("Nouveau créneau"),
    _page_of_activity,
    lambda row: reverse("agents_activities:slot_remove", args=[row.pk]),
    _openings_of,
)

QUESTION: Final = Screen(
    Question,
    forms.QuestionForm,
    "activity",
    gettext_lazy("Nouvelle question"),
    _page_of_activity,
    lambda row: reverse("agents_activities:question_remove", args=[row.pk]),
)

BOUND: Final = Screen(
    BookingBound,
    forms.BoundForm,
    "activity",
    gettext_lazy("Nouveau plafond ou minimum"),
    _page_of_activity,
    lambda row: reverse("agents_activities:bound_remove", args=[row.pk]),
)


CONDITION: Final = Screen(
    BookingCondition,
    ConditionForm,
    "activity",
    gettext_lazy("Nouvelle condition"),
    _page_of_activity,
    lambda row: reverse("agents_activities:condition_remove", args=[row.pk]),
)


@require_safe
@staff_only(*DECIDERS)
def activities(request: MarelleRequest) -> HttpResponse:
    over = request.GET.get("voir") == "terminees"
    day = request.today
    found = managed(request.actor)
    found = found.filter(last_day__lt=day) if over else found.filter(last_day__gte=day)
    ordered = found.order_by("structure__order", "structure__name", "order", "name", "pk")
    page = Paginator(ordered, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"lines": [words.line(row) for row in page], "page": page, "over": over}
    return render(request, "agents/activities/activities.html", context)


@require_safe
@staff_only(*DECIDERS)
def choose(request: MarelleRequest) -> HttpResponse:
    """In which structure a new activity goes."""
    structures = parents_kept_by(request.actor, Activity).order_by("order", "name", "pk")
    return render(request, "agents/activities/choose.html", {"structures": structures})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def new(request: MarelleRequest, structure_id: int) -> HttpResponse:
    return rows.add(request, NEW, structure_id)


@require_safe
@staff_only(*DECIDERS)
def activity(request: MarelleRequest, activity_id: int) -> HttpResponse:
    row = managed(request.actor).select_related("calendar").filter(pk=activity_id).first()
    if row is None:
        raise Http404
    today = request.today
    form = DayForm(request.GET if "jour" in request.GET else None, initial={"jour": next_day(row, today)})
    day = form.cleaned_data["jour"] if form.is_valid() else form.initial["jour"]
    context = {
        "activity": row,
        "sections": words.sections(row, day=today),
        "day_form": form,
        "day_shown": day_words.day_shown(day, day_of(row, day)),
    }
    return render(request, "agents/activities/activity.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def section(request: MarelleRequest, activity_id: int, section: str) -> HttpResponse:
    if section not in SECTIONS:
        raise Http404
    after = _openings_of_all if section == "quand" else None
    form, part = SECTIONS[section]
    screen = Screen(Activity, form, "structure", "", _page_of, after=after, part=part)
    return rows.change(request, screen, activity_id)


@require_POST
@staff_only(*DECIDERS)
def remove(request: MarelleRequest, activity_id: int) -> HttpResponse:
    here = reverse("agents_activities:activity", args=[activity_id])
    return rows.remove(request, NEW, activity_id, stay=here, leave=reverse("agents_activities:activities"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def group_new(request: MarelleRequest, activity_id: int) -> HttpResponse:
    answer = rows.add(request, GROUP, activity_id)
    return _ages_in_common(request, answer, AgeGroup.objects.filter(activity=activity_id))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def group(request: MarelleRequest, group_id: int) -> HttpResponse:
    answer = rows.change(request, GROUP, group_id)
    return _ages_in_common(request, answer, AgeGroup.objects.filter(activity__groups=group_id))


def _ages_in_common(
    request: MarelleRequest, answer: HttpResponse, groups: QuerySet[AgeGroup]
) -> HttpResponse:
    """The same answer; once a group is written, groups that share an age are told at once."""
    if answer.status_code == HTTPStatus.FOUND:
        for told in words.overlap_texts(list(groups)):
            messages.warning(request, told)
    return answer


@require_POST
@staff_only(*DECIDERS)
def group_remove(request: MarelleRequest, group_id: int) -> HttpResponse:
    return rows.remove(request, GROUP, group_id, stay=reverse("agents_activities:group", args=[group_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def slot_new(request: MarelleRequest, activity_id: int) -> HttpResponse:
    return rows.add(request, SLOT, activity_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def slot(request: MarelleRequest, slot_id: int) -> HttpResponse:
    row = kept_by(request.actor, Slot).filter(pk=slot_id).first()
    return rows.change(request, SLOT, slot_id, title=row.name if row else "")


@require_POST
@staff_only(*DECIDERS)
def slot_remove(request: MarelleRequest, slot_id: int) -> HttpResponse:
    return rows.remove(request, SLOT, slot_id, stay=reverse("agents_activities:slot", args=[slot_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def question_new(request: MarelleRequest, activity_id: int) -> HttpResponse:
    return rows.add(request, QUESTION, activity_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def question(request: MarelleRequest, question_id: int) -> HttpResponse:
    return rows.change(request, QUESTION, question_id)


@require_POST
@staff_only(*DECIDERS)
def question_remove(request: MarelleRequest, question_id: int) -> HttpResponse:
    stay = reverse("agents_activities:question", args=[question_id])
    return rows.remove(request, QUESTION, question_id, stay=stay)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def bound_new(request: MarelleRequest, activity_id: int) -> HttpResponse:
    answer = rows.add(request, BOUND, activity_id)
    return _impossible_told(request, answer, Activity.objects.filter(pk=activity_id))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def bound(request: MarelleRequest, bound_id: int) -> HttpResponse:
    answer = rows.change(request, BOUND, bound_id)
    return _impossible_told(request, answer, Activity.objects.filter(bounds=bound_id))


def _impossible_told(
    request: MarelleRequest, answer: HttpResponse, activities: QuerySet[Activity]
) -> HttpResponse:
    """The same answer; once a bound is written, what nobody can obey is told at once."""
    if answer.status_code == HTTPStatus.FOUND:
        for row in activities.prefetch_related("slots"):
            for told in words.impossible_texts(row, row.slots.all()):
                messages.warning(request, told)
    return answer


@require_POST
@staff_only(*DECIDERS)
def bound_remove(request: MarelleRequest, bound_id: int) -> HttpResponse:
    return rows.remove(request, BOUND, bound_id, stay=reverse("agents_activities:bound", args=[bound_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def condition_new(request: MarelleRequest, activity_id: int) -> HttpResponse:
    answer = rows.add(request, CONDITION, activity_id)
    return _nobody_told(request, answer, Activity.objects.filter(pk=activity_id))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def condition(request: MarelleRequest, condition_id: int) -> HttpResponse:
    answer = rows.change(request, CONDITION, condition_id)
    return _nobody_told(request, answer, Activity.objects.filter(conditions=condition_id))


def _nobody_told(
    request: MarelleRequest, answer: HttpResponse, activities: QuerySet[Activity]
) -> HttpResponse:
    """The same answer; once a condition is written, one that nobody can meet is told at once."""
    if answer.status_code == HTTPStatus.FOUND:
        for row in activities:
            for told in words.nobody_texts(row):
                messages.warning(request, told)
    return answer


@require_POST
@staff_only(*DECIDERS)
def condition_remove(request: MarelleRequest, condition_id: int) -> HttpResponse:
    stay = reverse("agents_activities:condition", args=[condition_id])
    return rows.remove(request, CONDITION, condition_id, stay=stay)
