"""« Réservation seule »: what is left of a day once the slot that it requires is taken back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.desk.addresses import latest_case
from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.facts import Fact, home_facts, pair_facts, told
from marelle.agents.desk.layout import answered, case_again, case_page
from marelle.agents.guards import staff_only
from marelle.bookings.labels import refusal_text
from marelle.bookings.models import Booking
from marelle.bookings.saving.alone import KIND, alone_leave, alone_mine
from marelle.core.french import day_long, quoted_or
from marelle.core.refusals import Refusal
from marelle.families.scope import is_own_file
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.office.home_file import HomeFile, home_file
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def alone(request: MarelleRequest, alone_id: int) -> HttpResponse:
    booking, case = alone_mine(request.actor, alone_id), latest_case(KIND, alone_id)
    if booking is None or case is None:
        raise Http404
    own = is_own_file(
        request.actor, family_id=booking.family_id, person_id=booking.child_id, day=request.today
    )
    if request.method == "POST":
        try:
            alone_leave(actor=request.actor, booking_id=alone_id, now=request.now)
        except Refusal as refusal:
            messages.warning(request, refusal_text(refusal))
            return case_again(request, KIND, alone_id)
        return answered(request, KIND, alone_id, _("C’est noté : la réservation reste comme elle est."))
    home = home_file(
        request.actor,
        booking.family_id,
        authority_id=booking.opening.activity.structure.authority_id,
        child_id=booking.child_id,
        now=request.now,
    )
    planning = reverse("agents_enrolments:planning", args=[booking.enrolment_id])
    context = {
        "facts": _facts(booking, home),
        "own_file": own,
        "blocked": blocked_text(request.actor, case, own_file=own),
        "planning": f"{planning}?date={booking.day.isoformat()}",
    }
    return case_page(
        request,
        "agents/bookings/alone.html",
        kind=KIND,
        subject_id=alone_id,
        title=str(booking.child),
        context=context,
    )


def _facts(booking: Booking, home: HomeFile | None) -> list[Fact]:
    slot = booking.opening.slot
    needed = slot.requires.select_related("activity").order_by("activity__order", "order", "pk")
    pairs = [
        (_("Jour"), " · ".join((day_long(booking.day), slot.name))),
        (_("Activité"), booking.opening.activity.name),
        (_("Se prend avec"), quoted_or([f"{row.name} ({row.activity.name})" for row in needed])),
        (_("Famille"), "" if home else str(booking.family)),
    ]
    return told([*pair_facts(pairs), *home_facts(home)])
