"""How the portal itself is, in French."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.agents.settings.vitals.jobs import JOBS
from marelle.core.actor import Actor
from marelle.core.french import join_and, number_text, since_long
from marelle.flows.vitals.reading import Vitals, urgent
from marelle.flows.vitals.rules import Kind, Sign

LABELS: Final[Mapping[Kind, Promise]] = {
    Kind.REHEARSAL: gettext_lazy("De vraies familles"),
    Kind.WORKER: gettext_lazy("Travail de fond"),
    Kind.JOBS: gettext_lazy("Tâches du travail de fond"),
    Kind.MAILS: gettext_lazy("Départ des courriels"),
    Kind.RETAINED: gettext_lazy("Courriels d’une sauvegarde remise en place"),
    Kind.HELD: gettext_lazy("Recherche des virus"),
    Kind.LISTS: gettext_lazy("Listes de la veille"),
    Kind.STORE: gettext_lazy("Stockage des fichiers"),
    Kind.BACKUP: gettext_lazy("Sauvegarde"),
    Kind.DISK: gettext_lazy("Place sur les disques"),
    Kind.CLOCK: gettext_lazy("Horloges"),
    Kind.PROXY: gettext_lazy("Serveur placé devant le portail"),
    Kind.HTTPS: gettext_lazy("Connexion chiffrée (https)"),
    Kind.MAIL_SERVER: gettext_lazy("Serveur de courriels"),
    Kind.SEALING: gettext_lazy("Clé de chiffrement"),
    Kind.WEAK: gettext_lazy("Secrets difficiles à deviner"),
    Kind.REPEATED: gettext_lazy("Secrets tous différents"),
    Kind.SECOND: gettext_lazy("Double authentification des agents"),
}

FOLDERS: Final[Mapping[str, Promise]] = {
    "DATA_DIR": gettext_lazy("les données"),
    "FILES_DIR": gettext_lazy("les fichiers envoyés"),
    "BACKUP_TO": gettext_lazy("les sauvegardes"),
    "EVENING_TO": gettext_lazy("les listes de la veille"),
}


WAYS: Final[Mapping[Kind, str]] = {Kind.LISTS: "agents_evening:places", Kind.SECOND: "agents_second:rules"}
"""Where what is to be seen to is seen to."""


@dataclass(frozen=True, slots=True)
class Point:
    """One line of what is looked at; `text` is "" where all is well, `url` where the page does nothing."""

    label: str
    text: str = ""
    url: str = ""


def points(found: Vitals) -> list[Point]:
    signs = {sign.kind: sign for sign in found.signs}
    return [
        Point(
            str(LABELS[kind]),
            sign_text(signs[kind]) if kind in signs else "",
            reverse(WAYS[kind]) if kind in WAYS and kind in signs else "",
        )
        for kind in found.kinds
    ]


def urgent_told(actor: Actor, now: datetime) -> str:
    """What an administrator is told on its start page, "" when all goes well; three queries, four where
    viruses are looked for, none for others."""
    return signs_text(urgent(now=now)) if actor.is_administrator else ""


def signs_text(signs: Sequence[Sign]) -> str:
    return " ".join(map(sign_text, signs))


def sign_text(sign: Sign) -> str:
    """A whole sentence."""
    return TEXTS[sign.kind](sign)


def _worker(sign: Sign) -> str:
    if sign.since is None:
        return _("Le travail de fond n’a jamais tourné : rien ne part, et rien n’est rangé.")
    told = _("Le travail de fond ne tourne plus %s : rien ne part, et rien n’est rangé.")
    return told % since_long(sign.since)


def _jobs(sign: Sign) -> str:
    return _("En retard : %s.") % join_and([str(JOBS[name]) for name in sign.names])


def _mails(sign: Sign) -> str:
    text = ngettext(
        "%(count)s courriel attend de partir %(since)s.",
        "%(count)s courriels attendent de partir, le premier %(since)s.",
        sign.count,
    )
    return text % {"count": number_text(sign.count), "since": since_long(sign.since) if sign.since else ""}


def _retained(sign: Sign) -> str:
    text = ngettext(
        "%s courriel qui attendait à la sauvegarde est retenu : qui gère le serveur le laisse partir ou non.",
        "%s courriels qui attendaient à la sauvegarde sont retenus : qui gère le serveur les laisse partir "
        "ou non.",
        sign.count,
    )
    return text % number_text(sign.count)


def _held(sign: Sign) -> str:
    text = ngettext(
        "%s fichier envoyé attend depuis plus de dix minutes qu’un virus y soit cherché, et personne ne "
        "peut l’ouvrir : le journal du serveur dit pourquoi.",
        "%s fichiers envoyés attendent depuis plus de dix minutes qu’un virus y soit cherché, et "
        "personne ne peut les ouvrir : le journal du serveur dit pourquoi.",
        sign.count,
    )
    return text % number_text(sign.count)


def _lists(sign: Sign) -> str:
    text = ngettext(
        "%s liste de la veille n’est pas arrivée.", "%s listes de la veille ne sont pas arrivées.", sign.count
    )
    return text % number_text(sign.count)


def _backup(sign: Sign) -> str:
    if sign.since is None:
        return _("Aucune sauvegarde n’a encore réussi.")
    return _("Aucune sauvegarde n’a réussi %s.") % since_long(sign.since)


def _disk(sign: Sign) -> str:
    told = _("Il ne reste presque plus de place pour %s.")
    return told % join_and([str(FOLDERS[one]) for one in sign.names])


def _clock(sign: Sign) -> str:
    told = _("Les horloges des machines diffèrent de %s secondes : des codes et des délais seront faux.")
    return told % number_text(sign.count)


def _weak(sign: Sign) -> str:
    return _("À remplacer, car on peut les deviner : %s.") % join_and(sign.names)


def _repeated(sign: Sign) -> str:
    return _("Le même secret sert plusieurs fois : %s.") % join_and(sign.names)


def _second(sign: Sign) -> str:
    text = ngettext(
        "%s agent n’a pas de double authentification.",
        "%s agents n’ont pas de double authentification.",
        sign.count,
    )
    return text % number_text(sign.count)


TEXTS: Final[Mapping[Kind, Callable[[Sign], str]]] = {
    Kind.REHEARSAL: lambda _sign: _(
        "C’est une répétition : les familles sont inventées, et aucun courriel ne part."
    ),
    Kind.WORKER: _worker,
    Kind.JOBS: _jobs,
    Kind.MAILS: _mails,
    Kind.RETAINED: _retained,
    Kind.HELD: _held,
    Kind.LISTS: _lists,
    Kind.STORE: lambda _sign: _(
        "Le stockage des fichiers ne répond pas : ni envoi, ni lecture de fichier tant qu’il ne revient pas."
    ),
    Kind.BACKUP: _backup,
    Kind.DISK: _disk,
    Kind.CLOCK: _clock,
    Kind.PROXY: lambda _sign: _("Le portail est en https, et aucun serveur placé devant lui n’est déclaré."),
    Kind.HTTPS: lambda _sign: _("Le portail n’est pas en https : ce qui s’y écrit se lit sur le réseau."),
    Kind.MAIL_SERVER: lambda _sign: _("Aucun serveur de courriels n’est donné : personne ne reçoit rien."),
    Kind.SEALING: lambda _sign: _("Sans clé, ni revenus, ni santé, ni fichiers ne peuvent être gardés."),
    Kind.WEAK: _weak,
    Kind.REPEATED: _repeated,
    Kind.SECOND: _second,
}
