"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.attendance.mismatch_mails import MISMATCH, SETTLED
from marelle.mail.fields import AUTHORITY, CHILD, CHILDREN, RECIPIENT, STRUCTURE, Field
from marelle.mail.samples import Sample, register

REACH = {
    "structure": "Accueil de loisirs d’Arelle",
    "phone": "03 00 00 00 01",
    "email": "loisirs@arelle.example",
    "to_name": "Camille Durand",
}
DAY = Field("jour", _("le jour concerné : « mercredi 2 décembre »"), "day")

register(
    Sample(
        MISMATCH,
        _("Un enfant attendu n’a pas été pointé, ou est venu sans réservation"),
        _("la famille qui a réservé, le jour même"),
        {
            **REACH,
            "children": "Zoé et Léo",
            "day": "mercredi 2 décembre",
            "absent": ["Zoé : Matin, Repas"],
            "unbooked": ["Léo : Repas"],
        },
        (RECIPIENT, CHILDREN, DAY, STRUCTURE, AUTHORITY),
    ),
    Sample(
        SETTLED,
        _("Un pointage est corrigé, ou reste tel quel"),
        _("la famille"),
        {
            **REACH,
            "child": "Zoé",
            "day": "mercredi 2 décembre",
            "slot": "Matin",
            "corrected": True,
            "absent": True,
            "answered": True,
        },
        (RECIPIENT, CHILD, DAY, STRUCTURE, AUTHORITY),
    ),
)
