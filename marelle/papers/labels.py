"""Papers in French words, for both sides: where a requirement stands, what a missing one does, why not."""

from __future__ import annotations

from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.core.french import day_plain, instant_long_year, join_and
from marelle.core.refusals import No
from marelle.files.labels import NOT_SEEN
from marelle.papers.models import PaperType
from marelle.papers.rules import Effect, Standing, Status, Validity

STANDINGS: dict[Standing, tuple[Promise, str]] = {
    Standing.MISSING: (gettext_lazy("manquant"), "warn"),
    Standing.RECEIVED: (gettext_lazy("reçu, à vérifier par le service"), "info"),
    Standing.ACCEPTED: (gettext_lazy("accepté"), "ok"),
    Standing.EXPIRES_SOON: (gettext_lazy("expire bientôt"), "warn"),
    Standing.EXPIRED: (gettext_lazy("expiré"), "error"),
    Standing.REFUSED: (gettext_lazy("refusé"), "error"),
}
"""A word and a tone for each."""

REFUSALS: dict[str, Promise] = {
    "nothing_sent": gettext_lazy("Choisissez un fichier, ou prenez une photo, puis envoyez."),
    "nobody_to_remind": gettext_lazy(
        "Personne à relancer : ces familles l’ont été il y a peu, ou ont tout envoyé."
    ),
    "no_longer_waits": gettext_lazy(
        "Ce document n’attend plus : il vient d’être vérifié, remplacé ou retiré. Voici où il en est."
    ),
    "pages_changed": gettext_lazy(
        "La famille vient de changer les pages : regardez-les à nouveau avant de décider."
    ),
    "reason_missing": gettext_lazy("Donnez une raison : la famille la lira."),
    "wrong_expiry": gettext_lazy(
        "Donnez le dernier jour où ce document est valable : aujourd’hui ou plus tard, d’ici vingt ans."
    ),
    "already_given": gettext_lazy("Ce document est déjà là : il attend sa vérification, ou il est accepté."),
    "decided_elsewhere": gettext_lazy("Un autre service décide de cette demande."),
    "own_file": gettext_lazy("C’est le dossier de votre propre famille : un autre agent doit le traiter."),
    "not_yours": gettext_lazy("Ce document n’est pas accessible."),
    "home_left": gettext_lazy("Votre dossier est fermé : contactez une structure pour envoyer un document."),
    "nothing_to_accept": gettext_lazy("Seule la famille peut accepter ce document."),
    "outdated": gettext_lazy("Une version plus récente existe, ou ce document vient d’être retiré."),
    "months": gettext_lazy("Donnez un nombre de mois pour cette durée, et pour elle seule."),
    "health_for_all": gettext_lazy(
        "Un document de santé est demandé par des activités, jamais à tout le monde."
    ),
    "title_taken": gettext_lazy("Un document de ce nom existe déjà : choisissez un autre nom."),
    "about_fixed": gettext_lazy(
        "Des familles ont déjà envoyé ce document : créez-en un autre plutôt que de changer de qui il est."
    ),
    "from_a_date": gettext_lazy(
        "Donnez le premier jour où les réservations ferment, pour cet effet seulement."
    ),
    **NOT_SEEN,
    "reversed": gettext_lazy("La fin vient avant le début : corrigez l’une des deux dates."),
}


def refusal_text(refusal: No) -> str:
    """One sentence that says what happened and, where something can be done, what to do."""
    if refusal.code == "too_many_files":
        return _("Un document a %(n)d fichiers au plus : réunissez vos pages dans un PDF.") % {
            "n": refusal.data["limit"]
        }
    if refusal.code == "already_decided":
        told = {"who": refusal.data["decided_by"], "at": instant_long_year(refusal.data["decided_at"])}
        if refusal.data["state"] == "withdrawn":
            return _("%(who)s a remplacé ou retiré ce document le %(at)s.") % told
        return _("%(who)s a déjà décidé pour ce document le %(at)s.") % told
    if refusal.code == "asked_by_day":
        names = join_and([_("«\u00a0%s\u00a0»") % name for name in refusal.data["activities"]])
        asked = _("On ne réserve qu’avec ce document pour %(names)s\u00a0: retirez d’abord cette condition.")
        return asked % {"names": names}
    return str(REFUSALS[refusal.code])


def standing_text(status: Status) -> str:
    """ "accepté, valable jusqu’au 31 août 2027"."""
    if status.lost:
        return _("fichier détruit, à renvoyer")
    word = str(STANDINGS[status.standing][0])
    if status.elsewhere:
        return _("%(word)s, envoyé par l’autre foyer") % {"word": word}
    if status.expires_on is None:
        return word
    told = {"word": word, "day": day_plain(status.expires_on)}
    if status.standing is Standing.EXPIRED:
        return _("%(word)s depuis le %(day)s") % told
    return _("%(word)s, valable jusqu’au %(day)s") % told


def standing_tone(status: Status) -> str:
    return "error" if status.lost else STANDINGS[status.standing][1]


def validity_text(kind: PaperType) -> str:
    """Until when it will count, once accepted."""
    match Validity(kind.validity):
        case Validity.NONE:
            return _("Sans limite : vous ne l’envoyez qu’une fois.")
        case Validity.MONTHS:
            months = kind.validity_months or 0
            return ngettext(
                "%(n)d mois après son acceptation.", "%(n)d mois après son acceptation.", months
            ) % {"n": months}
        case Validity.SCHOOL_YEAR:
            return _("Jusqu’à la fin de l’année scolaire.")
        case Validity.DATED:
            return _("Jusqu’à la date écrite sur le document.")


def effect_text(effect: Effect, bookings_from: date | None) -> str:
    """What a missing paper closes of an activity; nothing where it closes nothing."""
    match effect:
        case Effect.NOTHING | Effect.WARN:
            return ""
        case Effect.BLOCKS_REQUEST:
            return _("la demande d’inscription n’est pas possible sans lui")
        case Effect.BLOCKS_BOOKINGS:
            day = day_plain(bookings_from) if bookings_from else ""
            return _("sans lui, les jours à partir du %(day)s ne peuvent pas être réservés") % {"day": day}
