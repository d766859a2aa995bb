"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.attendance.mismatch_mails import MISMATCH, SETTLED
from marelle.attendance.no_show_mails import NOT_TOLD, SUSPENDED
from marelle.mail.fields import ACTIVITY, AUTHORITY, CHILD, CHILDREN, RECIPIENT, STRUCTURE, Field
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
        "attendance/next_day",
        _("La liste du lendemain d’une structure, en PDF chiffré"),
        _("l’adresse que la collectivité a choisie, la veille"),
        {
            "structure": "Accueil de loisirs d’Arelle",
            "day": "mercredi 2 décembre 2026",
            "name": "liste-2026-12-02-accueil-de-loisirs-d-arelle-3.pdf",
        },
    ),
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
    Sample(
        SUSPENDED,
        _("Les réservations d’un enfant sont suspendues"),
        _("la famille"),
        {
            **REACH,
            "child": "Zoé",
            "activity": "Mercredis d’Arelle",
            "first": "mercredi 2 décembre",
            "last": "mercredi 16 décembre",
            "cancelled": 2,
        },
        (RECIPIENT, CHILD, ACTIVITY, STRUCTURE, AUTHORITY),
    ),
    Sample(
        NOT_TOLD,
        _("Une famille est avertie après des absences sans prévenir"),
        _("la famille"),
        {
            **REACH,
            "child": "Zoé",
            "activity": "Mercredis d’Arelle",
            "days": "mercredi 18 et mercredi 25 novembre",
        },
        (RECIPIENT, CHILD, ACTIVITY, STRUCTURE, AUTHORITY),
    ),
)
