"""« Préparer les tarifs »: those of a next year, copied, shown and tried before they are written."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from marelle.activities.models import Activity, Slot
from marelle.agents.activities import next_tariff_words as words
from marelle.agents.activities.forms.next_tariffs import NextTariffsForm, month_before
from marelle.agents.activities.office import office_activity
from marelle.agents.activities.prices.billed_words import changed_lines
from marelle.agents.guards import staff_only
from marelle.core.actor import Actor, Role
from marelle.families.models import Family
from marelle.flows.actor.acting import may_act
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.next_tariffs import CopyRefused, next_tariffs, next_tariffs_set
from marelle.flows.prices.comparing import Compared, compared
from marelle.places.scope import income_reader
from marelle.pricing.copying import books_tried
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.tariffs import Slots


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Role.ADMINISTRATOR, Role.OFFICE)
def prepare(request: MarelleRequest, activity_id: int) -> HttpResponse:
    """Read from the address; posted, what was read is written."""
    activity = office_activity(request, activity_id)
    asked = request.POST if request.method == "POST" else request.GET
    form = NextTariffsForm(asked if "depuis" in asked else None, today=request.today)
    if request.method == "POST" and form.is_valid() and _is_written(request, form, activity):
        return redirect("agents_activities:tariffs", activity_id)
    context = {"activity": activity, "form": form, "asked": form.is_bound and form.is_valid()}
    if context["asked"]:
        context |= _shown(request, form, activity)
    return render(request, "agents/activities/next_tariffs.html", context)


def _is_written(request: MarelleRequest, form: NextTariffsForm, activity: Activity) -> bool:
    try:
        count = next_tariffs_set(
            actor=request.actor,
            authority_id=activity.structure.authority_id,
            by=form.by,
            own=_own(form, activity),
            seen=request.POST.get("seen", ""),
            now=request.now,
        )
    except (CopyRefused, TariffRefused) as refusal:
        messages.error(request, words.refusal_text(refusal.code))
        return False
    told = ngettext(
        "C’est enregistré\u00a0: %(n)d tarif est prêt.",
        "C’est enregistré\u00a0: %(n)d tarifs sont prêts.",
        count,
    )
    messages.success(request, told % {"n": count})
    return True


def _shown(request: MarelleRequest, form: NextTariffsForm, activity: Activity) -> dict[str, object]:
    authority_id, own, by = activity.structure.authority_id, _own(form, activity), form.by
    found = next_tariffs(authority_id, by, own)
    books = books_tried(found.book, found.made, by.since)
    trial = compared(authority_id, books, month_before(request.today), own) if found.made else None
    return {
        "found": found,
        "plan": words.plan_shown(found, _names(authority_id, activity), by.since),
        "billed": changed_lines(authority_id, [(one.new, one.old) for one in found.made]),
        "trial": words.trial_shown(trial, _families(request.actor, trial)) if trial else None,
    }


def _own(form: NextTariffsForm, activity: Activity) -> Slots | None:
    return None if form.is_of_all else frozenset(activity.slots.values_list("pk", flat=True))


def _names(authority_id: int, activity: Activity) -> dict[int, str]:
    """Of the slots, those of other activities with the name of theirs."""
    rows = Slot.objects.filter(activity__structure__authority_id=authority_id).select_related("activity")
    own = [row for row in rows.order_by("order", "pk") if row.activity_id == activity.pk]
    others = [row for row in rows.order_by("activity", "order", "pk") if row.activity_id != activity.pk]
    return {row.pk: row.name for row in own} | {row.pk: f"{row.name} ({row.activity.name})" for row in others}


def _families(actor: Actor, trial: Compared) -> dict[int, str]:
    """The homes that pay most more, by name, for who reads incomes."""
    if not may_act(income_reader(actor)):
        return {}
    rows = Family.objects.filter(pk__in=[one.family_id for one in trial.losers])
    return dict(rows.values_list("pk", "name"))
