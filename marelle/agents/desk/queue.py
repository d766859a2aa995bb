"""What waits, in French: the filter that an address carries, the lines of the list, its heading."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.core.paginator import Page
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.agents.cases import KINDS, case_urls
from marelle.cases.models import Case
from marelle.core.clock import local
from marelle.core.converters import id_read
from marelle.core.french import instant_long
from marelle.enrolments.services import KIND as ENROLMENT
from marelle.flows.desk.cases import Queue, Reach, Wanted
from marelle.flows.papers.missing import RequestLacks
from marelle.papers.selectors import Awaited

APART: Final = gettext_lazy("L’autre foyer de votre enfant")
"""All that an agent reads of who asks, where it is that home."""

KIND, STRUCTURE, WORDS, PAGE = "nature", "structure", "q", "page"
WORDS_LENGTH: Final = 80


@dataclass(frozen=True, slots=True)
class Line:
    """One case in the list: who (`label`), what (`detail`), since when, and where it is decided, "" where a
    colleague does it.

    `tags`, each with its tone, say what papers it lacks, and whether one asked for from it has come.
    """

    id: int
    url: str
    label: str
    detail: str
    since: str
    at: str
    current: bool
    tags: tuple[tuple[str, str], ...]
    may_tick: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """The two lists above the queue and the words looked for; `active` when one of them filters."""

    kinds: tuple[Choice, ...]
    structures: tuple[Choice, ...]
    words: str
    active: bool


def wanted(query: Mapping[str, str]) -> Wanted:
    """What an address asks for; nonsense filters nothing."""
    kind, structure = query.get(KIND, ""), query.get(STRUCTURE, "")
    return Wanted(
        kind=kind if kind in KINDS else "",
        structure_id=id_read(structure),
        words=" ".join(query.get(WORDS, "").replace("\0", "").split())[:WORDS_LENGTH],
    )


def page_number(query: Mapping[str, str]) -> int:
    page = query.get(PAGE, "")
    return int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1


def query_text(wanted: Wanted, **more: object) -> str:
    """ "?nature=enrolment&structure=3", or nothing: what keeps the filter from page to page."""
    structure = "" if wanted.structure_id is None else str(wanted.structure_id)
    kept = {KIND: wanted.kind, STRUCTURE: structure, WORDS: wanted.words, **more}
    text = urlencode({name: value for name, value in kept.items() if value not in ("", None)})
    return f"?{text}" if text else ""


def lines(
    cases: Iterable[Case],
    now: datetime,
    current: tuple[str, int] | None = None,
    query: str = "",
    *,
    apart: Collection[int],
    awaited: Mapping[int, tuple[Awaited, ...]] | None = None,
    lacking: Mapping[int, RequestLacks] | None = None,
    ticked: Collection[str] = (),
) -> list[Line]:
    """`current` is the (kind, subject) of the open case; `ticked`, the kinds accepted several at once.

    Of the homes `apart`, the other ones of the agent's own children, nothing is said but that one waits.
    `awaited` goes by case, None where no paper is asked for from a case of the list; `lacking` by request of
    an enrolment.
    """
    found, rows = [], list(cases)
    kinds = {kind: str(KINDS[kind].short) for kind in {case.kind for case in rows}}
    for case, url in zip(rows, case_urls(rows), strict=True):
        kind = kinds[case.kind]
        since, at = since_short(case.opened_at, now), local(case.opened_at).isoformat(timespec="seconds")
        if case.family_id in apart:
            colleague = _("%(kind)s · un collègue s’en occupe") % {"kind": kind}
            found.append(Line(case.pk, "", str(APART), colleague, since, at, current=False, tags=()))
            continue
        who, what = who_and_what(case)
        lacks = (lacking or {}).get(case.subject_id) if case.kind == ENROLMENT else None
        found.append(
            Line(
                id=case.pk,
                url=url + query,
                label=who,
                detail=f"{kind} · {what}" if what else kind,
                since=since,
                at=at,
                current=(case.kind, case.subject_id) == current,
                tags=(*_lacks(lacks), *_paper((awaited or {}).get(case.pk, ()))),
                may_tick=case.kind in ticked,
            )
        )
    return found


def neighbours(lines: Sequence[Line], page: Page[Case]) -> tuple[str, str, str]:
    """ "4 sur 26", and the addresses of the lines before and after the open case.

    After a case that waits no more comes the first line.
    """
    here = next((place for place, line in enumerate(lines) if line.current), None)
    if here is None:
        return "", "", _first_url(lines)
    told = {"n": page.start_index() + here, "all": page.paginator.count}
    before, after = lines[:here][::-1], lines[here + 1 :]
    return _("%(n)d sur %(all)d") % told, _first_url(before), _first_url(after)


def _first_url(lines: Sequence[Line]) -> str:
    """Of the lines that the agent may open."""
    return next((line.url for line in lines if line.url), "")


def _lacks(lacks: RequestLacks | None) -> tuple[tuple[str, str], ...]:
    if lacks is None:
        return ()
    if lacks.blocking:
        n = len(lacks.blocking)
        return (
            (
                ngettext("%(n)d document exigé manque", "%(n)d documents exigés manquent", n) % {"n": n},
                "error",
            ),
        )
    n = len(lacks.all)
    return ((ngettext("%(n)d document manque", "%(n)d documents manquent", n) % {"n": n}, "warn"),)


def _paper(awaited: tuple[Awaited, ...]) -> tuple[tuple[str, str], ...]:
    if not awaited:
        return ()
    if any(one.paper_id is None for one in awaited):
        return ((_("en attente d’un document"), "warn"),)
    return ((_("document arrivé"), "ok"),)


def who_and_what(case: Case) -> tuple[str, str]:
    """The label of a case says both; a list begins with who it is about."""
    first, _dot, second = case.label.partition(" · ")
    return (second, first) if second and KINDS[case.kind].who_comes_last else (first, second)


def since_short(at: datetime, now: datetime) -> str:
    """ "aujourd’hui", "hier", "3 j"."""
    days = days_between(at, now)
    return (_("aujourd’hui"), _("hier"))[days] if days < 2 else _("%(n)d\u00a0j") % {"n": days}


def received_text(kind: str, at: datetime, now: datetime) -> str:
    """ "reçue hier à 21 h 14", "reçu le mardi 24 novembre à 9 h": it agrees with the kind of case."""
    days = days_between(at, now)
    told = {"arrived": KINDS[kind].arrived, "at": instant_long(at).rpartition(" à ")[2]}
    if days == 0:
        return _("%(arrived)s aujourd’hui à %(at)s") % told
    if days == 1:
        return _("%(arrived)s hier à %(at)s") % told
    return _("%(arrived)s le %(at)s") % {**told, "at": instant_long(at)}


def days_between(at: datetime, now: datetime) -> int:
    return max(0, (local(now).date() - local(at).date()).days)


def lead(queue: Queue, now: datetime) -> str:
    """How many wait, and since when."""
    if queue.oldest is None:
        return _("Aucune demande en attente.")
    n, days = queue.page.paginator.count, days_between(queue.oldest, now)
    if days == 0:
        text = ngettext("%(n)d demande, reçue aujourd’hui.", "%(n)d demandes, reçues aujourd’hui.", n)
    elif days == 1:
        text = ngettext("%(n)d demande, reçue hier.", "%(n)d demandes, la plus ancienne d’hier.", n)
    else:
        text = ngettext(
            "%(n)d demande, qui a %(days)d\u00a0jours.",
            "%(n)d demandes, la plus ancienne a %(days)d\u00a0jours.",
            n,
        )
    return text % {"n": n, "days": days}


def filter_of(reach: Reach, wanted: Wanted) -> Filter:
    counted = _("%(name)s (%(n)d)")
    kinds = [
        Choice(kind, counted % {"name": named.short, "n": reach.kinds.get(kind, 0)}, kind == wanted.kind)
        for kind, named in KINDS.items()
        if reach.kinds.get(kind) or kind == wanted.kind
    ]
    places = [
        Choice(str(pk), counted % {"name": name or _("Guichet"), "n": count}, pk == wanted.structure_id)
        for pk, name, count in reach.structures
    ]
    everything = Choice("", _("Toutes"), selected=False)
    return Filter((everything, *kinds), (everything, *places), wanted.words, active=wanted != Wanted())
