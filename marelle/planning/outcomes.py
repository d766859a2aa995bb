"""What became of each cell, in French, kept in the session until the next page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from django.contrib.sessions.backends.base import SessionBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from marelle.activities.bound_labels import bound_label, span_label
from marelle.activities.bounds import Reached
from marelle.billing.labels import LATE_BILL
from marelle.bookings.rules import CONDITIONS, Opening, Why
from marelle.bookings.saving.ledger import Outcome, Result
from marelle.core.clock import local
from marelle.core.french import day_long, from_long, quoted_or, time_text, until_long
from marelle.planning.cells import asked_of, rank_text
from marelle.planning.forms import queue_value
from marelle.ui.components import OutcomeKind, OutcomeLine

KEPT_AT_MOST: Final = 300
"""Lines kept in a session: a month of all the children of a home fits; beyond, the rest is counted."""

_SESSION_KEY: Final = "planning_outcomes"

_KINDS: Final = {
    Result.BOOKED: OutcomeKind.OK,
    Result.REQUESTED: OutcomeKind.OK,
    Result.CANCELLED: OutcomeKind.OK,
    Result.CHANGED: OutcomeKind.OK,
    Result.WAITING: OutcomeKind.WAITING,
    Result.LEFT_QUEUE: OutcomeKind.OK,
    Result.UNCHANGED: OutcomeKind.INFO,
    Result.REFUSED: OutcomeKind.REFUSED,
}
_ORDER: Final = (OutcomeKind.REFUSED, OutcomeKind.WAITING, OutcomeKind.OK, OutcomeKind.INFO)
"""What a parent must still act on comes first."""

Ranks = Mapping[tuple[int, int], int]
"""In a waiting list, by child and opening."""

NO_RANKS: Final[Ranks] = {}


def outcome_lines(
    outcomes: Iterable[Outcome],
    *,
    by_staff: bool = False,
    ranks: Ranks = NO_RANKS,
) -> list[OutcomeLine]:
    """A line for each cell, what failed first; hours left as they were say nothing. `by_staff`: said to who
    looks after the child, and may not know where else it is expected; `ranks` of those who wait, by child and
    opening.

    Cells that do not exist, which no page of ours posts, share one line.
    """
    told = [outcome for outcome in outcomes if not _is_silent(outcome)]
    lines = [
        _line(
            outcome, by_staff=by_staff, rank=ranks.get((outcome.change.child_id, outcome.change.opening_id))
        )
        for outcome in told
        if outcome.why is not Why.UNKNOWN
    ]
    unknown = len(told) - len(lines)
    if unknown:
        title = ngettext("%d case inconnue", "%d cases inconnues", unknown) % unknown
        plain = (_TO_STAFF if by_staff else _PLAIN)[Why.UNKNOWN]
        lines.append(OutcomeLine(OutcomeKind.REFUSED, title, str(plain)))
    return sorted(lines, key=lambda line: _ORDER.index(line.kind))


def remember(session: SessionBase, page: str, lines: Sequence[OutcomeLine]) -> None:
    """Keep the lines for the `page` that the save leads to: another one, open meanwhile, takes none."""
    kept = [
        [line.kind.value, str(line.title), str(line.detail), line.action_value]
        for line in lines[:KEPT_AT_MOST]
    ]
    beyond = len(lines) - len(kept)
    if beyond:
        more = ngettext("… et %d autre case", "… et %d autres cases", beyond) % beyond
        kept.append([OutcomeKind.INFO.value, more, _("Le planning ci-dessous est à jour."), ""])
    session[_SESSION_KEY] = [page, kept]


def recall(session: SessionBase, page: str) -> list[OutcomeLine]:
    """The lines of the last save that led to this page, once."""
    if _SESSION_KEY not in session or session[_SESSION_KEY][0] != page:
        return []
    _page, kept = session.pop(_SESSION_KEY)
    return [
        OutcomeLine(
            OutcomeKind(kind),
            title,
            detail,
            action_name="attente" if queue else "",
            action_value=queue,
            action_label=_("S’inscrire sur liste d’attente") if queue else "",
        )
        for kind, title, detail, queue in kept
    ]


def _is_silent(outcome: Outcome) -> bool:
    return (
        outcome.result is Result.UNCHANGED
        and outcome.why is None
        and outcome.change.seen is outcome.change.wanted
    )


def _line(outcome: Outcome, *, by_staff: bool, rank: int | None) -> OutcomeLine:
    queue = queue_value(outcome.change) if outcome.may_wait and outcome.result is Result.REFUSED else ""
    said = detail(outcome, by_staff=by_staff)
    if rank is not None:
        said += " " + _("Rang actuel : %(rank)s.") % {"rank": rank_text(rank)}
    return OutcomeLine(_KINDS[outcome.result], _title(outcome), said, action_value=queue)


def _title(outcome: Outcome) -> str:
    """ "Mercredi 2 décembre · Matin · Zoé"."""
    opening = outcome.opening
    day = day_long(opening.day) if opening else ""
    slot = (opening.slot.name, opening.title) if opening else ()
    parts = (day[:1].upper() + day[1:], *slot, outcome.child_name)
    return " · ".join(part for part in parts if part)


def detail(outcome: Outcome, *, by_staff: bool = False) -> str:
    """What happened, and for a refusal why and what to do."""
    if outcome.result is Result.REFUSED:
        said = _staff_refusal(outcome) if by_staff else refusal(outcome)
        if outcome.needs_derogation and outcome.why is Why.FULL:
            said += " " + _(
                "Pour la dépasser, cochez « Dépasser la capacité » et donnez un motif de dérogation."
            )
        elif outcome.needs_derogation:
            said += " " + _("Pour passer outre, indiquez un motif de dérogation.")
        return said
    if outcome.result is Result.UNCHANGED:
        if outcome.why is Why.KEPT:
            return _("Gardé : ce qui devait le remplacer n’a pas pu être réservé.")
        if outcome.why is Why.WITHOUT:
            return _("Toujours réservé, sans le créneau dont il dépend : la structure est prévenue.")
        if not outcome.change.wanted:
            return _("C’était déjà annulé.")
        return _("C’était déjà réservé.") + _hours(outcome)
    told = {
        Result.BOOKED: _("Réservé."),
        Result.REQUESTED: _("Demandé : la structure doit encore valider."),
        Result.CANCELLED: _("Annulé avec le créneau dont il dépend.")
        if outcome.why is Why.WITHOUT
        else _("Annulé."),
        Result.CHANGED: _("Horaires modifiés."),
        Result.WAITING: _waiting(outcome),
        Result.LEFT_QUEUE: _("Retiré de la liste d’attente."),
    }[outcome.result]
    hours = _hours(outcome)
    late = " " + _("Réservation tardive : le délai était dépassé.") if outcome.late else ""
    return told + hours + late


def _waiting(outcome: Outcome) -> str:
    if outcome.why is Why.QUEUE_ONLY:
        return _("Le délai est dépassé : inscrit sur la liste d’attente.")
    if outcome.why is Why.KEPT_PLACES:
        return _("Les places qui restent sont gardées : inscrit sur la liste d’attente.")
    return _("Complet : inscrit sur la liste d’attente.")


def _hours(outcome: Outcome) -> str:
    if outcome.hours is None:
        return ""
    return " " + _("De %(start)s à %(end)s.") % {
        "start": time_text(local(outcome.hours.starts_at).time()),
        "end": time_text(local(outcome.hours.ends_at).time()),
    }


def _staff_refusal(outcome: Outcome) -> str:
    why = outcome.why
    if why is not None and why in CONDITIONS and outcome.opening is not None:
        return _lacking(outcome.opening, why, by_staff=True)
    if why is None or why not in _TO_STAFF or (why in _LIMITED and outcome.limit is not None):
        return refusal(outcome)
    return str(_TO_STAFF[why])


def refusal(outcome: Outcome) -> str:
    """Total over `Why`: each says what happened, and what to do where something can be done."""
    why = outcome.why
    if why is not None and why in CONDITIONS and outcome.opening is not None:
        return _lacking(outcome.opening, why, by_staff=False)
    return _refusal(outcome)


def _refusal(outcome: Outcome) -> str:
    limit, other = outcome.limit, outcome.other
    match outcome.why:
        case Why.QUEUE_ONLY if limit is not None and outcome.may_wait:
            told = _("C’était possible %s : vous pouvez encore vous inscrire sur la liste d’attente.")
            return told % until_long(limit)
        case Why.TOO_LATE | Why.QUEUE_ONLY if limit is not None:
            return _("Trop tard : les réservations étaient possibles %s.") % until_long(limit)
        case Why.TOO_LATE_TO_CANCEL if limit is not None:
            return _("Trop tard pour annuler : c’était possible %s.") % until_long(limit)
        case Why.NOT_YET if limit is not None:
            return _("Pas encore ouvert : vous pourrez réserver %s.") % from_long(limit)
        case Why.CLOSED if other:
            return _("Fermé : %s.") % other
        case Why.CONFLICT if other:
            return _("Impossible en même temps que « %s », déjà réservé.") % other
        case Why.AT_MOST if outcome.reached is not None and outcome.opening is not None:
            return _too_much(outcome.reached, outcome.opening)
        case Why.ELSEWHERE if other:
            return _("Votre enfant est déjà attendu ailleurs à ces heures : %s.") % other
        case Why.REQUIRES | Why.REQUIRED | Why.GOES_NOT if other:
            return _of_another(outcome)
        case None:
            return _("Cela n’a pas pu être enregistré. Rechargez la page, puis recommencez.")
        case why:
            return str(_PLAIN[why])


def _too_much(reached: Reached, opening: Opening) -> str:
    """ "3 jours par semaine au plus : cela en ferait 4 la semaine du 14 septembre 2026."""
    names = {slot.id: slot.name for slot in opening.activity.slots.values()}
    told = _("%(bound)s : cela en ferait %(count)d pour %(span)s.")
    return told % {
        "bound": bound_label(reached.bound, names),
        "count": reached.count,
        "span": span_label(reached.bound, reached.days),
    }


def _lacking(opening: Opening, why: Why, *, by_staff: bool) -> str:
    """What the child lacks on the day, by name."""
    asked = asked_of(opening, why)
    if why is not Why.PAPER_NEEDED:
        plain = _TO_STAFF if by_staff else _PLAIN
        return _("Ce jour-là, ce créneau se réserve %s.") % asked if asked else str(plain[why])
    if by_staff or not asked:
        return _("Il manque à la famille un document accepté : %s.") % asked if asked else str(_TO_STAFF[why])
    told = _("Il faut %s. Envoyez-le dans « Mes documents », puis réservez une fois qu’il est accepté.")
    return told % asked


def _of_another(outcome: Outcome) -> str:
    """A slot that requires another, which is not there or may not go."""
    other, limit, opening = outcome.other, outcome.limit, outcome.opening
    if outcome.why is Why.REQUIRED:
        return _("« %s » en a besoin : annulez les deux ensemble.") % other
    if outcome.why is Why.GOES_NOT and limit is not None:
        told = _("« %(slot)s » partirait avec, et ne peut plus être annulé : c’était possible %(limit)s.")
        return told % {"slot": other, "limit": until_long(limit)}
    if outcome.why is Why.GOES_NOT:
        return _("« %s » partirait avec, et ne peut pas être annulé d’ici.") % other
    if opening is None or opening.slot.name != other or not opening.slot.needs:
        return _("« %s » ne se réserve pas seul : cochez aussi le créneau qui va avec.") % other
    told = _("« %(slot)s » ne se réserve pas seul : cochez aussi %(needs)s.")
    return told % {"slot": other, "needs": quoted_or(opening.slot.needs)}


_PLAIN: Final[Mapping[Why, Promise]] = {
    Why.UNKNOWN: lazy("Ce créneau n’existe pas, ou n’est pas ouvert à votre enfant."),
    Why.NOT_ENROLLED: lazy("Votre enfant n’est pas inscrit à cette activité."),
    Why.OUTSIDE_ENROLMENT: lazy("Ce jour est hors des dates de l’inscription."),
    Why.OTHER_GROUP: lazy("Ce créneau est pour un autre groupe d’âge."),
    Why.OTHER_HOME_DAY: lazy("Ce jour-là, votre enfant est dans son autre foyer, qui peut réserver."),
    Why.OTHER_HOME: lazy("C’est réservé par l’autre foyer, qui seul peut l’annuler."),
    Why.BY_STRUCTURE: lazy("Ici, c’est la structure qui réserve : contactez-la."),
    Why.FREE_ACCESS: lazy("L’accès est libre : il n’y a rien à réserver."),
    Why.CLOSED: lazy("C’est fermé ce jour-là."),
    Why.OTHER_AGE: lazy("Ce créneau n’est pas de l’âge de votre enfant ce jour-là."),
    Why.OTHER_LEVEL: lazy("Ce créneau n’est pas pour la classe de votre enfant."),
    Why.OTHER_SCHOOL: lazy("Ce créneau n’est pas pour l’école de votre enfant."),
    Why.PAPER_NEEDED: lazy("Il faut un document valable ce jour-là : envoyez-le dans « Mes documents »."),
    Why.PAPERS_MISSING: lazy("Il manque un document : envoyez-le dans « Mes documents », puis réservez."),
    Why.UNPAID: LATE_BILL,
    Why.SUSPENDED: lazy(
        "Les réservations sont suspendues ces jours-là\u00a0: la structure l’a écrit à la famille."
    ),
    Why.NO_RULE: lazy("Ce jour ne se réserve pas en ligne : contactez la structure."),
    Why.OTHER_AUDIENCE: lazy(
        "Ce jour-là, les réservations ne sont ouvertes qu’à d’autres familles : contactez la structure."
    ),
    Why.NOT_YET: lazy("Les réservations ne sont pas encore ouvertes."),
    Why.TOO_LATE: lazy("Ce créneau ne se réserve pas en ligne : contactez la structure."),
    Why.TOO_LATE_TO_CANCEL: lazy("Ce créneau ne s’annule pas en ligne : contactez la structure."),
    Why.CONFLICT: lazy("Impossible en même temps qu’un autre créneau déjà réservé ce jour-là."),
    Why.REQUIRES: lazy("Ce créneau ne se réserve qu’avec un autre : cochez-les ensemble."),
    Why.REQUIRED: lazy("Un autre créneau réservé en a besoin : annulez les deux ensemble."),
    Why.GOES_NOT: lazy("Un autre créneau réservé partirait avec, et ne peut pas être annulé d’ici."),
    Why.WITHOUT: lazy("Le créneau dont celui-ci dépend est annulé."),
    Why.ELSEWHERE: lazy("Votre enfant est déjà attendu ailleurs à ces heures."),
    Why.TOGETHER: lazy(
        "Cette place est attendue avec d’autres, ensemble ou pas du tout : retirez-les toutes, ou "
        "séparez-les d’abord dans « Mes attentes »."
    ),
    Why.HALF_BUNDLE: lazy("Ces jours vont ensemble : réservez-les ou annulez-les tous."),
    Why.BAD_HOURS: lazy("Choisissez une arrivée et un départ, dans les horaires d’ouverture."),
    Why.AT_MOST: lazy("C’est plus que ce qui peut être réservé."),
    Why.IN_A_RUN: lazy("Les jours doivent se suivre : il manquerait un jour ouvert au milieu."),
    Why.NO_ENTRY: lazy("Il ne reste pas d’entrée sur votre carte pour ce jour : contactez la structure."),
    Why.FULL: lazy("Complet : il n’y a plus de place."),
    Why.KEPT_PLACES: lazy("Les places qui restent sont gardées pour d’autres familles."),
    Why.QUEUE_ONLY: lazy("Le délai est dépassé."),
    Why.PARENTS: lazy("Ce n’est pas possible d’ici\u00a0: voyez avec vos parents."),
    Why.KEPT: lazy("Gardé : ce qui devait le remplacer n’a pas pu être réservé."),
}

_TO_STAFF: Final[Mapping[Why, Promise]] = {
    Why.UNPAID: lazy("Une facture de ce foyer est en retard de paiement."),
    Why.SUSPENDED: lazy("Les réservations de l’enfant sont suspendues ces jours-là."),
    Why.UNKNOWN: lazy("Ce créneau n’existe pas, ou n’est pas de cette inscription."),
    Why.NOT_ENROLLED: lazy("L’enfant n’est plus inscrit à cette activité."),
    Why.OTHER_HOME_DAY: lazy("Ce jour-là, l’enfant est dans son autre foyer."),
    Why.ELSEWHERE: lazy("L’enfant est déjà attendu ailleurs à ces heures."),
    Why.BY_STRUCTURE: lazy("Trop tard : le créneau a commencé."),
    Why.PAPERS_MISSING: lazy("Il manque un document à la famille."),
    Why.NO_ENTRY: lazy("Il ne reste pas d’entrée sur la carte pour ce jour."),
    Why.PAPER_NEEDED: lazy("Il manque à la famille un document valable ce jour-là."),
    Why.OTHER_AGE: lazy("Ce créneau n’est pas de l’âge de l’enfant ce jour-là."),
    Why.OTHER_LEVEL: lazy("Ce créneau n’est pas pour la classe de l’enfant."),
    Why.OTHER_SCHOOL: lazy("Ce créneau n’est pas pour l’école de l’enfant."),
    Why.OTHER_AUDIENCE: lazy("Ce jour-là, les réservations ne sont ouvertes qu’à d’autres familles."),
    Why.NO_RULE: lazy("Aucun délai n’est réglé pour ce jour : il ne se réserve pas en ligne."),
    Why.TOO_LATE: lazy("Ce créneau ne se réserve pas en ligne."),
    Why.TOO_LATE_TO_CANCEL: lazy("Ce créneau ne s’annule pas en ligne."),
}
"""Where what is said to a family does not suit who looks after its child."""
_LIMITED: Final = frozenset({Why.TOO_LATE, Why.TOO_LATE_TO_CANCEL})
"""Said with their limit where there is one, in the same words to both."""
