"""Places kept for some, in French: what is set on an activity, what is too much, who is named."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.audiences import AudienceKind
from marelle.activities.effects import facts_of
from marelle.activities.kept_labels import kept_label
from marelle.activities.kept_rows import kept_beyond
from marelle.activities.models import Activity, KeptPlaces
from marelle.agents.activities.sections import Row, Section, dates_text
from marelle.core.french import day_plain, join_and
from marelle.enrolments.models import Enrolment


@dataclass(frozen=True, slots=True)
class NameRow:
    """A child who may be named. `own`: of the agent's own file, which another names."""

    id: int
    name: str
    detail: str
    ticked: bool
    own: bool
    url: str


def section(activity: Activity, day: date, *, is_counted: bool) -> Section:
    """`is_counted`: whether a slot draws on a gauge. No query where nothing is kept."""
    found = _with_names(KeptPlaces.objects.filter(activity=activity), day)
    rows = list(found) if facts_of(activity).kept else []
    new = (_("Garder des places"), reverse("agents_activities:kept_new", args=[activity.pk]))
    lines = [_("Aucune place n’est gardée.")]
    return Section(
        "gardees",
        _("Places gardées"),
        [] if rows else lines if is_counted else [*lines, _("Choisissez d’abord les jauges des créneaux.")],
        [line for row in rows for line in _lines(row)],
        [new] if is_counted else [],
        too_many_texts(rows, day),
    )


def _with_names(rows: QuerySet[KeptPlaces], day: date) -> QuerySet[KeptPlaces]:
    """With how many children are named who are not gone, as `children`."""
    there = Q(named__enrolment__state=Enrolment.State.ACCEPTED, named__enrolment__ends_on__gte=day)
    told = rows.select_related("gauge").prefetch_related("communes", "schools")
    children = Count("named__enrolment__person", distinct=True, filter=there)
    return told.annotate(children=children).order_by("since", "pk")


def _lines(row: KeptPlaces) -> list[Row]:
    told = f"{kept_label(row.as_kept(), row.gauge.name)}, {dates_text(row.since, row.until)}"
    found = [Row(row.name, told, reverse("agents_activities:kept", args=[row.pk]))]
    if row.audience == AudienceKind.NAMED:
        page = reverse("agents_activities:kept_names", args=[row.pk])
        title = _("%(name)s : choisir les enfants") % {"name": row.name}
        found.append(Row(title, count_text(row.children), page))  # type: ignore[attr-defined]
    return found


def count_text(n: int) -> str:
    """ "2 enfants désignés"."""
    if not n:
        return _("personne encore")
    return ngettext("%(n)d enfant désigné", "%(n)d enfants désignés", n) % {"n": n}


def too_many_texts(rows: Collection[KeptPlaces], day: date) -> list[str]:
    """Each gauge of which more is kept than it has, on the first day, from `day` on."""
    told = _(
        "« %(gauge)s » n’a que %(capacity)d places, et %(kept)d y sont gardées le %(day)s : "
        "il n’en reste pour personne d’autre."
    )
    return [
        told % {"gauge": one.gauge, "capacity": one.capacity, "kept": one.kept, "day": day_plain(one.day)}
        for one in kept_beyond(rows, day)
    ]


def name_rows(
    stays: Collection[Enrolment], ticked: Collection[int], own: Collection[int], ways: Mapping[int, str]
) -> list[NameRow]:
    """A child whom two homes enrol is there once, by the enrolment that is ticked, or by the first. Those of
    `own` children are shown and not changed."""
    shown: dict[int, Enrolment] = {}
    for row in stays:
        if row.person_id not in shown or row.pk in ticked:
            shown[row.person_id] = row
    return [
        NameRow(
            id=row.pk,
            name=f"{row.person.last_name} {row.person.first_name}",
            detail=_detail(row, own=row.person_id in own),
            ticked=row.pk in ticked,
            own=row.person_id in own,
            url=ways.get(row.family_id, ""),
        )
        for row in shown.values()
    ]


def _detail(row: Enrolment, *, own: bool) -> str:
    born = row.person.birth_date
    return " · ".join(
        filter(
            None,
            (
                _("né(e) le %(day)s") % {"day": day_plain(born)} if born else "",
                _("votre famille : un autre agent le fait") if own else "",
            ),
        )
    )


def named_text(added: int, gone: int) -> str:
    """ "2 enfants désignés, 1 retiré."."""
    told = [
        ngettext("%(n)d enfant désigné", "%(n)d enfants désignés", added) % {"n": added} if added else "",
        ngettext("%(n)d retiré", "%(n)d retirés", gone) % {"n": gone} if gone else "",
    ]
    return f"{', '.join(filter(None, told))}." if added or gone else _("Rien n’avait changé.")


def meanwhile_text(names: Collection[str]) -> str:
    """What another agent changed since the page was shown."""
    return _("Un autre agent a changé entre-temps, et c’est gardé : %(names)s.") % {
        "names": join_and(list(names))
    }
