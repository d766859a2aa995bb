"""« Tarifs » of an activity: what its slots cost, and the form that makes or changes a grid of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.activities.models import Activity
from marelle.activities.services import kept_by
from marelle.agents.activities import tariff_words as words
from marelle.agents.activities.forms import tariffs as forms
from marelle.agents.activities.forms.fields import DayField
from marelle.agents.activities.forms.tariffs import Line, TariffForm
from marelle.agents.activities.office import office_activity
from marelle.agents.activities.prices.forms.common import shown_started
from marelle.agents.activities.prices.making import seen_of, stale, tell_ended
from marelle.agents.activities.prices.words import Scene, scene_of
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.core.converters import id_read
from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.tariffs import GridRow, grid_end, grid_set
from marelle.places.scope import DECIDERS, is_office_of
from marelle.pricing.models import Adjustment as AdjustmentRow
from marelle.pricing.models import SpanRule as SpanRuleRow
from marelle.pricing.models import Tariff as TariffRow
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.tariffs import Sets, Started, Tariff

KEPT = (
    *("colle", "since", "until", "voted_number", "voted_on", "step", "per", "hours", "order"),
    *("account", "budget", "regie", "vat", "seen"),
)
"""What is typed once for all rows."""
TICKED = ("who", "weekdays")
"""The same, of which there may be several."""
KINDS: dict[str, type[TariffRow | AdjustmentRow | SpanRuleRow]] = {
    words.TARIFF: TariffRow,
    words.ADJUSTMENT: AdjustmentRow,
    words.SPAN_RULE: SpanRuleRow,
}


@require_safe
@staff_only(*DECIDERS)
def tariffs(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = kept_by(request.actor, Activity).select_related("structure").filter(pk=activity_id).first()
    if activity is None:
        raise Http404
    writes = is_office_of(request.actor, activity.structure.authority_id)
    context = {
        "activity": activity,
        "page": words.page(activity, request.today),
        "writes": writes,
        "today": request.today.isoformat(),
        "ways": words.ways(activity) if writes else [],
    }
    return render(request, "agents/activities/tariffs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def tariff_new(request: MarelleRequest, activity_id: int) -> HttpResponse:
    """A grid from nothing, or from those that `remplace` names, which end the day before it begins."""
    activity = office_activity(request, activity_id)
    scene = scene_of(activity, request.today)
    known = words.changeable(scene.book, frozenset(scene.place.own))
    form = _form(request, scene, known)
    if form.is_bound and form.is_valid() and _is_saved(request, form, scene, known):
        return redirect("agents_activities:tariffs", activity_id)
    return render(request, "agents/activities/tariff.html", {"activity": activity, "form": form})


@require_POST
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def tariff_ended(request: MarelleRequest, activity_id: int) -> HttpResponse:
    activity = office_activity(request, activity_id)
    scene = scene_of(activity, request.today)
    kind = next((kind for kind in KINDS if kind in request.POST), words.TARIFF)
    asked = {pk for pk in map(id_read, request.POST.getlist(kind)) if pk}
    known = words.endable(scene.book, kind)
    if not asked <= known.keys():
        raise Http404
    if not asked:
        messages.error(request, _("Choisissez ce qui prend fin."))
        return redirect("agents_activities:tariffs", activity_id)
    try:
        until = DayField().clean(request.POST.get("dernier-jour"))
        grid_end(
            actor=request.actor,
            authority_id=activity.structure.authority_id,
            tariff_ids=asked,
            model=KINDS[kind],
            until=until,
            seen=seen_of(scene.place, request.POST.get("seen", "")),
            now=request.now,
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    except ChangedMeanwhile as refusal:
        messages.error(request, words.meanwhile_text(refusal, request.today, is_kept=False))
    except TariffRefused as refusal:
        messages.error(request, words.refusal_text(refusal))
    else:
        tell_ended(request, scene.place, [known[pk] for pk in asked], until)
    return redirect("agents_activities:tariffs", activity_id)


def _form(request: MarelleRequest, scene: Scene, known: Mapping[int, Tariff]) -> TariffForm:
    slots = scene.place.own
    if request.method != "POST":
        asked = [id_read(text) for text in request.GET.getlist("remplace")]
        if any(pk not in known for pk in asked):
            raise Http404
        rows = [known[pk] for pk in asked if pk]
        since = max(request.today, scene.activity.first_day)
        kept = {**(words.begun(rows[0]) if rows else shown_started(None)), "since": since}
        kept["seen"] = scene.place.seen.version
        return TariffForm(None, slots=slots, filled=words.filled(rows), kept=kept, started=_started(rows[:1]))
    filled, more = forms.typed(request.POST), "formule" in request.POST
    started = _started([known[row[3]] for row in filled.rows if row[3] is not None and row[3] in known])
    if "enregistrer" in request.POST:
        return TariffForm(request.POST, slots=slots, filled=filled, kept={}, started=started)
    kept = {name: request.POST.get(name, "") for name in KEPT}
    kept |= {name: request.POST.getlist(name) for name in TICKED}
    if "remplir" in request.POST:
        wanted = forms.pasted(kept["colle"], filled)
        told = forms.too_large(wanted) or forms.crossed(kept["colle"])
        if told:
            messages.error(request, told)
        else:
            filled, kept["colle"] = wanted, ""
    return TariffForm(None, slots=slots, filled=filled, kept=kept, one_more=more, started=started)


def _started(rows: Sequence[Tariff]) -> Started | None:
    """How the first of those that end is counted."""
    return rows[0].what.started if rows and isinstance(rows[0].what, Sets) else None


def _is_saved(request: MarelleRequest, form: TariffForm, scene: Scene, known: Mapping[int, Tariff]) -> bool:
    try:
        rows = [_row(form, line, known) for line in form.lines()]
        doubts = scene.doubts([(row.tariff, known.get(row.replaces or 0)) for row in rows])
        grid_set(
            actor=request.actor,
            authority_id=scene.place.authority_id,
            rows=rows,
            seen=seen_of(scene.place, form.cleaned_data["seen"]),
            now=request.now,
        )
    except ChangedMeanwhile as refusal:
        stale(form, refusal, request.today)
        return False
    except TariffRefused as refusal:
        form.add_error(words.FIELDS.get(refusal.code), words.refusal_text(refusal))
        return False
    messages.success(request, _("C’est enregistré\u00a0: les jours d’avant gardent leur prix."))
    for line in doubts:
        messages.warning(request, line)
    return True


def _row(form: TariffForm, line: Line, known: Mapping[int, Tariff]) -> GridRow:
    """In the place of the tariff that the row was made of, if any."""
    if line.replaces and line.replaces not in known:
        raise TariffRefused("replaced")
    found = form.cleaned_data
    tariff = Tariff(
        id=0,
        name=line.name,
        since=found["since"],
        until=found["until"],
        what=Sets(line.sets, found["started"]),
        amount=line.amount,
        who=form.traits(),
        weekdays=form.days(),
        order=found["order"] or 0,
        ledger=form.ledger(),
        voted=form.voted(),
    )
    return GridRow(tariff, line.replaces)
