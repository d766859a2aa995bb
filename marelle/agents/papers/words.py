"""A paper to check, in French."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.agents.desk.blocked import OWN_FILE
from marelle.agents.desk.viewer import Page, file_page
from marelle.core.french import day_plain, instant_long_year, join_and, of_name
from marelle.files.labels import not_seen_text
from marelle.flows.papers.asked import ToCheck
from marelle.papers.labels import validity_text
from marelle.papers.rules import PaperState


@dataclass(frozen=True, slots=True)
class Card:
    """`closed` says what became of a paper that no longer waits, `hidden` why its pages are not shown,
    `unseen` why it cannot be accepted."""

    id: int
    title: str
    pairs: list[tuple[str, str]]
    closed: str
    hidden: str
    unseen: str
    may_decide: bool


def card(found: ToCheck) -> Card:
    paper = found.paper
    kind = paper.paper_type
    hidden = ""
    if found.own_file:
        hidden = str(OWN_FILE)
    elif not found.reads:
        hidden = _("Document de santé : seule la direction de la structure concernée le voit et le vérifie.")
    told = {"at": instant_long_year(paper.sent_at), "of_who": of_name(paper.sent_by)}
    pairs = [
        (_("Reçu"), _("%(at)s, %(of_who)s") % told),
        (_("Document"), kind.title),
        (_("De"), str(paper.person) if paper.person else _("tout le foyer")),
        (_("Famille"), str(paper.family)),
        (_("Sert à"), join_and(found.serves) or _("aucune inscription pour l’instant")),
        (_("Pourquoi"), kind.why),
        (_("Valable"), validity_text(kind)),
    ]
    return Card(
        id=paper.pk,
        title=str(paper),
        pairs=pairs,
        closed=_closed(found),
        hidden=hidden,
        unseen=not_seen_text(page.file for page in found.pages),
        may_decide=found.reads and paper.state == PaperState.RECEIVED,
    )


def undirected_text(structures: Sequence[str]) -> str:
    """What the office is to do so that papers of health do not wait for nobody; nothing without one."""
    if not structures:
        return ""
    told = {"structures": join_and(structures)}
    return (
        _(
            "Des documents de santé attendent à %(structures)s, où personne ne peut les vérifier : "
            "demandez à l’administration du portail de nommer une direction."
        )
        % told
    )


def pages(found: ToCheck) -> list[Page]:
    """Nothing where the actor does not read."""
    if not found.reads:
        return []
    return [
        file_page(page.file, reverse("agents_papers:page", args=[found.paper.pk, page.pk]))
        for page in found.pages
    ]


def _closed(found: ToCheck) -> str:
    paper = found.paper
    told = {
        "who": paper.decided_by,
        "at": instant_long_year(paper.decided_at) if paper.decided_at else "",
        "until": day_plain(paper.expires_on) if paper.expires_on else "",
        "reason": paper.reason if found.reads else "",
    }
    match PaperState(paper.state):
        case PaperState.RECEIVED:
            return ""
        case PaperState.ACCEPTED if paper.expires_on:
            return _("%(who)s a accepté ce document le %(at)s, valable jusqu’au %(until)s.") % told
        case PaperState.ACCEPTED:
            return _("%(who)s a accepté ce document le %(at)s.") % told
        case PaperState.REFUSED:
            return _("%(who)s a refusé ce document le %(at)s. %(reason)s") % told
        case PaperState.REPLACED:
            return _("La famille a envoyé un autre document à la place.")
        case PaperState.WITHDRAWN:
            return _("La famille a retiré ce document.")
