"""« Étape 1 » in French: activities that may be asked for, why not, which papers are missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.core.french import day_plain, hours_text, range_sentence, range_text
from marelle.enrolments.labels import ages_text, reason_text
from marelle.enrolments.offers import Offer
from marelle.enrolments.rules import Reason
from marelle.flows.asking import OffersPage
from marelle.papers.guards import MissingPaper
from marelle.papers.rules import Effect, Standing
from marelle.portal.papers.words import paper_url
from marelle.ui.components import Choice, Filter, Link


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An activity that may be asked for, or `why` it may not and where what is wanted first is given
    (`remedies`). `notice`: what to know before asking; `passes`: an agent may ask for it by derogation."""

    id: int
    name: str
    detail: str
    why: str
    notice: str
    passes: bool = False
    remedies: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A missing paper: where it is sent, where it stands, and what it closes."""

    url: str
    title: str
    state: str
    tone: str
    stake: str


def offer_card(offer: Offer, *, passes: bool = False, child_id: int | None = None) -> OfferCard:
    activity = offer.activity
    ages = ages_text(activity.min_age_months, activity.max_age_months)
    return OfferCard(
        id=activity.pk,
        name=activity.name,
        detail=f"{activity.structure.name} · {ages} · {range_text(activity.first_day, activity.last_day)}",
        why="" if offer.denial is None else reason_text(offer.denial.reason, offer.denial.data),
        notice=_("Complet pour le moment : votre demande ira en attente.") if offer.waits else "",
        passes=passes,
        remedies=() if child_id is None else _remedies(offer, child_id),
    )


def _remedies(offer: Offer, child_id: int) -> tuple[Link, ...]:
    """Where a home gives what is wanted of it before it may ask; nothing for what it cannot mend."""
    sheet = reverse("family:person", args=[child_id])
    match offer.denial.reason if offer.denial is not None else None:
        case Reason.PAPERS_MISSING:
            blocking = [paper for paper in offer.missing if paper.effect is Effect.BLOCKS_REQUEST]
            return tuple(
                Link(_("Envoyer : %s") % paper.title, paper_url(paper.type_id, paper.person_id))
                for paper in blocking
            )
        case Reason.SCHOOL_UNKNOWN:
            return (Link(_("Donner son école"), sheet),)
        case Reason.NOT_BORN:
            return (Link(_("Donner sa date de naissance"), sheet),)
        case Reason.UNPAID:
            return (Link(_("Voir les factures"), reverse("invoices:invoices")),)
    return ()


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
