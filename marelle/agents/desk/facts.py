"""What a case shows before a decision, as a list of facts: words, tags, and what they link to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.billing.selectors import Overdue
from marelle.core.french import day_plain, euros_text, instant_long, join_and
from marelle.core.phones import phone_text
from marelle.enrolments.models import Enrolment
from marelle.families.care.labels import HEALTH_LOST
from marelle.families.care.rules import PaiState
from marelle.flows.care.team import Signs
from marelle.flows.desk.case_file import PaperLine
from marelle.flows.office.home_file import HomeFile
from marelle.papers.rules import PaperState, Standing
from marelle.papers.selectors import Awaited

STANDINGS: Final[dict[Standing, tuple[Promise | str, str]]] = {
    Standing.MISSING: (gettext_lazy("manque"), "warn"),
    Standing.RECEIVED: (gettext_lazy("à vérifier"), "warn"),
    Standing.ACCEPTED: ("", "ok"),
    Standing.EXPIRES_SOON: (gettext_lazy("expire bientôt"), "warn"),
    Standing.EXPIRED: (gettext_lazy("plus valable"), "error"),
    Standing.REFUSED: (gettext_lazy("envoi refusé"), "error"),
}
"""What a tag adds to the name of a paper, and its tone: short, and true of words of both genders."""


@dataclass(frozen=True, slots=True)
class Tag:
    text: str
    tone: str = "plain"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A term, then tags, words, and a smaller note; one without any of these is not shown.

    `url` is where the note leads, or the words when there is no note.
    """

    term: str
    text: str = ""
    tags: tuple[Tag, ...] = ()
    note: str = ""
    url: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.tags or self.note)


def told(facts: Iterable[Fact]) -> list[Fact]:
    """Those that say something."""
    return [fact for fact in facts if not fact.is_empty]


def pair_facts(pairs: Iterable[tuple[str, str]]) -> list[Fact]:
    return [Fact(term, text) for term, text in pairs]


def home_facts(file: HomeFile | None) -> list[Fact]:
    """What every kind of case tells of its home, for who may open the home's page; nothing for another."""
    if file is None:
        return []
    return [
        _family(file),
        Fact(_("Autre foyer"), join_and(file.other_homes)),
        *_children(file),
        *_papers_missing(file),
        bills_fact(file.overdue),
        *_health(file),
        Fact(_("À savoir"), " · ".join(file.notes)),
    ]


def phone_fact(term: str, phone: str) -> Fact:
    """A number that a telephone calls when it is touched."""
    return Fact(term, phone_text(phone), url=f"tel:{phone}" if phone else "")


def _family(file: HomeFile) -> Fact:
    return Fact(
        _("Famille"),
        " · ".join(part for part in (join_and([str(one) for one in file.adults]), file.city) if part),
        note=_("dossier %(number)s") % {"number": file.family.number},
        url=reverse("agents_families:family", args=[file.family.pk]),
    )


def _children(file: HomeFile) -> list[Fact]:
    """The siblings of the child of the case; or each child, with the structures that know it."""
    none = _("aucune inscription connue ici")
    if file.child is not None:
        rows = [row for row in file.enrolments if row.person_id != file.child.pk]
        text = enrolled_text(rows)
        alone = none if len(file.children) > 1 else _("seul enfant du foyer")
        return [Fact(_("Fratrie"), text or alone)]
    by_child: dict[int, list[str]] = {one.pk: [] for one in file.children}
    for row in file.enrolments:
        by_child[row.person_id].append(_enrolled(row, row.activity.structure.name))
    return [Fact(one.first_name, " ; ".join(by_child[one.pk]) or none) for one in file.children]


def enrolled_text(rows: Iterable[Enrolment]) -> str:
    """ "Louis : Mercredis · Vacances (demande en attente) ; Alice : Espace jeunes": names hold commas."""
    by_child: dict[str, list[str]] = {}
    for row in rows:
        by_child.setdefault(row.person.first_name, []).append(_enrolled(row))
    return " ; ".join(f"{name} : {' · '.join(activities)}" for name, activities in by_child.items())


def _enrolled(row: Enrolment, *said: str) -> str:
    """An activity, with what is `said` of it between brackets; what is only asked for says so."""
    asked = (_("demande en attente"),) if row.state == Enrolment.State.REQUESTED else ()
    told = ", ".join((*said, *asked))
    return f"{row.activity.name} ({told})" if told else row.activity.name


def _papers_missing(file: HomeFile) -> list[Fact]:
    if not file.asks_papers:
        return []
    if not file.papers:
        return [Fact(_("Documents"), tags=(Tag(_("rien ne manque"), "ok"),))]
    return [papers_fact(file.papers)]


def _health(file: HomeFile) -> list[Fact]:
    """Of the child of the case; of a whole home, of those for whom there is something."""
    if file.child is not None:
        return [health_fact(signs, child.pk) for child, signs in file.signs]
    return [
        replace(fact, term=_("Santé, %(name)s") % {"name": child.first_name})
        for child, signs in file.signs
        if signs.something
        for fact in (health_fact(signs, child.pk),)
    ]


def papers_fact(papers: Iterable[PaperLine]) -> Fact:
    """Each paper asked for, its standing said in words, and the paper itself one click away."""
    return Fact(_("Documents"), tags=tuple(_paper_tag(line) for line in papers))


def bills_fact(overdue: Overdue) -> Fact:
    """Whether bills are late; how much, for who may know it."""
    if not overdue.count:
        return Fact(_("Factures"), tags=(Tag(_("à jour"), "ok"),))
    late = ngettext("%(n)d facture en retard", "%(n)d factures en retard", overdue.count)
    left = "" if overdue.left is None else _("%(left)s à payer") % {"left": euros_text(overdue.left)}
    return Fact(_("Factures"), tags=(Tag(late % {"n": overdue.count}, "error"),), note=left)


def health_fact(signs: Signs, child_id: int) -> Fact:
    """That there is something, for who may know no more; what, for the structure's agents."""
    if not signs.something:
        return Fact(_("Santé"), _("rien de signalé") if signs.opens else "")
    if signs.is_lost:
        return Fact(_("Santé"), tags=(Tag(str(HEALTH_LOST), "error"),))
    if signs.pai is None:
        note = _("le détail s’ouvre aux agents de la structure")
        return Fact(_("Santé"), tags=(Tag(_("information signalée"), "error"),), note=note)
    tags = [
        Tag(_("PAI signalé"), "error") if signs.pai is not PaiState.NONE else None,
        Tag(_("allergie grave signalée"), "error") if signs.allergy == "severe" else None,
        Tag(_("allergie signalée"), "warn") if signs.allergy == "yes" else None,
    ]
    shown = tuple(tag for tag in tags if tag is not None) or (Tag(_("traitement signalé"), "warn"),)
    return Fact(
        _("Santé"), tags=shown, note=_("ouvrir la fiche"), url=reverse("agents_care:child", args=[child_id])
    )


@dataclass(frozen=True, slots=True)
class AwaitedLine:
    """A paper that was asked for from the case, and whether it has come."""

    text: str
    tone: str
    url: str


def awaited_lines(awaited: Iterable[Awaited]) -> list[AwaitedLine]:
    return [_awaited_line(one) for one in awaited]


def _awaited_line(one: Awaited) -> AwaitedLine:
    asked = one.asked
    whose = f"{asked.paper_type}, {asked.person.first_name}" if asked.person else str(asked.paper_type)
    told = {"paper": whose, "at": instant_long(asked.asked_at), "who": asked.asked_by}
    if one.paper_id is None:
        text = _("En attente d’un document : « %(paper)s », demandé le %(at)s par %(who)s.") % told
        return AwaitedLine(text, "warn", "")
    came = {
        PaperState.RECEIVED: _("« %(paper)s » est arrivé : à vérifier."),
        PaperState.ACCEPTED: _("« %(paper)s » est arrivé, et accepté."),
        PaperState.REFUSED: _("« %(paper)s » est arrivé, et son envoi est refusé."),
    }
    return AwaitedLine(
        came[one.state or PaperState.RECEIVED] % told,
        "ok",
        reverse("agents_papers:paper", args=[one.paper_id]),
    )


def _paper_tag(line: PaperLine) -> Tag:
    status = line.requirement.status
    name = line.requirement.kind.title
    if line.owner:
        name = _("%(paper)s, %(name)s") % {"paper": name, "name": line.owner}
    word, tone = STANDINGS[status.standing]
    said = str(word)
    if status.standing is Standing.EXPIRES_SOON and status.expires_on is not None:
        said = _("jusqu’au %(day)s") % {"day": day_plain(status.expires_on)}
    elif status.elsewhere:
        said = _("donné par l’autre foyer")
    elif status.lost:
        said, tone = _("fichier détruit"), "error"
    text = _("%(paper)s\u00a0: %(said)s") % {"paper": name, "said": said} if said else name
    url = reverse("agents_papers:paper", args=[status.paper]) if status.paper is not None else ""
    return Tag(text, tone, url)
