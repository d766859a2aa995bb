"""Where the lists of the next day go and whether they arrive, in French."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.core.french import day_long, instant_long_year, join_and, time_text
from marelle.core.refusals import ChangedMeanwhile, No
from marelle.flows.door.evening import Place, Why
from marelle.flows.models import EveningList
from marelle.mail.models import MessageState

WHYS: Final[Mapping[Why, Promise]] = {
    Why.OPENED: gettext_lazy("L’enveloppe a été ouverte"),
    Why.LOST: gettext_lazy("L’enveloppe est perdue"),
    Why.LEFT: gettext_lazy("Une personne qui le connaissait est partie"),
    Why.EVERY_YEAR: gettext_lazy("Il change une fois par an"),
}


def goes_text(place: Place) -> str:
    """ "Chaque veille à 18 h, à mairie@arelle.example et dans le dossier du serveur." """
    evening = place.evening
    if evening is None or not place.is_on:
        return _("La liste n’est envoyée nulle part.")
    to = _("par courriel à %s") % evening.to if evening.to else ""
    folder = _("dans le dossier du serveur") if evening.in_folder else ""
    told = {"hour": time_text(evening.hour), "where": join_and([one for one in (to, folder) if one])}
    return _("Chaque veille à %(hour)s, %(where)s.") % told


def last_text(place: Place) -> str:
    """What the last list was of, and when it was made."""
    last = place.last
    if last is None:
        return _("Aucune liste n’est encore partie.")
    children = ngettext("%d enfant", "%d enfants", last.children) % last.children
    by = _(", demandée par %s") % last.made_by if last.made_by else ""
    told = {"day": day_long(last.day), "children": children, "at": instant_long_year(last.made_at), "by": by}
    return _("Dernière liste : celle du %(day)s, %(children)s, faite le %(at)s%(by)s.") % told


def arrived_texts(place: Place) -> list[str]:
    """What became of it, by each way that it took."""
    found = place.last
    return [] if found is None else [text for text in (_mail(place), _folder(found)) if text]


def _mail(place: Place) -> str:
    mail = place.mail
    if mail is None:
        return ""
    if mail.state == MessageState.SENT and mail.sent_at:
        return _("Le courriel est parti le %s.") % instant_long_year(mail.sent_at)
    if mail.state == MessageState.FAILED:
        return _("Le courriel a été refusé : vérifiez l’adresse. Il est essayé de nouveau chaque heure.")
    return _("Le courriel attend de partir.")


def _folder(last: EveningList) -> str:
    if last.folder_error:
        return _("Elle n’a pas pu être mise dans le dossier du serveur : il est essayé de nouveau.")
    return _("Elle est dans le dossier du serveur.") if last.folder_tried_at else ""


def is_in_trouble(place: Place) -> bool:
    last, mail = place.last, place.mail
    return bool(last and last.folder_error) or bool(mail and mail.state == MessageState.FAILED)


def day_label(day: date) -> str:
    return _("Envoyer la liste du %s") % day_long(day)


def refused_text(refusal: No) -> str:
    if isinstance(refusal, ChangedMeanwhile):
        return _("Une liste est partie entre-temps : relisez la page avant d’en envoyer une autre.")
    return {
        "no_folder": _("Ce serveur n’a pas de dossier pour les listes."),
        "nowhere": _("La liste n’est envoyée nulle part : la collectivité choisit d’abord une adresse."),
        "closed": _("Rien n’est ouvert ce jour-là."),
    }[refusal.code]
