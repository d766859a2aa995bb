"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.billing.guests import DOOR
from marelle.billing.mails import CONTEST, PAYER_BILLS
from marelle.billing.reminders.mails import HOME, PAYER
from marelle.mail.fields import AUTHORITY, RECIPIENT, REMINDER
from marelle.mail.samples import Sample, register

REMINDED = {
    "authority": "Communauté de communes du Val d’Arelle",
    "phone": "03 00 00 00 10",
    "email": "contact@arelle.example",
    "title": "Premier rappel",
    "paragraphs": [
        "Sauf erreur de notre part, la date de paiement d’une facture est passée.",
        "Si vous avez payé ces jours-ci, ne tenez pas compte de ce rappel.",
    ],
    "letter": False,
    "to_name": "Camille Durand",
}

register(
    Sample(
        "billing/invoice_there",
        _("Une facture est arrivée"),
        _("la famille, si elle veut cet avis"),
        {
            "authority": "Communauté de communes du Val d’Arelle",
            "phone": "03 00 00 00 10",
            "email": "contact@arelle.example",
            "month": "novembre 2026",
            "corrected": False,
            "credit": False,
            "to_name": "Camille Durand",
        },
        (RECIPIENT, AUTHORITY),
    ),
    Sample(
        CONTEST,
        _("La réponse à une ligne de facture contestée"),
        _("la famille"),
        {
            "authority": "Communauté de communes du Val d’Arelle",
            "phone": "03 00 00 00 10",
            "email": "contact@arelle.example",
            "number": "2026-000123",
            "month": "novembre 2026",
            "bill_id": 1,
            "days": "les 4 et 18 novembre 2026",
            "answer": "accepted",
            "has_words": True,
            "to_name": "Camille Durand",
        },
        (RECIPIENT, AUTHORITY),
    ),
    Sample(
        HOME,
        _("Des factures en retard sont rappelées"),
        _("les adultes du foyer"),
        REMINDED,
        (RECIPIENT, REMINDER, AUTHORITY),
    ),
    Sample(
        PAYER,
        _("Des factures en retard sont rappelées à qui paie à la place d’un foyer"),
        _("le payeur"),
        {**REMINDED, "numbers": "2026-000123, 2026-000151", "letter": True, "to_name": "CCAS d’Arelle"},
        (RECIPIENT, REMINDER, AUTHORITY),
    ),
    Sample(
        PAYER_BILLS,
        _("Des factures sont arrivées pour qui paie à la place d’un foyer"),
        _("les personnes qui lisent les factures du payeur"),
        {
            "authority": "Communauté de communes du Val d’Arelle",
            "phone": "03 00 00 00 10",
            "email": "contact@arelle.example",
            "month": "novembre 2026",
            "payers": "Département de la Côte",
            "count": 12,
            "corrected": False,
            "to_name": "Odile Bertin",
        },
    ),
    Sample(
        DOOR.told,
        _("Une personne lit les factures d’un payeur de plus, ou ne les lit plus"),
        _("cette personne"),
        {
            "told": "ended",
            "name": "Odile Bertin",
            "payer": "Département de la Côte",
            "authority": "Communauté de communes du Val d’Arelle",
            "phone": "03 00 00 00 10",
            "email": "contact@arelle.example",
        },
    ),
    Sample(
        "billing/mandate",
        _("Un mandat de prélèvement est en place, à vérifier, refusé ou arrêté"),
        _("les adultes du foyer"),
        {
            "told": "active",
            "authority": "Communauté de communes du Val d’Arelle",
            "phone": "03 00 00 00 10",
            "email": "contact@arelle.example",
            "last_digits": "0189",
            "rum": "MRL-7KQ3-9XTW-4HNB-2CFD",
            "reason": "",
            "by_agent": False,
            "to_name": "Camille Durand",
        },
    ),
)
