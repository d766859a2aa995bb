"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.mail.samples import Sample, register

REACH = {
    "structure": "Accueil de loisirs d’Arelle",
    "phone": "03 00 00 00 01",
    "email": "loisirs@arelle.example",
}
CHILD = {"child": "Zoé", "child_id": 1, "date": "2026-12-02", **REACH}
MORNING, LUNCH = "mercredi 2 décembre · Matin", "mercredi 2 décembre · Repas"

register(
    Sample(
        "bookings/absence_noted",
        _("Une absence est déclarée"),
        _("la famille"),
        {**CHILD, "days": [MORNING, LUNCH]},
    ),
    Sample(
        "bookings/absence_answered",
        _("Un justificatif d’absence a sa réponse"),
        _("la famille"),
        {**CHILD, "days": [MORNING], "accepted": True, "booking_id": 1},
    ),
    Sample(
        "bookings/answered",
        _("Des réservations à valider ont leur réponse"),
        _("la famille"),
        {
            **CHILD,
            "activity": "Multi-accueil",
            "taken": ["lundi 7 décembre · Accueil, 8\u00a0h – 17\u00a0h"],
            "refused": ["mardi 8 décembre · Accueil, 8\u00a0h – 17\u00a0h"],
            "reason": "Il n’y a plus de place ce jour-là.",
        },
    ),
    Sample(
        "bookings/day_closed",
        _("La structure ferme un jour"),
        _("la famille"),
        {
            **REACH,
            "children": "Zoé et Léo",
            "lines": ["Zoé : Matin, Repas", "Léo : Matin (liste d’attente)"],
            "day": "mercredi 2 décembre",
            "date": "2026-12-02",
            "reason": "Chauffage en panne",
            "shown": "tous",
        },
    ),
    Sample(
        "bookings/deadline_near",
        _("La veille d’une limite, rien n’est réservé"),
        _("la famille qui a demandé ce rappel"),
        {
            **CHILD,
            "activity": "Mercredis 2026-2027",
            "activity_id": 1,
            "day": "mercredi 9 décembre",
            "until": "jusqu’au vendredi 4 décembre à 12\u00a0h",
        },
    ),
    Sample(
        "bookings/place_given",
        _("Une place de la liste d’attente est donnée"),
        _("la famille"),
        {
            **CHILD,
            "activity": "Mercredis 2026-2027",
            "days": [MORNING],
            "cancel": "jusqu’au lundi 30 novembre à 12\u00a0h",
        },
    ),
    Sample(
        "bookings/place_offered",
        _("Une place de la liste d’attente est proposée"),
        _("la famille"),
        {**CHILD, "days": [MORNING], "until": "jusqu’au lundi 30 novembre à 12\u00a0h", "booking_id": 1},
    ),
)
