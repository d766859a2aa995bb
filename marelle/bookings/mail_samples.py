"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.mail.fields import ACTIVITY, AUTHORITY, CHILD, CHILDREN, RECIPIENT, STRUCTURE, Field
from marelle.mail.samples import Sample, register

REACH = {
    "structure": "Accueil de loisirs d’Arelle",
    "phone": "03 00 00 00 01",
    "email": "loisirs@arelle.example",
    "to_name": "Camille Durand",
}
ZOE = {"child": "Zoé", "child_id": 1, "date": "2026-12-02", **REACH}
MORNING, LUNCH = "mercredi 2 décembre · Matin", "mercredi 2 décembre · Repas"
SPAN = Field("période", _("le jour ou les jours concernés : « le 2 décembre 2026 »"), "span")
ABOUT_CHILD = (RECIPIENT, CHILD, STRUCTURE, AUTHORITY)
ABOUT_ACTIVITY = (RECIPIENT, CHILD, ACTIVITY, STRUCTURE, AUTHORITY)
ABOUT_DAYS = (RECIPIENT, CHILDREN, SPAN, STRUCTURE, AUTHORITY)

register(
    Sample(
        "bookings/absence_noted",
        _("Une absence est déclarée"),
        _("la famille"),
        {**ZOE, "days": [MORNING, LUNCH]},
        ABOUT_CHILD,
    ),
    Sample(
        "bookings/absence_answered",
        _("Un justificatif d’absence a sa réponse"),
        _("la famille"),
        {**ZOE, "days": [MORNING], "accepted": True, "booking_id": 1},
        ABOUT_CHILD,
    ),
    Sample(
        "bookings/answered",
        _("Des réservations à valider ont leur réponse"),
        _("la famille"),
        {
            **ZOE,
            "activity": "Multi-accueil",
            "taken": ["lundi 7 décembre · Accueil, 8\u00a0h – 17\u00a0h"],
            "refused": ["mardi 8 décembre · Accueil, 8\u00a0h – 17\u00a0h"],
            "reason": "Il n’y a plus de place ce jour-là.",
        },
        ABOUT_ACTIVITY,
    ),
    Sample(
        "bookings/day_closed",
        _("La structure ferme un jour"),
        _("la famille"),
        {
            **REACH,
            "children": "Zoé et Léo",
            "lines": [
                "Zoé, mercredi 2 décembre : Matin, Repas",
                "Léo, mercredi 2 décembre : Matin (liste d’attente)",
            ],
            "span": "le 2 décembre 2026",
            "date": "2026-12-02",
            "reason": "Chauffage en panne",
            "words": "Nous rouvrons jeudi.",
            "fewer": False,
            "still_open": False,
            "shown": "tous",
        },
        ABOUT_DAYS,
    ),
    Sample(
        "bookings/day_reopened",
        _("Une fermeture est annulée"),
        _("la famille"),
        {
            **REACH,
            "children": "Zoé et Léo",
            "lines": [
                "Zoé, mercredi 2 décembre : Matin, Repas",
                "Léo, mercredi 2 décembre : Matin (n’a pas pu être rétabli)",
            ],
            "span": "le 2 décembre 2026",
            "date": "2026-12-02",
            "fewer": False,
            "shown": "tous",
        },
        ABOUT_DAYS,
    ),
    Sample(
        "bookings/deadline_near",
        _("La veille d’une limite, rien n’est réservé"),
        _("la famille qui a demandé ce rappel"),
        {
            **ZOE,
            "activity": "Mercredis 2026-2027",
            "activity_id": 1,
            "day": "mercredi 9 décembre",
            "until": "jusqu’au vendredi 4 décembre à 12\u00a0h",
        },
        ABOUT_ACTIVITY,
    ),
    Sample(
        "bookings/teen_saved",
        _("Un enfant a réservé ou annulé lui-même"),
        _("la famille"),
        {
            "child": "Zoé",
            "lines": ["mercredi 2 décembre, Matin\u00a0: réservé"],
            "child_id": 1,
            "date": "2026-12-02",
            "service": "Communauté de communes du Val d’Arelle",
            "phone": "03 00 00 00 10",
            "email": "contact@arelle.example",
            "to_name": "Camille Durand",
        },
        (RECIPIENT, CHILD, AUTHORITY),
    ),
    Sample(
        "bookings/gone_along",
        _("Une réservation part avec celle dont elle dépend"),
        _("la famille"),
        {
            **REACH,
            "children": "Zoé",
            "lines": ["Zoé, mercredi 2 décembre : Navette"],
            "date": "2026-12-02",
            "shown": 1,
        },
        (RECIPIENT, CHILDREN, STRUCTURE, AUTHORITY),
    ),
    Sample(
        "bookings/least_missed",
        _("Le minimum n’est pas atteint, ce qui était réservé est annulé"),
        _("la famille"),
        {
            **ZOE,
            "activity": "Mercredis 2026-2027",
            "rule": "2 jours par semaine au moins",
            "span": "la semaine du 30 novembre 2026",
            "days": [MORNING],
        },
        ABOUT_ACTIVITY,
    ),
    Sample(
        "bookings/place_given",
        _("Une place de la liste d’attente est donnée"),
        _("la famille"),
        {
            **ZOE,
            "activity": "Mercredis 2026-2027",
            "days": [MORNING],
            "cancel": "jusqu’au lundi 30 novembre à 12\u00a0h",
        },
        ABOUT_ACTIVITY,
    ),
    Sample(
        "bookings/place_offered",
        _("Une place de la liste d’attente est proposée"),
        _("la famille"),
        {
            **ZOE,
            "days": [f"{MORNING}, 8\u00a0h – 12\u00a0h"],
            "until": "jusqu’au lundi 30 novembre à 12\u00a0h",
            "cancelling": "Si vous l’acceptez, elle ne pourra plus être annulée dans votre espace.",
            "booking_id": 1,
        },
        ABOUT_CHILD,
    ),
    Sample(
        "bookings/waiting_removed",
        _("Un enfant est retiré d’une liste d’attente"),
        _("la famille"),
        {**ZOE, "days": [MORNING], "reason": "Le groupe de cet âge n’existe plus."},
        ABOUT_CHILD,
    ),
)
