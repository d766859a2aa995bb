"""« Documentation structure » in French: by structure, then by theme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from marelle.core.french import day_plain, instant_long_year
from marelle.families.models import Person
from marelle.files.labels import detail_text
from marelle.papers.models import Acceptance, Publication
from marelle.portal.papers.words import paper_url


@dataclass(frozen=True, slots=True)
class Return:
    """Where the document, filled in, is sent back: one for each child or adult whom it is asked of."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """`accepted` says by whom and when; `to_accept` that nobody of the home has yet."""

    id: int
    title: str
    detail: str
    to_accept: bool
    accepted: str
    returns: tuple[Return, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    name: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class StructureCards:
    name: str
    themes: tuple[Theme, ...]


Owners = Mapping[str, list[Person | None]]


def by_structure(
    rows: Iterable[Publication], accepted: Mapping[int, Acceptance], owners: Owners
) -> list[StructureCards]:
    """In the order of the structures; `owners` are those whose paper may be returned, by `about`."""
    found: dict[str, dict[str, list[Card]]] = {}
    for row in rows:
        themes = found.setdefault(row.structure.name, {})
        themes.setdefault(row.get_theme_display(), []).append(_card(row, accepted.get(row.pk), owners))
    return [
        StructureCards(name, tuple(Theme(theme, tuple(cards)) for theme, cards in themes.items()))
        for name, themes in found.items()
    ]


def former(rows: Iterable[Publication], accepted: Mapping[int, Acceptance]) -> list[str]:
    """Versions that the home accepted and that are not shown any more."""
    shown = {row.pk for row in rows}
    return [
        _("%(title)s : %(said)s") % {"title": _title(one.publication), "said": accepted_text(one)}
        for pk, one in accepted.items()
        if pk not in shown
    ]


def accepted_text(one: Acceptance) -> str:
    told = {"who": one.accepted_by, "at": instant_long_year(one.accepted_at)}
    return _("lu et accepté par %(who)s le %(at)s") % told


def _card(row: Publication, accepted: Acceptance | None, owners: Owners) -> Card:
    told = {"day": day_plain(row.published_on), "size": detail_text(row.file, to_sender=False)}
    details = [_("publié le %(day)s, %(size)s") % told]
    if row.activity is not None:
        details.insert(0, row.activity.name)
    return Card(
        id=row.pk,
        title=_title(row),
        detail=" · ".join(details),
        to_accept=row.must_accept and accepted is None,
        accepted=accepted_text(accepted) if accepted else "",
        returns=_returns(row, owners),
    )


def _title(row: Publication) -> str:
    return f"{row.title} ({row.version})" if row.version else row.title


def _returns(row: Publication, owners: Owners) -> tuple[Return, ...]:
    if row.returns is None or not row.returns.active:
        return ()
    return tuple(
        Return(
            label=_("Retourner pour %(name)s") % {"name": one.first_name} if one else _("Retourner"),
            url=paper_url(row.returns.pk, one.pk if one else None),
        )
        for one in owners.get(row.returns.about, [])
    )
