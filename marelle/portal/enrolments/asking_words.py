"""« Étape 1 » in French: activities that may be asked for, why not, which papers are missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from marelle.activities.kinds import Unpaid
from marelle.billing.labels import LATE_BILL
from marelle.core.french import day_plain, hours_text, range_sentence, range_text
from marelle.enrolments.labels import ages_text, reason_text
from marelle.enrolments.offers import Offer
from marelle.enrolments.rules import Reason
from marelle.families.file.reading import Line
from marelle.flows.enrolling.asking import FOR_OTHERS, OffersPage
from marelle.papers.guards import MissingPaper
from marelle.papers.rules import Effect, Standing
from marelle.portal.papers.words import paper_url
from marelle.ui.components import Choice, Filter, Link

FIELDS: Final[Mapping[str, str]] = {
    Reason.SCHOOL_UNKNOWN: "child.school",
    Reason.NOT_BORN: "child.birth_date",
}
"""What an activity may want of the child's file first, by the reason that says so."""

_GIVES: Final[Mapping[str, Promise]] = {
    Reason.SCHOOL_UNKNOWN: lazy("Donner son école"),
    Reason.NOT_BORN: lazy("Donner sa date de naissance"),
}
_WAITS: Final[Mapping[str, Promise]] = {
    Reason.SCHOOL_UNKNOWN: lazy(
        "Réservé aux élèves de certaines écoles. Celle que votre foyer a proposée attend la réponse du "
        "guichet : vous pourrez demander cette inscription ensuite."
    ),
    Reason.NOT_BORN: lazy(
        "La date de naissance que votre foyer a proposée attend la réponse du guichet : vous pourrez "
        "demander cette inscription ensuite."
    ),
}
_BY_STRUCTURE: Final[Mapping[str, Promise]] = {
    Reason.SCHOOL_UNKNOWN: lazy(
        "Réservé aux élèves de certaines écoles. Il nous faut d’abord celle de l’enfant pour cette "
        "année-là : la structure peut la noter, écrivez-lui."
    ),
    Reason.NOT_BORN: lazy(
        "L’inscription sera possible après la naissance. Il nous faut d’abord sa date : la structure peut la "
        "noter, écrivez-lui."
    ),
}


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An activity that may be asked for, or `why` it may not and where what is wanted first is given
    (`remedies`). `notice`: what to know before asking; `passes`: an agent may ask for it by derogation.
    `is_for_others`: nothing that the home does would open it to the child."""

    id: int
    name: str
    detail: str
    why: str
    notice: str
    passes: bool = False
    is_for_others: bool = False
    remedies: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A missing paper: where it is sent, where it stands, and what it closes."""

    url: str
    title: str
    state: str
    tone: str
    stake: str


def wants_of_file(offers: Iterable[Offer]) -> bool:
    """Whether one of them wants something of the child's file first."""
    return any(offer.denial is not None and offer.denial.reason in FIELDS for offer in offers)


def offer_card(
    offer: Offer,
    *,
    passes: bool = False,
    child_id: int | None = None,
    lines: Mapping[str, Line] | None = None,
) -> OfferCard:
    """`lines` are those of the child's file, by code, where `wants_of_file`; without `child_id`, a card that
    leads nowhere."""
    activity = offer.activity
    why, remedies = _denied(offer, child_id, lines or {})
    ages = ages_text(activity.min_age_months, activity.max_age_months)
    return OfferCard(
        id=activity.pk,
        name=activity.name,
        detail=f"{activity.structure.name} · {ages} · {range_text(activity.first_day, activity.last_day)}",
        why=why,
        notice=" ".join(_notices(offer)),
        passes=passes,
        is_for_others=offer.denial is not None and offer.denial.reason in FOR_OTHERS,
        remedies=remedies,
    )


def _notices(offer: Offer) -> Iterator[str]:
    if offer.waits:
        yield _("Complet pour le moment : votre demande ira en attente.")
    if offer.facts.unpaid is Unpaid.WARN:
        yield str(LATE_BILL)


def _denied(offer: Offer, child_id: int | None, lines: Mapping[str, Line]) -> tuple[str, tuple[Link, ...]]:
    """Why not, and where a home gives what is wanted of it before it may ask; nothing for what it cannot
    mend."""
    if offer.denial is None:
        return "", ()
    reason = offer.denial.reason
    why = reason_text(reason, offer.denial.data)
    if child_id is None:
        return why, ()
    if reason in FIELDS:
        return _denied_by_file(reason, offer.activity.structure_id, child_id, lines.get(FIELDS[reason]))
    match reason:
        case Reason.PAPERS_MISSING:
            blocking = [paper for paper in offer.missing if paper.effect is Effect.BLOCKS_REQUEST]
            return why, tuple(
                Link(_("Envoyer : %s") % paper.title, paper_url(paper.type_id, paper.person_id))
                for paper in blocking
            )
        case Reason.BY_CARE_REQUEST:
            url = f"{reverse('guichet:ask')}?enfant={child_id}"
            return why, (Link(_("Demander une place au guichet unique"), url),)
        case Reason.UNPAID:
            return why, (Link(_("Voir les factures"), reverse("invoices:invoices")),)
    return why, ()


def _denied_by_file(
    reason: Reason, structure_id: int, child_id: int, line: Line | None
) -> tuple[str, tuple[Link, ...]]:
    """A school that is held is this year's, while that of another year is wanted: no home writes that one."""
    sheet = reverse("family:person", args=[child_id])
    if line is not None and not any(line.value.values()):
        if line.pending is not None:
            return str(_WAITS[reason]), (Link(_("Voir ce qui attend"), sheet),)
        if line.is_writable:
            return reason_text(reason, {}), (Link(str(_GIVES[reason]), sheet),)
    write = f"{reverse('contact:write')}?destinataire={structure_id}"
    return str(_BY_STRUCTURE[reason]), (Link(_("Écrire à la structure"), write),)


def structure_filter(found: OffersPage, chosen: str, *, every: bool) -> Filter | None:
    """« Filtrer les activités »: None when one page holds them all."""
    names = {str(pk): name for pk, name in found.structures.items()}
    if chosen not in names and found.page.paginator.num_pages == 1:
        return None
    return Filter(
        "structure",
        _("Structure"),
        (
            Choice("", _("Toutes")),
            *(Choice(pk, name, selected=pk == chosen) for pk, name in names.items()),
        ),
        keep=(("toutes", "1"),) if every else (),
    )


def offer_pairs(offer: Offer) -> list[tuple[str, str]]:
    """What the activity is, above the form that asks for it."""
    activity = offer.activity
    slots = [f"{slot.name} ({hours_text(slot.starts, slot.ends)})" for slot in activity.slots.all()]
    return [
        (_("Structure"), activity.structure.name),
        (_("Pour les enfants"), ages_text(activity.min_age_months, activity.max_age_months)),
        (_("Dates"), range_sentence(activity.first_day, activity.last_day)),
        (_("Créneaux"), ", ".join(slots)),
    ]


def paper_lines(missing: Iterable[MissingPaper]) -> list[PaperLine]:
    """Each paper once, though several adults lack it; those that close something first."""
    by_type = {paper.type_id: paper for paper in missing}
    return [_paper_line(paper) for paper in sorted(by_type.values(), key=_weight)]


def _paper_line(paper: MissingPaper) -> PaperLine:
    state, tone = {
        Standing.REFUSED: (_("refusé, à renvoyer"), "error"),
        Standing.EXPIRED: (_("plus valable, à renvoyer"), "error"),
    }.get(paper.state, (_("à envoyer"), "warn"))
    return PaperLine(paper_url(paper.type_id, paper.person_id), paper.title, state, tone, _stake(paper))


def _stake(paper: MissingPaper) -> str:
    if paper.effect is Effect.BLOCKS_REQUEST:
        return _("sans lui, la demande n’est pas possible")
    if paper.effect is Effect.BLOCKS_BOOKINGS and paper.bookings_from is not None:
        told = {"day": day_plain(paper.bookings_from)}
        return _("sans lui, plus de réservation à partir du %(day)s") % told
    return _("obligatoire") if paper.mandatory else _("facultatif")


def _weight(paper: MissingPaper) -> tuple[int, bool]:
    order: Sequence[Effect] = (Effect.BLOCKS_REQUEST, Effect.BLOCKS_BOOKINGS, Effect.WARN, Effect.NOTHING)
    return order.index(paper.effect), not paper.mandatory
