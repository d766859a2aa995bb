"""The door in French: what became of a tick, and why something was refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.attendance.outcomes import OutcomeCode
from marelle.attendance.rules import HandKind, Tick, TickKind
from marelle.attendance.selectors import Said
from marelle.attendance.tablets import Checked, PinAnswer
from marelle.bookings.states import AbsenceReason
from marelle.core.clock import local
from marelle.core.french import time_long
from marelle.core.refusals import No

REASONS = (
    (AbsenceReason.ILLNESS, gettext_lazy("Malade")),
    (AbsenceReason.FAMILY, gettext_lazy("Raison familiale")),
    (AbsenceReason.OTHER, gettext_lazy("Autre raison")),
)

KINDS: Final = {
    TickKind.PRESENT: gettext_lazy("présent"),
    TickKind.ABSENT: gettext_lazy("absent"),
    TickKind.EXCUSED: gettext_lazy("absent, excusé"),
    TickKind.ARRIVED: gettext_lazy("arrivée"),
    TickKind.LEFT: gettext_lazy("départ"),
    TickKind.LATE: gettext_lazy("retard"),
    TickKind.UNDONE: gettext_lazy("pointage annulé"),
    TickKind.CALL_CLOSED: gettext_lazy("appel clos"),
    TickKind.CALL_REOPENED: gettext_lazy("appel rouvert"),
    TickKind.NOTED: gettext_lazy("noté sans inscription"),
}
"""What was ticked."""

_OUTCOMES = {
    OutcomeCode.CONFLICT: gettext_lazy(
        "deux appareils ne disent pas la même chose. Pointez à nouveau : le dernier compte."
    ),
    OutcomeCode.LEFT_BEFORE_ARRIVED: gettext_lazy("le départ vient avant l’arrivée. Corrigez l’heure."),
    OutcomeCode.UNBOOKED: gettext_lazy("noté présent sans réservation."),
    OutcomeCode.BOOKING_CANCELLED: gettext_lazy(
        "la réservation a été annulée entre-temps. Noté présent sans réservation."
    ),
    OutcomeCode.MOVED: gettext_lazy(
        "la réservation a été déplacée entre-temps. Noté présent sans réservation."
    ),
    OutcomeCode.NOT_LISTED: gettext_lazy(
        "cette personne n’est plus dans la liste. Le départ est noté, le bureau est prévenu."
    ),
    OutcomeCode.BANNED: gettext_lazy(
        "un jugement interdit à cette personne de venir. Le départ est noté, le bureau est prévenu."
    ),
    OutcomeCode.NOTED: gettext_lazy("noté, le bureau s’en occupe."),
    OutcomeCode.NOT_ENROLLED: gettext_lazy("pas d’inscription ce jour-là. Gardé, le bureau s’en occupe."),
    OutcomeCode.UNKNOWN_CHILD: gettext_lazy(
        "la structure ne connaît pas cet enfant. Gardé, le bureau s’en occupe."
    ),
    OutcomeCode.UNKNOWN_OPENING: gettext_lazy("ce créneau n’existe plus. Gardé, le bureau s’en occupe."),
    OutcomeCode.DAY_CLOSED: gettext_lazy("ce créneau a été fermé. Gardé, le bureau s’en occupe."),
    OutcomeCode.REVOKED: gettext_lazy("cette tablette a été retirée. Gardé, le bureau s’en occupe."),
    OutcomeCode.SUSPENDED: gettext_lazy("ce poste n’est plus actif. Gardé, le bureau s’en occupe."),
    OutcomeCode.TOO_OLD: gettext_lazy("ce jour est trop ancien. Gardé, le bureau s’en occupe."),
    OutcomeCode.TOO_LATE: gettext_lazy("ce jour est terminé. Gardé, le bureau s’en occupe."),
    OutcomeCode.WRONG_CLOCK: gettext_lazy(
        "l’horloge de l’appareil disait un autre jour. Gardé, le bureau s’en occupe."
    ),
    OutcomeCode.FUTURE: gettext_lazy("ce jour n’est pas encore là : rien n’est noté."),
    OutcomeCode.ID_TAKEN: gettext_lazy("ce pointage ne peut pas être lu. Pointez à nouveau."),
    OutcomeCode.MALFORMED: gettext_lazy("ce pointage ne peut pas être lu. Pointez à nouveau."),
}


def outcome_text(code: OutcomeCode) -> str:
    """What is said of a tick; nothing of one that is simply applied."""
    return str(_OUTCOMES.get(code, ""))


def clock_text(instant: datetime | None) -> str:
    return time_long(local(instant).time()) if instant else ""


def said_text(said: Sequence[Said]) -> str:
    """Who said what of a child on whom devices disagree: "Lou (Entrée) : présent, 8 h 05 ; …"."""
    return " ; ".join(dict.fromkeys(f"{_who(one)} : {_what(one.tick)}" for one in said))


def _who(one: Said) -> str:
    """Somebody, or a tablet whose holder is not known, which then has its own name."""
    return (
        f"{one.tick.by_label} ({one.tablet})"
        if one.tablet not in {"", one.tick.by_label}
        else one.tick.by_label
    )


def _what(tick: Tick) -> str:
    hand = tick.value.hand
    to = "" if hand is None else _("seul") if hand.kind is HandKind.ALONE else hand.name
    return ", ".join(filter(None, (str(KINDS[tick.kind]), clock_text(tick.value.time or tick.at), to)))


def reason_text(code: str, text: str = "") -> str:
    told = str(dict(REASONS).get(AbsenceReason(code), "")) if code else ""
    return f"{told} ({text})" if told and text else told or text


def pin_text(checked: Checked) -> str:
    """Why a PIN opened nothing."""
    match checked.answer:
        case PinAnswer.LOCKED:
            return _("Trop de codes faux : attendez %(hour)s.") % {"hour": clock_text(checked.until)}
        case PinAnswer.NOT_SET:
            return _(
                "Vous n’avez pas encore de code. Choisissez-le dans votre espace agents, « Présences », "
                "« Mon code »."
            )
        case PinAnswer.WRONG if checked.until is not None:
            return _("Cinq codes faux : attendez %(hour)s, ou demandez à la direction.") % {
                "hour": clock_text(checked.until)
            }
        case PinAnswer.WRONG:
            return _("Ce code n’est pas le bon. Essais qui restent : %(n)d.") % {"n": checked.left}
        case _:
            return _("Cette personne ne travaille pas ici aujourd’hui.")


def refused_text(refusal: No) -> str:
    return {
        "name_taken": _("Une tablette de ce nom existe déjà dans cette structure : choisissez un autre nom."),
        "name_missing": _("Donnez un nom à la tablette, par exemple « Entrée »."),
        "wrong_pin": _("Choisissez de 4 à 6 chiffres, pas tous pareils ni à la suite."),
        "wrong_code": _(
            "Ce code n’est pas le bon, ou ses quinze minutes sont passées. Demandez-en un autre à la "
            "direction."
        ),
        "too_many_attempts": _("Trop d’essais d’ici : attendez un quart d’heure, puis recommencez."),
        "not_yours": _("Vous ne pouvez pas faire cela."),
    }[refusal.code]
