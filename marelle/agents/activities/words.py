"""An activity in sections that a director understands, each with what is set, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.activities.absence_labels import absence_rule_lines
from marelle.activities.bound_labels import bound_label
from marelle.activities.bounds import impossible
from marelle.activities.condition_labels import asked_text, condition_label
from marelle.activities.conditions import Condition, ConditionKind
from marelle.activities.effects import facts_of
from marelle.activities.generation import DayScope
from marelle.activities.kinds import Unpaid
from marelle.activities.labels import rule_lines
from marelle.activities.models import Activity, AgeGroup, Gauge, GaugeLevel, Question, Slot, SlotGauge
from marelle.activities.selectors import openings_to_come, slot_draws
from marelle.agents.activities import awaited_words, kept_words, tariff_words
from marelle.agents.activities.forms.parts import DAYS
from marelle.agents.activities.link_words import link_texts
from marelle.agents.activities.rule_words import Lines, shown_row
from marelle.agents.activities.sections import Row, Section, dates_text
from marelle.core.french import (
    day_plain,
    hours_text,
    instant_long_year,
    join_and,
    range_sentence,
    range_text,
    weekday_name,
)
from marelle.enrolments.facts import group_facts
from marelle.enrolments.labels import ages_text
from marelle.enrolments.rules import overlapping
from marelle.papers.models import PaperNeed
from marelle.papers.settings import needs_of_activity
from marelle.places.models import Structure

LATE_BILL: Final[Mapping[str, Promise]] = {
    Unpaid.REQUESTS: gettext_lazy("facture en retard\u00a0: pas de demande"),
    Unpaid.BOOKINGS: gettext_lazy("facture en retard\u00a0: ni demande ni réservation"),
}
MONTHS_OF_A_YEAR = 12
"""By how much a child of an activity may grow while it lasts."""


@dataclass(frozen=True, slots=True)
class ActivityLine:
    id: int
    name: str
    detail: str
    told: str


def line(activity: Activity) -> ActivityLine:
    told = [str(activity.get_enrolment_mode_display())]
    if activity.unpaid in LATE_BILL:
        told.append(str(LATE_BILL[activity.unpaid]))
    if activity.closes_when_full:
        told.append(_("complet : pas de demande"))
    return ActivityLine(
        id=activity.pk,
        name=activity.name,
        detail=f"{activity.structure.name} · {range_text(activity.first_day, activity.last_day)}",
        told=" ; ".join(told),
    )


def sections(activity: Activity, *, day: date) -> list[Section]:
    """All of them, in the order in which one asks. Some ten queries, whatever there is."""
    slots, draws = list(activity.slots.order_by("order", "pk")), slot_draws(activity)
    return [
        _presentation(activity),
        _who(activity),
        _when(activity, slots, openings_to_come(activity, day)),
        _places(activity, slots, draws, day),
        kept_words.section(activity, day, is_counted=bool(draws)),
        _until_when(activity, slots, day),
        awaited_words.section(activity),
        _absences(activity, slots, day),
        _for_whom(activity, slots),
        _how_much(activity, slots),
        tariff_words.section(activity, day),
        _asking(activity),
        _papers(activity),
        _questions(activity),
    ]


def _edit(activity: Activity, section: str) -> tuple[str, str]:
    return _("Modifier"), reverse("agents_activities:section", args=[activity.pk, section])


def _presentation(activity: Activity) -> Section:
    lines = [
        activity.description or _("Aucune description : les familles lisent le nom, l’âge et les dates."),
        _("Ce que cela coûte : %(text)s") % {"text": activity.cost_text}
        if activity.cost_text
        else _("Rien n’est dit de ce que cela coûte."),
    ]
    return Section("presentation", _("Présentation"), lines, [], [_edit(activity, "presentation")])


def _who(activity: Activity) -> Section:
    counted = (
        _("âge compté au %(day)s") % {"day": day_plain(activity.age_day)}
        if activity.age_day
        else _("âge compté au premier jour demandé")
    )
    ages = ages_text(activity.min_age_months, activity.max_age_months)
    schools = join_and([school.name for school in activity.schools.all()])
    groups = list(activity.groups.order_by("min_age_months", "pk"))
    together = reverse("agents_activities:together", args=[activity.pk])
    return Section(
        "qui",
        _("Qui"),
        [
            _("Les enfants %(ages)s, %(counted)s.") % {"ages": ages, "counted": counted},
            _("Les écoles : %(names)s.") % {"names": schools} if schools else _("Toutes les écoles."),
        ],
        [_group_row(group) for group in groups],
        [
            _edit(activity, "qui"),
            (_("Ajouter un groupe d’âge"), reverse("agents_activities:group_new", args=[activity.pk])),
            *([(_("Changer des enfants de groupe"), together)] if groups else []),
        ],
        overlap_texts(groups),
    )


def overlap_texts(groups: Sequence[AgeGroup]) -> list[str]:
    """Each pair of groups that share an age; a child of it goes to the first."""
    named = {group.pk: group.name for group in groups}
    return [
        _(
            "Les groupes « %(one)s » et « %(other)s » ont des âges en commun : un enfant de ces âges va dans "
            "« %(one)s »."
        )
        % {"one": named[one.id], "other": named[other.id]}
        for one, other in overlapping(group_facts(groups))
    ]


def _group_row(group: AgeGroup) -> Row:
    ages = ages_text(group.min_age_months, group.max_age_months)
    return Row(group.name, ages, reverse("agents_activities:group", args=[group.pk]))


def _when(activity: Activity, slots: Iterable[Slot], to_come: int) -> Section:
    span = range_sentence(activity.first_day, activity.last_day)
    known = facts_of(activity).slots
    told = ngettext("%(n)d ouverture à venir.", "%(n)d ouvertures à venir.", to_come) % {"n": to_come}
    return Section(
        "quand",
        _("Quand"),
        [
            _("Ouvert %(span)s, calendrier « %(calendar)s ».")
            % {"span": span, "calendar": activity.calendar.name},
            told,
        ],
        [
            Row(
                slot.name,
                " ; ".join((slot_text(slot), *link_texts(known.get(slot.pk)))),
                reverse("agents_activities:slot", args=[slot.pk]),
            )
            for slot in slots
        ],
        [
            _edit(activity, "quand"),
            (_("Ajouter un créneau"), reverse("agents_activities:slot_new", args=[activity.pk])),
            (_("Voir les ouvertures"), reverse("agents_activities:openings", args=[activity.pk])),
            (_("Jours réservés ensemble"), reverse("agents_activities:bundles", args=[activity.pk])),
        ],
    )


def slot_text(slot: Slot) -> str:
    """ "8 h – 12 h, mercredi, les semaines d’école, repas compris"."""
    days = (
        _("dates choisies une à une")
        if slot.one_off
        else _("%(weekdays)s, %(days)s")
        % {
            "weekdays": join_and([weekday_name(number) for number in sorted(slot.weekdays)]),
            "days": DAYS[DayScope(slot.days)],
        }
    )
    more = (
        _("repas compris") if slot.has_meal else "",
        _("à l’heure") if slot.by_hour else "",
    )
    return ", ".join(filter(None, (hours_text(slot.starts, slot.ends), days, *more)))


def _places(activity: Activity, slots: Iterable[Slot], draws: Sequence[SlotGauge], day: date) -> Section:
    names = {slot.pk: slot.name for slot in slots}
    drawn: dict[int, tuple[Gauge, list[str]]] = {}
    for draw in draws:
        told = names[draw.slot_id] + (f" ({draw.group.name})" if draw.group else "")
        drawn.setdefault(draw.gauge_id, (draw.gauge, []))[1].append(told)
    bare = [name for pk, name in names.items() if pk not in {draw.slot_id for draw in draws}]
    lines = []
    if not drawn:
        lines.append(_("Aucune jauge : le nombre de places n’est pas limité."))
    elif bare:
        lines.append(_("Sans limite de places : %(slots)s.") % {"slots": join_and(bare)})
    return Section(
        "places",
        _("Combien de places"),
        lines,
        [
            Row(
                gauge.name,
                f"{gauge_text(gauge, day)} ; {join_and(told)}",
                reverse("agents_activities:gauge", args=[gauge.pk]),
            )
            for gauge, told in drawn.values()
        ],
        [
            (_("Jauges de chaque créneau"), reverse("agents_activities:draws", args=[activity.pk])),
            (_("Toutes les jauges"), reverse("agents_activities:gauges")),
        ],
    )


def gauge_text(gauge: Gauge, day: date) -> str:
    """ "24 places par jour, 30 à partir du 4 janvier 2027"."""
    levels = sorted(gauge.levels.all(), key=lambda level: level.since)
    begun = [level for level in levels if level.since <= day]
    coming = [level for level in levels if level.since > day]
    told = [_level_text(gauge, begun[-1])] if begun else []
    told += [
        _("%(n)d à partir du %(day)s") % {"n": level.capacity, "day": day_plain(level.since)}
        for level in coming
    ]
    return ", ".join(told) or _("sans limite")


def _level_text(gauge: Gauge, level: GaugeLevel) -> str:
    unit = gauge.get_unit_display()
    return ngettext("%(n)d place %(unit)s", "%(n)d places %(unit)s", level.capacity) % {
        "n": level.capacity,
        "unit": unit,
    }


def _until_when(activity: Activity, slots: Iterable[Slot], day: date) -> Section:
    page = reverse("agents_activities:rules", args=[activity.pk])
    rows = activity.booking_rules.with_waves()
    none = _("Aucun délai\u00a0: rien ne peut être réservé en ligne.")
    told = _ruled(rows, slots, day, page, rule_lines, none)
    return Section("delais", _("Jusqu’à quand"), *told, [(_("Modifier et voir l’effet"), page)])


def _absences(activity: Activity, slots: Iterable[Slot], day: date) -> Section:
    page = reverse("agents_activities:absence_rules", args=[activity.pk])
    rows = activity.absence_rules.with_delays()
    none = _("Aucune règle\u00a0: un justificatif ne change rien.")
    told = _ruled(rows, slots, day, page, absence_rule_lines, none)
    return Section("absences", _("Absences"), *told, [(_("Modifier ce qu’est une absence"), page)])


def _ruled(
    rows: QuerySet[Any], slots: Iterable[Slot], day: date, page: str, lines: Lines, none: str
) -> tuple[list[str], list[Row]]:
    """What holds on `day` for the activity, then for each slot that has rules of its own."""
    by_slot: dict[int | None, list[Any]] = {}
    for row in rows.order_by("since", "pk"):
        by_slot.setdefault(row.slot_id, []).append(row)
    shown = shown_row(by_slot.get(None, []), day)
    own = [
        Row(slot.name, " ".join(lines(found.as_rule())), f"{page}?creneau={slot.pk}")
        for slot in slots
        if (found := shown_row(by_slot.get(slot.pk, []), day))
    ]
    told = lines(shown.as_rule()) if shown else [none]
    return told, own


def _for_whom(activity: Activity, slots: Iterable[Slot]) -> Section:
    names = {slot.pk: slot.name for slot in slots}
    found = facts_of(activity).conditions
    return Section(
        "conditions",
        _("Qui peut réserver"),
        [] if found else [_("Tous les enfants inscrits.")],
        [
            Row(
                condition_label(one, names),
                dates_text(one.since, one.until),
                reverse("agents_activities:condition", args=[one.id]),
            )
            for one in found
        ],
        [(_("Ajouter une condition"), reverse("agents_activities:condition_new", args=[activity.pk]))],
        nobody_texts(activity),
    )


def nobody_texts(activity: Activity) -> list[str]:
    """Each age that no child of the activity has, and each pair of which no child has both."""
    last = activity.max_age_months
    conditions = facts_of(activity).conditions
    aged = [one for one in conditions if ConditionKind.AGE in one.asks]
    nobody = [
        one
        for one in aged
        if (last is not None and (one.min_months or 0) > last + MONTHS_OF_A_YEAR)
        or (one.max_months is not None and one.max_months < activity.min_age_months)
    ]
    told = [
        _("Aucun enfant de l’activité n’a cet âge : %(asked)s.")
        % {"asked": asked_text([one], ConditionKind.AGE)}
        for one in nobody
    ]
    both = _("Aucun enfant n’a les deux âges demandés les mêmes jours : %(one)s, et %(other)s.")
    for one, other in combinations(aged, 2):
        if _meet(one, other) and _apart(one, other):
            names = (asked_text([each], ConditionKind.AGE) for each in (one, other))
            told.append(both % dict(zip(("one", "other"), names, strict=True)))
    return told


def _meet(one: Condition, other: Condition) -> bool:
    """Whether some opening is under both."""
    slots = not one.slots or not other.slots or bool(one.slots & other.slots)
    first = max(one.since, other.since)
    return slots and all(each.until is None or each.until >= first for each in (one, other))


def _apart(one: Condition, other: Condition) -> bool:
    return any(
        first.max_months is not None and (second.min_months or 0) > first.max_months
        for first, second in ((one, other), (other, one))
    )


def _how_much(activity: Activity, slots: Iterable[Slot]) -> Section:
    names = {slot.pk: slot.name for slot in slots}
    found = sorted(facts_of(activity).bounds, key=lambda bound: (bound.since, bound.id))
    return Section(
        "combien",
        _("Combien réserver"),
        [] if found else [_("Autant que l’on veut, tant qu’il y a de la place.")],
        [
            Row(
                bound_label(bound, names),
                dates_text(bound.since, bound.until),
                reverse("agents_activities:bound", args=[bound.id]),
            )
            for bound in found
        ],
        [(_("Ajouter un plafond ou un minimum"), reverse("agents_activities:bound_new", args=[activity.pk]))],
        impossible_texts(activity, slots),
    )


def impossible_texts(activity: Activity, slots: Iterable[Slot]) -> list[str]:
    """Each least that nobody can have, and why."""
    rows = list(slots)
    names = {slot.pk: slot.name for slot in rows}
    weekdays = {slot.pk: frozenset(range(7) if slot.one_off else slot.weekdays) for slot in rows}
    found = []
    for least, most in impossible(facts_of(activity).bounds, weekdays):
        told = {"least": bound_label(least, names), "most": bound_label(most, names) if most else ""}
        found.append(
            (
                _("Personne ne peut tenir « %(least)s » : une autre règle dit « %(most)s ».")
                if most
                else _("Personne ne peut tenir « %(least)s » : une semaine n’a pas autant d’ouvertures.")
            )
            % told
        )
    return found


def _asking(activity: Activity) -> Section:
    lines = [
        _("Inscription : %(mode)s.") % {"mode": activity.get_enrolment_mode_display()},
        _("Réservation : %(mode)s.") % {"mode": activity.get_booking_mode_display()},
    ]
    lines.append(_("Qui décide : %(decider)s.") % {"decider": activity.get_decided_by_display()})
    if activity.requests_open_at:
        told = _("Les demandes ouvrent le %(instant)s.")
        lines.append(told % {"instant": instant_long_year(activity.requests_open_at)})
    if activity.requests_close_at:
        told = _("Les demandes ferment le %(instant)s.")
        lines.append(told % {"instant": instant_long_year(activity.requests_close_at)})
    if activity.closes_when_full:
        lines.append(_("Complet, l’activité ne prend plus de demande."))
    if activity.asks_card:
        lines.append(_("Chaque créneau réservé prend une entrée d’une carte."))
    if activity.unpaid != Unpaid.NOTHING:
        told = _("Facture en retard de paiement\u00a0: %(effect)s.")
        lines.append(told % {"effect": activity.get_unpaid_display()})
    if activity.asks_times:
        lines.append(_("À la porte, on note les heures d’arrivée et de départ."))
    return Section("inscription", _("Inscription"), lines, [], [_edit(activity, "inscription")])


def _papers(activity: Activity) -> Section:
    needs = needs_of_activity(activity.pk)
    return Section(
        "documents",
        _("Documents demandés"),
        [] if needs else [_("Aucun document n’est demandé pour cette activité.")],
        [_paper_row(need) for need in needs],
        [(_("Choisir les documents"), reverse("paper_types:types"))],
    )


def _paper_row(need: PaperNeed) -> Row:
    effect = str(need.get_effect_display())
    if need.bookings_from:
        effect = _("%(effect)s à partir du %(day)s") % {
            "effect": effect,
            "day": day_plain(need.bookings_from),
        }
    url = reverse("paper_types:edit", args=[need.paper_type_id])
    return Row(need.paper_type.title, _("s’il manque : %(effect)s") % {"effect": effect}, url)


def _questions(activity: Activity) -> Section:
    found = [_question_row(row) for row in activity.questions.order_by("order", "pk")]
    return Section(
        "questions",
        _("Questions"),
        [] if found else [_("Aucune question n’est posée avec la demande d’inscription.")],
        found,
        [(_("Ajouter une question"), reverse("agents_activities:question_new", args=[activity.pk]))],
    )


def _question_row(row: Question) -> Row:
    told = [row.get_kind_display()]
    if row.choices:
        told.append(join_and(row.choices))
    told.append(_("obligatoire") if row.required else _("facultatif"))
    return Row(row.text, " ; ".join(told), reverse("agents_activities:question", args=[row.pk]))


def structure_facts(structure: Structure) -> list[tuple[str, str]]:
    city = f"{structure.commune.postal_code} {structure.commune.name}"
    return [
        (_("Nature"), structure.get_kind_display()),
        (_("Adresse"), ", ".join(filter(None, (structure.street, city)))),
        (_("Collectivité"), structure.authority.name),
    ]


def contact_rows(structure: Structure) -> list[Row]:
    return [
        Row(
            contact.label,
            " · ".join(filter(None, (contact.ages, contact.phone, contact.email))),
            reverse("agents_activities:contact", args=[contact.pk]),
        )
        for contact in structure.contacts.order_by("order", "pk")
    ]


def gauge_row(gauge: Gauge, day: date) -> Row:
    """Its capacity, and what draws on it; reads what was fetched ahead."""
    drawn = dict.fromkeys(f"{draw.slot.activity.name}, {draw.slot.name}" for draw in gauge.draws.all())
    told = join_and(list(drawn)) or _("aucun créneau")
    url = reverse("agents_activities:gauge", args=[gauge.pk])
    return Row(gauge.name, f"{gauge.structure.name} · {gauge_text(gauge, day)} ; {told}", url)
