"""« Minimum non atteint »: who has booked less than the least of a span, to call or to leave as it is."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.activities.services.definitions import LEAST
from marelle.agents.desk.addresses import case_again, latest_case
from marelle.agents.desk.blocked import blocked_text
from marelle.agents.desk.layout import answered, case_page
from marelle.agents.desk.leasts import words
from marelle.agents.guards import staff_only
from marelle.bookings.closing.leasts import least_seen, span_shorts, spans_decided_by
from marelle.cases.services import AlreadyDecided
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def least(request: MarelleRequest, judged_id: int) -> HttpResponse:
    judged = spans_decided_by(request.actor).filter(pk=judged_id).first()
    case = latest_case(LEAST, judged_id)
    if judged is None or case is None:
        raise Http404
    if request.method == "POST":
        try:
            least_seen(actor=request.actor, judged_id=judged_id, now=request.now)
        except AlreadyDecided:
            messages.info(request, _("Un collègue l’a déjà vu."))
            return case_again(request, LEAST, judged_id)
        return answered(request, LEAST, judged_id, _("C’est noté."))
    context = {
        "rows": words.rows(span_shorts(judged)),
        "blocked": blocked_text(request.actor, case, own_file=False),
        "activity": judged.bound.activity,
    }
    return case_page(
        request,
        "agents/leasts/least.html",
        kind=LEAST,
        subject_id=judged_id,
        title=case.label,
        context=context,
    )
