"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.attendance.mismatch_mails import MISMATCH, SETTLED
from marelle.mail.fields import AUTHORITY, CHILDREN, RECIPIENT, STRUCTURE, Field
from marelle.mail.samples import Sample, register

REACH = {
    "structure": "Accueil de loisirs d’Arelle",
    "phone": "03 00 00 00 01",
    "email": "loisirs@arelle.example",
    "to_name": "Camille Durand",
}
DAY = Field("jour", _("le jour concerné : « mercredi 2 décembre »"), "day")

register(
    Sample(
        MISMATCH,
        _("Une réservation sans présence notée, ou une présence sans réservation"),
        _("la famille qui a réservé, le jour même ou dès que l’appel est connu"),
        {
            **REACH,
            "children": "Zoé et Léo",
            "day": "mercredi 2 décembre",
            "is_late": False,
            "absent": ["Zoé : Matin, Repas"],
            "unbooked": ["Léo : Repas"],
        },
        (RECIPIENT, CHILDREN, DAY, STRUCTURE, AUTHORITY),
    ),
    Sample(
        SETTLED,
        _("Un pointage est corrigé, ou reste tel quel"),
        _("la famille"),
        {
            **REACH,
            "children": "Zoé",
            "day": "mercredi 2 décembre",
            "present": ["Zoé : Matin, Repas"],
            "gone": [],
            "left": ["Zoé : Après-midi"],
            "answered": True,
        },
        (RECIPIENT, CHILDREN, DAY, STRUCTURE, AUTHORITY),
    ),
)
