"""Server time of each page of the family side, with its queries, for homes spread over the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from marelle.accounts.models import User
from marelle.billing.models import Invoice
from marelle.demo.bench_rows import acts_of_staff, write_staff_rows
from marelle.enrolments.models import Enrolment
from marelle.families.models import Member
from marelle.journal.models import Entry
from marelle.journal.verbs import Verb

if TYPE_CHECKING:
    from marelle.demo.bench import Home

ENTRIES_EACH = 150
"""Lines of the journal of each home: a year of a family that books each week."""

FILLED_UP_TO = 1_000
"""Homes up to which the journal is filled: beyond, the building would be longer than the measure."""

ACTS = (Verb.CONNECTION_OPENED.value, "booking.saved", "enrolment.requested", "message.sent", "paper.sent")


@dataclass(frozen=True, slots=True)
class PageFigures:
    """Milliseconds, the median over homes and rounds, of processor over homes of the least of their rounds;
    queries, the most of any home; bytes, the longest."""

    ms: float
    cpu_ms: float
    queries: int
    size: int


def fill(families: int) -> None:
    """What agents see, and a year of acts in the journal of each home with an account.

    Of a world of up to `FILLED_UP_TO` homes.
    """
    if families > FILLED_UP_TO:
        return
    now = timezone.now()
    write_staff_rows(now)
    acts = sorted((*_acts(now), *acts_of_staff(now)), key=lambda entry: entry.at)
    Entry.objects.bulk_create(acts, batch_size=5_000)


def _acts(now: datetime) -> Iterator[Entry]:
    adults = Member.objects.filter(kind=Member.Kind.ADULT, person__account__isnull=False)
    rows = adults.values_list("family_id", "person__account", "person__first_name")
    for family_id, account, name in rows:
        for number in range(ENTRIES_EACH):
            verb = ACTS[number % len(ACTS)]
            is_connection = verb == Verb.CONNECTION_OPENED
            yield Entry(
                at=now - timedelta(days=2 * number + 1),
                actor_user_id=account,
                actor_label=name,
                verb=verb,
                subject_kind="account" if is_connection else "family",
                subject_id=account if is_connection else family_id,
                subject_label=name,
                family_id=None if is_connection else family_id,
                device="Firefox · Android" if is_connection else "",
                data={"cells": []} if verb == "booking.saved" else {},
            )


def addresses(home: Home) -> dict[str, str]:
    """The pages of one home, by what they are called in the table."""
    family_id = Member.objects.get(person__account=home.user, kind=Member.Kind.ADULT, until=None).family_id
    adult_id = home.user.person.pk if isinstance(home.user, User) else 0
    enrolment = Enrolment.objects.filter(family_id=family_id, person_id=home.child_id).order_by("pk").first()
    invoice = Invoice.objects.filter(family_id=family_id).order_by("-month").first()
    child, today = home.child_id, timezone.localdate().isoformat()
    found = {
        "Mon tableau de bord": "/tableau-de-bord/",
        "Ma famille": "/famille/",
        "Ma famille, the home": "/famille/foyer/",
        "Ma famille, an adult": f"/famille/{adult_id}/",
        "Ma famille, a child": f"/famille/{child}/",
        "Ma famille, health": f"/famille/{child}/sante/",
        "Ma famille, who may fetch": f"/famille/{child}/venir-chercher/",
        "Ma famille, authorisations": f"/famille/{child}/autorisations/",
        "Ma famille, to confirm": "/famille/confirmer/",
        "Mes inscriptions": "/inscriptions/",
        "Mes inscriptions, a child": f"/inscriptions/{child}/",
        "Mes inscriptions, several": "/inscriptions/plusieurs/",
        "Mes réservations, a week": f"/reservations/?enfant={child}&date={today}&vue=semaine&activite=toutes",
        "Mes réservations, to come": "/reservations/a-venir/",
        "Mes réservations, the rules": "/reservations/regles/",
        "Mes réservations, absences": "/reservations/absence/",
        "Mes réservations, mornings": "/reservations/matinees/",
        "Mes factures": "/factures/",
        "Mes factures, the month so far": "/factures/mois/",
        "Mes documents": "/documents/",
        "Mes documents, a child": f"/documents/{child}/",
        "Documentation structure": "/documentation/",
        "Historique de mes actions": "/historique/",
        "Contactez la structure": "/contact/",
        "Contactez, write": "/contact/ecrire/",
        "Contactez, exchanges": "/contact/echanges/",
        "Informations de connexion": "/compte/",
        "Guichet unique": "/guichet-unique/",
        "Simuler un prix": "/tarifs/simuler/",
    }
    if enrolment is not None:
        found["Mes inscriptions, details"] = f"/inscriptions/{child}/inscription/{enrolment.pk}/"
    if invoice is not None:
        found["Mes factures, one"] = f"/factures/{invoice.pk}/"
    return found
