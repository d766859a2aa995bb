"""An account with posts never opens a file of its own family's other home: a colleague does.

Whatever the page: the rows that an address names lead to a home, which is looked at before the page is made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db import models
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from marelle.attendance.models import Mismatch, NoShow
from marelle.billing.models import Assessment, Contest, Invoice, Mandate, StrayPayment
from marelle.bookings.models import AbsenceProof, BookingRequest
from marelle.campaigns.models import CommissionSheet, Wish
from marelle.cases.models import Case
from marelle.enrolments.models import EndRequest, Enrolment, TeenAccess
from marelle.families.models import ChangeRequest, Family, Member, Restriction
from marelle.families.selectors import current
from marelle.flows.actor.middleware import MarelleRequest
from marelle.mail.models import Message
from marelle.messaging.models import Thread
from marelle.papers.models import Paper
from marelle.relay.models import CareRequest

HOMES: Final[Mapping[str, tuple[type[models.Model], str]]] = {
    "family_id": (Family, "pk"),
    "kept_id": (Family, "pk"),
    "left_id": (Family, "pk"),
    "erased_id": (Family, "pk"),
    "enrolment_id": (Enrolment, "family_id"),
    "accepted_id": (Enrolment, "family_id"),
    "refused_id": (Enrolment, "family_id"),
    "wish_id": (Wish, "family_id"),
    "care_sheet_id": (CommissionSheet, "request__family_id"),
    "end_id": (EndRequest, "enrolment__family_id"),
    "mismatch_id": (Mismatch, "family_id"),
    "no_show_id": (NoShow, "enrolment__family_id"),
    "contest_id": (Contest, "line__invoice__family_id"),
    "change_id": (ChangeRequest, "family_id"),
    "paper_id": (Paper, "family_id"),
    "proof_id": (AbsenceProof, "family_id"),
    "request_id": (BookingRequest, "family_id"),
    "demand_id": (CareRequest, "family_id"),
    "thread_id": (Thread, "family_id"),
    "letter_id": (Message, "family_id"),
    "assessment_id": (Assessment, "family_id"),
    "invoice_id": (Invoice, "family_id"),
    "mandate_id": (Mandate, "family_id"),
    "stray_id": (StrayPayment, "invoice__family_id"),
    "case_id": (Case, "family_id"),
    "teen_id": (TeenAccess, "family_id"),
    "restriction_id": (Restriction, "child__memberships__family_id"),
    "noted_id": (Case, "family_id"),
    "decided_id": (Case, "family_id"),
}
"""By argument of an address of the agents: of what row it is the id, and the way from there to the home."""

CARE: Final = "agents_care"
"""Where `child_id` opens the file of a child: who may fetch it, and how to call them, in all its homes."""


def closed_to(request: MarelleRequest, arguments: Mapping[str, Any]) -> bool:
    """Whether an address leads to the other home of a child of who asks. No query more than `apart` for a
    parent whose children have one home, one more for each argument of another; none for who is no parent."""
    named = HOMES.keys() & arguments.keys()
    match = request.resolver_match
    of_child = match is not None and match.namespace == CARE and "child_id" in arguments
    if request.actor.person_id is None or not (named or of_child):
        return False
    apart = request.apart
    if not apart:
        return False
    if of_child and arguments["child_id"] in people_apart(request):
        return True
    return any(_leads_to(apart, *HOMES[name], arguments[name]) for name in named)


def people_apart(request: MarelleRequest) -> frozenset[int]:
    """Who lives in a home that is closed to who asks: no query but for a parent of a child who has two."""
    if not request.apart:
        return frozenset()
    there = Member.objects.filter(current(request.today), family_id__in=list(request.apart))
    return frozenset(there.order_by().values_list("person_id", flat=True))


def closed_page(request: MarelleRequest) -> HttpResponse:
    context = {
        "said": _(
            "C’est votre propre famille, dans l’autre foyer de votre enfant : un collègue s’en occupe. "
            "Vous n’ouvrez rien de ce foyer."
        )
    }
    return render(request, "agents/other_home.html", context, status=403)


def _leads_to(homes: Collection[int], model: type[models.Model], way: str, pk: int) -> bool:
    return model._default_manager.filter(**{"pk": pk, f"{way}__in": list(homes)}).exists()
