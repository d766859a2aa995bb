"""« Mes documents » in French: people with what waits, papers with their state, what was sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.french import day_plain, instant_long_year
from marelle.families.models import Person
from marelle.files.labels import detail_text
from marelle.files.models import StoredFile
from marelle.files.rules import Kind
from marelle.papers.labels import effect_text, standing_text, standing_tone, validity_text
from marelle.papers.models import Paper
from marelle.papers.rules import PaperState, Standing
from marelle.papers.selectors import Asked, Folder, Requirement
from marelle.ui.components import Kid

SENT_TONES = {
    PaperState.RECEIVED: "info",
    PaperState.ACCEPTED: "ok",
    PaperState.REFUSED: "error",
    PaperState.REPLACED: "plain",
    PaperState.WITHDRAWN: "plain",
}


@dataclass(frozen=True, slots=True)
class FolderCard:
    url: str
    name: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    url: str
    title: str
    detail: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class PaperCard:
    """`why_refused` is the reason of a refusal that waits for a new sending, `lost` whether a
    file was destroyed; `back_url` leads to the list."""

    title: str
    whose: str
    state: str
    tone: str
    why: str
    pairs: list[tuple[str, str]]
    why_refused: str
    lost: bool
    back_url: str


@dataclass(frozen=True, slots=True)
class PageCard:
    id: int
    name: str
    detail: str
    is_picture: bool


@dataclass(frozen=True, slots=True)
class SentCard:
    """One sending. `reads` is false where the pages are not for who looks (health, for an agent)."""

    id: int
    title: str
    state: str
    tone: str
    detail: str
    pages: tuple[PageCard, ...]
    may_change: bool
    reads: bool


def folder_url(person_id: int | None) -> str:
    return reverse("papers:home") if person_id is None else reverse("papers:folder", args=[person_id])


def paper_url(type_id: int, person_id: int | None) -> str:
    if person_id is None:
        return reverse("papers:home_paper", args=[type_id])
    return reverse("papers:paper", args=[person_id, type_id])


def name_of(folder: Folder) -> str:
    return str(folder.person) if folder.person else _("Votre foyer")


def lead(folders: Iterable[Folder]) -> str:
    """What waits in all."""
    waiting = [one for folder in folders for one in folder.requirements if one.waits]
    if not waiting:
        return _("Tout est en ordre : vous n’avez aucun document à envoyer.")
    many = ngettext("%(n)d document à envoyer.", "%(n)d documents à envoyer.", len(waiting))
    return many % {"n": len(waiting)}


def waiting_lines(folders: Iterable[Folder]) -> list[Line]:
    """What is to be sent, whoever owes it, each with the way there."""
    return [
        Line(
            url=paper_url(one.kind.pk, one.person_id),
            title=one.kind.title,
            detail=name_of(folder),
            state=standing_text(one.status),
            tone=standing_tone(one.status),
        )
        for folder in folders
        for one in folder.requirements
        if one.waits
    ]


def before_line(one: Requirement, folders: Iterable[Folder]) -> Line:
    """What is to be sent before a request, with whose it is."""
    whose = next(name_of(row) for row in folders if (row.person.pk if row.person else None) == one.person_id)
    activities = dict.fromkeys(row.activity for row in one.asked)
    return replace(line(one), detail=" · ".join([whose, *activities]))


def folder_card(folder: Folder) -> FolderCard:
    waiting = sum(one.waits for one in folder.requirements)
    optional = sum(one.is_open for one in folder.requirements) - waiting
    checked = sum(one.status.standing is Standing.RECEIVED for one in folder.requirements if one.asked)
    if waiting:
        state = ngettext("%(n)d à envoyer", "%(n)d à envoyer", waiting) % {"n": waiting}
    elif checked:
        state = ngettext("%(n)d en cours de vérification", "%(n)d en cours de vérification", checked) % {
            "n": checked
        }
    elif optional:
        state = ngettext("%(n)d facultatif", "%(n)d facultatifs", optional) % {"n": optional}
    elif any(one.asked for one in folder.requirements):
        state = _("tout est reçu")
    else:
        state = _("rien n’est demandé")
    return FolderCard(
        url=folder_url(folder.person.pk if folder.person else None),
        name=name_of(folder),
        state=state,
        tone="warn" if waiting else "plain",
    )


def tabs(folders: Iterable[Folder], person_id: int | None) -> list[Kid]:
    return [
        Kid(
            label=folder.person.first_name if folder.person else _("Foyer"),
            url=folder_url(folder.person.pk if folder.person else None),
            initial=folder.person.first_name[:1] if folder.person else _("F"),
            current=(folder.person.pk if folder.person else None) == person_id,
        )
        for folder in folders
    ]


def line(one: Requirement) -> Line:
    mandatory = _("obligatoire") if one.kind.mandatory else _("facultatif")
    activities = list(dict.fromkeys(row.activity or asked_by(row) for row in one.asked))
    return Line(
        url=paper_url(one.kind.pk, one.person_id),
        title=one.kind.title,
        detail=" · ".join([mandatory, *activities]) if one.asked else _("aucune inscription ne le demande"),
        state=standing_text(one.status),
        tone=standing_tone(one.status),
    )


def asked_by(row: Asked) -> str:
    """Who asks where no activity does."""
    return _("votre demande en cours, par %(who)s") % {"who": row.asker}


def paper_card(one: Requirement, person: Person | None) -> PaperCard:
    return PaperCard(
        title=one.kind.title,
        whose=str(person) if person else _("Votre foyer"),
        state=standing_text(one.status),
        tone=standing_tone(one.status),
        why=one.kind.why,
        pairs=_pairs(one),
        why_refused=one.status.reason if one.status.standing is Standing.REFUSED else "",
        lost=one.status.lost,
        back_url=folder_url(one.person_id),
    )


def sent_card(paper: Paper, *, reads: bool) -> SentCard:
    told = {"at": instant_long_year(paper.sent_at), "who": paper.sent_by}
    details = [_("le %(at)s, par %(who)s") % told]
    if paper.decided_at is not None:
        details.append(_("vérifié le %(at)s") % {"at": instant_long_year(paper.decided_at)})
    if paper.expires_on is not None:
        details.append(_("valable jusqu’au %(day)s") % {"day": day_plain(paper.expires_on)})
    if paper.reason:
        details.append(_("raison : %(reason)s") % {"reason": paper.reason})
    state = PaperState(paper.state)
    return SentCard(
        id=paper.pk,
        title=_("Envoyé le %(day)s") % {"day": day_plain(local(paper.sent_at).date())},
        state=str(Paper.State(state).label),
        tone=SENT_TONES[state],
        detail=" · ".join(details),
        pages=tuple(page_card(page.pk, page.file) for page in paper.pages.all()),
        may_change=state is PaperState.RECEIVED,
        reads=reads,
    )


def page_card(page_id: int, stored: StoredFile) -> PageCard:
    return PageCard(page_id, stored.name, detail_text(stored, to_sender=True), stored.kind != Kind.PDF)


def reads(actor: Actor, paper: Paper) -> bool:
    return not (actor.on_behalf_of and paper.paper_type.is_health)


def _pairs(one: Requirement) -> list[tuple[str, str]]:
    effects = [
        _("%(activity)s : %(effect)s") % {"activity": row.activity, "effect": said}
        for row in one.asked
        if (said := effect_text(row.effect, row.bookings_from))
    ]
    pairs = [
        (_("Obligatoire"), _("oui") if one.kind.mandatory else _("non, mais utile")),
        (_("Valable"), validity_text(one.kind)),
        (_("S’il manque"), one.kind.stake),
        (_("Demandé pour"), ", ".join(dict.fromkeys(row.activity or asked_by(row) for row in one.asked))),
        (_("Message du service"), " ".join(row.message for row in one.asked if row.message)),
        (_("Sans ce document"), " ; ".join(effects)),
        (_("Demandé par"), one.kind.authority.name),
    ]
    return [(term, value) for term, value in pairs if value]
