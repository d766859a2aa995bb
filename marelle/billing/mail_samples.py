"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

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
)
