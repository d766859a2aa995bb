"""Publications in French, for who publishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.core.french import day_plain, instant_long_year, range_sentence
from marelle.papers.models import Acceptance, Publication


@dataclass(frozen=True, slots=True)
class Line:
    id: int
    title: str
    detail: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Card:
    """`acceptances` says how many homes accepted this version, nothing where none has to."""

    id: int
    title: str
    pairs: list[tuple[str, str]]
    withdrawn: bool


def line(one: Publication, day: date) -> Line:
    state, tone = _state(one, day)
    audience = one.activity.name if one.activity else _("toutes les familles")
    return Line(
        id=one.pk,
        title=f"{one.title} {one.version}".strip(),
        detail=f"{one.structure.name} · {one.get_theme_display()} · {audience}",
        state=state,
        tone=tone,
    )


def card(one: Publication, accepted: int) -> Card:
    shown = (
        range_sentence(one.published_on, one.until)
        if one.until
        else _("depuis le %(day)s") % {"day": day_plain(one.published_on)}
    )
    many = ngettext("%(n)d foyer a accepté", "%(n)d foyers ont accepté", accepted) % {"n": accepted}
    pairs = [
        (_("Structure"), one.structure.name),
        (_("Pour"), one.activity.name if one.activity else _("toutes les familles")),
        (_("Visible"), shown),
        (_("Publié par"), one.published_by),
        (_("À nous retourner"), one.returns.title if one.returns else ""),
        (_("À lire et accepter"), many if one.must_accept else ""),
        (_("Retiré"), instant_long_year(one.withdrawn_at) if one.withdrawn_at else ""),
    ]
    return Card(
        id=one.pk,
        title=f"{one.title} {one.version}".strip(),
        pairs=[(term, value) for term, value in pairs if value],
        withdrawn=one.withdrawn_at is not None,
    )


def accepted_line(one: Acceptance, ways: Mapping[int, str]) -> tuple[str, str, str]:
    """The home, where its name leads, and who of it accepted when."""
    told = {"who": one.accepted_by, "at": instant_long_year(one.accepted_at)}
    return str(one.family), ways.get(one.family_id, ""), _("par %(who)s, le %(at)s") % told


def _state(one: Publication, day: date) -> tuple[str, str]:
    if one.withdrawn_at is not None:
        return _("retiré"), "plain"
    if one.published_on > day:
        return _("à partir du %(day)s") % {"day": day_plain(one.published_on)}, "info"
    if one.until is not None and one.until < day:
        return _("n’est plus visible"), "plain"
    return _("visible"), "ok"
