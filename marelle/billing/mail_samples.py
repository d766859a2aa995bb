"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.billing.mails import CONTEST
from marelle.mail.fields import AUTHORITY, RECIPIENT
from marelle.mail.samples import Sample, register

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
