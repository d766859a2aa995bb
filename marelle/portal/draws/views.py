"""The draw as everybody may do it again: the promise before, the seed and the ranks after, a program that
judges them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marelle.campaigns import verifier as program
from marelle.campaigns.document import Draw, written
from marelle.campaigns.models import Campaign
from marelle.campaigns.running import draw_told
from marelle.core.french import instant_long_year, range_sentence
from marelle.flows.actor.middleware import MarelleRequest

PER_PAGE: Final = 100
State = Campaign.State
DRAWN: Final = (State.CLOSED, State.SIMULATED, State.PUBLISHED, State.ENDED)


@require_safe
@login_not_required
def draw(request: MarelleRequest, drawn_id: int) -> HttpResponse:
    found = _found(drawn_id)
    drawn = _draw(found)
    ranks = sorted(drawn.ranks.items(), key=lambda one: one[1]) if drawn else []
    page = Paginator(ranks, PER_PAGE).get_page(request.GET.get("page"))
    pairs = [
        (_("Période"), range_sentence(found.first_day, found.last_day).capitalize()),
        (_("Empreinte de la graine"), found.promise),
        (_("Publiée le"), instant_long_year(found.announced_at or found.created_at).capitalize()),
        (_("Nombre public"), found.public_source),
    ]
    if drawn:
        pairs += [(_("Sa valeur"), drawn.public), (_("Graine"), drawn.seed)]
        pairs.append((_("Billets"), str(len(ranks))))
    context = {
        "campaign": found,
        "pairs": pairs,
        "page_obj": page,
        "lines": [(ticket, rank + 1) for ticket, rank in page.object_list],
        "drawn": drawn,
        "command": f'printf %s "{drawn.seed}:{drawn.public}:BILLET" | sha256sum' if drawn else "",
    }
    return render(request, "portal/draws/draw.html", context)


@require_safe
@login_not_required
def file(_request: MarelleRequest, drawn_id: int) -> HttpResponse:
    found = _found(drawn_id)
    drawn = _draw(found)
    if drawn is None:
        raise Http404
    answer = HttpResponse(written(drawn.told()), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="tirage-{found.pk}.json"'
    return answer


@require_safe
@login_not_required
def verifier(_request: MarelleRequest) -> HttpResponse:
    """The very program that judges each run here."""
    answer = HttpResponse(Path(program.__file__).read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verificateur.py"'
    return answer


def _found(drawn_id: int) -> Campaign:
    row = Campaign.objects.exclude(state=State.DRAFT).filter(pk=drawn_id).defer("file").first()
    if row is None or not row.promise:
        raise Http404
    return row


def _draw(campaign: Campaign) -> Draw | None:
    """None as long as the number is not known: the seed is secret until then."""
    if campaign.state not in DRAWN or not campaign.public_number:
        return None
    return draw_told(campaign)
