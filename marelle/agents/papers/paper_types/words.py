"""A kind of paper in the list: whose paper it is, and where it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.labels import names_apart
from marelle.core.french import join_and
from marelle.papers.models import PaperType
from marelle.papers.settings import ListedType

NAMED_AT_MOST = 4
"""Activities named in one line; the others are counted."""


@dataclass(frozen=True, slots=True)
class TypeLine:
    kind: PaperType
    about: str
    where: str


def type_line(listed: ListedType) -> TypeLine:
    kind = listed.kind
    about = f"{kind.authority.name} · {_('document')} {kind.get_about_display()}"
    return TypeLine(kind, about, _where(listed))


def _where(listed: ListedType) -> str:
    apart = names_apart(listed.activities)
    names = [f"{apart[one.pk]} ({one.structure.name})" for one in listed.activities]
    shown, left = names[:NAMED_AT_MOST], len(names) - NAMED_AT_MOST
    if left > 0:
        shown.append(ngettext("%(n)d autre activité", "%(n)d autres activités", left) % {"n": left})
    parts = [_("demandé à tous")] if listed.kind.asked_of_all else []
    if shown:
        parts.append(_("demandé par {activities}").format(activities=join_and(shown)))
    return " · ".join(parts) or _("demandé par aucune de vos activités")
