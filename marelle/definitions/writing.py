"""Each kind of change, written by the services of its domain, which hold the rules and the journal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import partial
from typing import Any, Final, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q

from marelle.activities.absences import AbsenceRule
from marelle.activities.capacity import level_set, level_until
from marelle.activities.models import Activity, Gauge, Quota, Slot
from marelle.activities.rules import Rule
from marelle.activities.services import (
    EVERY_GROUP,
    DrawChange,
    absence_rule_set,
    booking_rule_set,
    draws_held,
    part_add,
    part_change,
)
from marelle.activities.services.shared import shared_add, shared_remove, span_restore
from marelle.bookings.kept import kept_add, kept_change
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import No, Refusal
from marelle.definitions.amounts import FileProduct, FileSets, what_made
from marelle.definitions.difference import Change
from marelle.definitions.kinds import EVERY
from marelle.definitions.kinds.bills import BILLS, SETTINGS
from marelle.definitions.reading import Fault
from marelle.definitions.refusal_words import refusal_told
from marelle.definitions.rules import wave_made
from marelle.definitions.tree import Entry, Id
from marelle.definitions.writing_bills import bills_write, portal_row, setting_write
from marelle.flows.catalogue.closing.closing import closing_note
from marelle.flows.catalogue.closing.reducing import capacity_change
from marelle.flows.catalogue.openings import activity_draws_set
from marelle.flows.catalogue.shared import shared_begin, shared_edit
from marelle.flows.messages.wordings import wording_save
from marelle.journal.edits import held as held_by
from marelle.mail.models import Wording
from marelle.mail.selectors import words_of
from marelle.mail.wording import Words
from marelle.papers.rules import About, Validity
from marelle.papers.services.asking import TypeFields, needs_set, paper_type_save
from marelle.places.look import texts_set
from marelle.places.models import Authority, Calendar, CalendarSpan, Commune, School
from marelle.places.services import AuthoritySheet, authority_describe
from marelle.pricing.facts import Period, SpanKind, Trait
from marelle.pricing.lines import Ledger
from marelle.pricing.models import Product
from marelle.pricing.products import ProductTerms, product_add, product_change
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.services import resource_bound_set, tariff_end, tariff_set
from marelle.pricing.tariffs import Adjustment, SpanRule, Tariff, Voted

NO_TWIN: Final = Q(pk__in=())
"""Two rows of a file that say the same are two."""
LISTS: Final = frozenset({"weekdays", "school_weekdays", "levels", "choices"})
"""Held as JSON."""
TARIFFS: Final[Mapping[str, Any]] = {"tariff": Tariff, "adjustment": Adjustment, "span_rule": SpanRule}
NAMES: Final[tuple[str, ...]] = ("name", "short_name")
SHARED: Final = frozenset({Commune, Calendar, School})
PARTS: Final = frozenset(
    {
        "structure", "contact", "activity", "group", "slot", "question", "booking_bound", "booking_condition",
    }
)  # fmt: skip


class CapacityTaken(Refusal):
    """Fewer places than are taken: `day`, `taken` and `capacity`."""


@dataclass
class Writer:
    """What is there by kind and path, and what could not be written. `begun`: what this transaction made."""

    actor: Actor
    now: datetime
    rows: dict[Id, models.Model]
    faults: list[Fault] = field(default_factory=list)
    begun: set[Id] = field(default_factory=set)

    @property
    def today(self) -> date:
        return local(self.now).date()

    def write(self, change: Change) -> None:
        """Write all of it but what waits for the rest. A refusal is noted, and nothing of it is written."""
        self._trying(change.entry, lambda: self._now(change))

    def write_later(self, change: Change) -> None:
        """The rest: what leads to things that were not there yet."""
        self._trying(change.entry, lambda: self._later(change))

    def _trying(self, entry: Entry, act: Callable[[], None]) -> None:
        try:
            with transaction.atomic():
                act()
        except _Unreached:
            return
        except (No, ValidationError) as error:
            self.faults += [entry.fault(words, attr) for attr, words in refusal_told(error)]

    def _now(self, change: Change) -> None:
        entry = change.entry
        later = {one.attr for one in entry.kind.fields if one.later}
        attrs = [attr for attr in change.attrs if attr not in later]
        if change.is_new:
            row = self._added(entry, self._values(entry, attrs))
            self.rows[entry.id] = row
            self.begun.add(entry.id)
        elif attrs:
            self._changed(entry, self._row(*entry.id), self._values(entry, attrs))

    def _later(self, change: Change) -> None:
        entry = change.entry
        row = self._row(*entry.id)
        values = self._values(
            entry, [one.attr for one in entry.kind.fields if one.later and one.attr in change.attrs]
        )
        draws, needs = values.pop("draws", None), values.pop("needs", None)
        if values and not (change.is_new and not any(values.values())):
            part_change(actor=self.actor, model=type(row), pk=row.pk, changes=values, now=self.now)
        if draws is not None:
            self._draw(row, draws)
        if needs is not None:
            self._need(row, needs)

    def _row(self, kind: str, path: tuple[str, ...]) -> Any:
        if (kind, path) not in self.rows:
            raise _Unreached
        return self.rows[kind, path]

    def _values(self, entry: Entry, attrs: list[str]) -> dict[str, Any]:
        """As rows hold them."""
        known = {one.attr: one for one in entry.kind.fields}
        found = {}
        for attr in attrs:
            value = entry.values[attr]
            if attr in known and value is not None:
                value = known[attr].value.mapped(value, self._row)
            found[attr] = list(value) if attr in LISTS and isinstance(value, tuple) else value
        return found

    def _parent(self, entry: Entry) -> Any:
        above = next(one for one in EVERY.values() if entry.kind in one.parts)
        return self._row(above.name, entry.path[:-1])

    def _added(self, entry: Entry, values: dict[str, Any]) -> models.Model:
        kind = entry.kind
        if kind.name in PARTS:
            return self._part_added(entry, values)
        if kind.model in SHARED:
            return self._begun(kind.model, values)
        adds: Mapping[str, Callable[[Entry, dict[str, Any]], models.Model]] = {
            "authority": self._authority_added,
            "portal": self._texts,
            "mail_words": self._mail_worded,
            "span": self._span_added,
            "gauge": self._gauge_added,
            "closure": self._closed,
            "paper_type": self._paper_written,
            "booking_rule": self._booking_ruled,
            "absence_rule": self._absence_ruled,
            "kept_places": self._kept,
            **dict.fromkeys(TARIFFS, self._priced),
            "product": self._product_written,
            "resources": self._resources_set,
            **dict.fromkeys((one.name for one in BILLS), self._billed),
            **dict.fromkeys((one.name for one in SETTINGS), self._setting),
        }
        return adds[kind.name](entry, values)

    def _changed(self, entry: Entry, row: Any, changes: dict[str, Any]) -> None:
        kind = entry.kind
        if kind.name in PARTS:
            changes = self._asking(kind.name, changes)
            part_change(actor=self.actor, model=kind.model, pk=row.pk, changes=changes, now=self.now)
            return
        if kind.model in SHARED or kind.name == "span":
            self._shared_changed(row, changes)
            return
        changed: Mapping[str, Callable[[Any, dict[str, Any]], object]] = {
            "authority": self._authority_changed,
            "gauge": self._gauge_changed,
            "kept_places": self._kept_changed,
            "portal": self._texts,
            **dict.fromkeys(TARIFFS, self._ended),
        }
        if kind in SETTINGS:
            self._setting(entry, changes)
            return
        if kind.name in changed:
            changed[kind.name](row, changes)
            return
        values = self._values(entry, list(entry.values))
        whole: Mapping[str, Callable[..., object]] = {
            "mail_words": self._mail_worded,
            "booking_rule": self._booking_ruled,
            "absence_rule": self._absence_ruled,
            "resources": self._resources_set,
            "paper_type": partial(self._paper_written, pk=row.pk),
            "product": partial(self._product_written, pk=row.pk),
            **dict.fromkeys((one.name for one in BILLS), partial(self._billed, pk=row.pk)),
        }
        whole[kind.name](entry, values)

    def _part_added(self, entry: Entry, values: dict[str, Any]) -> models.Model:
        parent = {"structure": "authority", "activity": "structure"}.get(entry.kind.name)
        above = values.pop(parent) if parent else self._parent(entry)
        values = self._asking(entry.kind.name, values)
        return part_add(
            actor=self.actor,
            model=entry.kind.model,
            parent_id=above.pk,
            values=values,
            alike=NO_TWIN,
            now=self.now,
        )

    def _asking(self, kind: str, values: dict[str, Any]) -> dict[str, Any]:
        """A condition knows the paper that it asks for by its id and its title."""
        if kind != "booking_condition" or "paper_type" not in values:
            return values
        paper = values["paper_type"]
        return {**values, "paper_type": paper and paper.pk, "paper_title": paper.title if paper else ""}

    def _begun(self, model: type[models.Model], values: dict[str, Any]) -> models.Model:
        made = shared_begin(actor=self.actor, model=model, values=values, now=self.now)
        return model._default_manager.get(pk=made.pk)

    def _shared_changed(self, row: models.Model, changes: dict[str, Any]) -> None:
        active = changes.pop("active", None)
        if active is True:
            span_restore(actor=self.actor, span_id=row.pk, now=self.now)
        if changes:
            shared_edit(
                actor=self.actor,
                model=type(row),
                pk=row.pk,
                changes=changes,
                seen=held_by(row, changes),
                now=self.now,
            )
        if active is False:
            shared_remove(actor=self.actor, model=CalendarSpan, pk=row.pk, now=self.now)

    def _span_added(self, entry: Entry, values: dict[str, Any]) -> models.Model:
        active = values.pop("active")
        values["calendar"] = self._parent(entry)
        row = shared_add(actor=self.actor, model=CalendarSpan, values=values, now=self.now)
        if not active:
            shared_remove(actor=self.actor, model=CalendarSpan, pk=row.pk, now=self.now)
        return row

    def _authority_added(self, _entry: Entry, values: dict[str, Any]) -> models.Model:
        names = {name: values.pop(name) for name in NAMES}
        row = self._begun(Authority, names)
        self._authority_changed(row, values)
        return row

    def _authority_changed(self, row: Any, changes: dict[str, Any]) -> None:
        names = {name: changes.pop(name) for name in NAMES if name in changes}
        if names:
            shared_edit(
                actor=self.actor,
                model=Authority,
                pk=row.pk,
                changes=names,
                seen=held_by(row, names),
                now=self.now,
            )
        if changes:
            row.refresh_from_db()
            told = {one.name: getattr(row, one.name) for one in fields(AuthoritySheet)}
            for name, value in changes.items():
                setattr(row, name, value)
            row.clean_fields()
            row.validate_constraints()
            sheet = AuthoritySheet(**{**told, **changes})
            authority_describe(actor=self.actor, authority_id=row.pk, sheet=sheet, now=self.now)

    def _texts(self, _entry: object, values: dict[str, Any]) -> models.Model:
        row = portal_row()
        texts_set(actor=self.actor, texts=values, now=self.now)
        return row

    def _setting(self, entry: Entry, values: dict[str, Any]) -> models.Model:
        return setting_write(entry.kind.name, values, actor=self.actor, now=self.now)

    def _billed(self, entry: Entry, values: dict[str, Any], pk: int | None = None) -> models.Model:
        return bills_write(entry.kind.name, values, pk=pk, actor=self.actor, now=self.now)

    def _mail_worded(self, entry: Entry, values: dict[str, Any]) -> models.Model:
        authority, kind = self._parent(entry), values.pop("kind")
        wording_save(
            actor=self.actor,
            authority_id=authority.pk,
            kind=kind,
            words=Words(**values),
            seen=words_of(authority.pk, kind),
            now=self.now,
        )
        row = Wording.objects.filter(authority_id=authority.pk, kind=kind).first()
        if row is None:
            raise Refusal("says_nothing")
        return row

    def _gauge_added(self, entry: Entry, values: dict[str, Any]) -> models.Model:
        levels = values.pop("capacities")
        above = self._parent(entry).pk
        row = part_add(
            actor=self.actor, model=Gauge, parent_id=above, values=values, alike=NO_TWIN, now=self.now
        )
        for since, capacity in levels:
            level_set(actor=self.actor, gauge=row, since=since, capacity=capacity, now=self.now)
        return row

    def _gauge_changed(self, row: Any, changes: dict[str, Any]) -> None:
        levels = changes.pop("capacities", None)
        if changes:
            part_change(actor=self.actor, model=Gauge, pk=row.pk, changes=changes, now=self.now)
        held = dict(row.levels.values_list("since", "capacity"))
        for since, capacity in levels or ():
            if held.get(since) == capacity:
                continue
            over = Quota.objects.filter(
                gauge=row, day__gte=since, day__lte=level_until(row.pk, since), taken__gt=capacity
            ).order_by("-taken", "day")
            if (most := over.first()) is not None:
                raise CapacityTaken("taken", day=most.day, taken=most.taken, capacity=capacity)
            capacity_change(actor=self.actor, gauge_id=row.pk, since=since, capacity=capacity, now=self.now)

    def _closed(self, entry: Entry, values: dict[str, Any]) -> models.Model:
        above = self._parent(entry).pk
        return closing_note(actor=self.actor, structure_id=above, **values, now=self.now)

    def _paper_written(self, _entry: Entry, values: dict[str, Any], pk: int | None = None) -> models.Model:
        authority = values.pop("authority")
        values |= {"about": About(values["about"]), "validity": Validity(values["validity"])}
        return paper_type_save(
            actor=self.actor, type_id=pk, authority_id=authority.pk, fields=TypeFields(**values), now=self.now
        )

    def _booking_ruled(self, entry: Entry, values: dict[str, Any]) -> models.Model:
        slot = values.pop("slot")
        values |= {
            "waves": tuple(
                wave_made(wave._replace(communes=_ids(wave.communes), schools=_ids(wave.schools)))
                for wave in values["waves"]
            ),
            "weekdays": frozenset(values["weekdays"]),
        }
        return booking_rule_set(
            actor=self.actor,
            activity_id=self._parent(entry).pk,
            slot_id=slot and slot.pk,
            rule=Rule(**values),
            anew=self._is_anew(entry),
            now=self.now,
        )

    def _absence_ruled(self, entry: Entry, values: dict[str, Any]) -> models.Model:
        slot = values.pop("slot")
        return absence_rule_set(
            actor=self.actor,
            activity_id=self._parent(entry).pk,
            slot_id=slot and slot.pk,
            rule=AbsenceRule(**{**values, "weekdays": frozenset(values["weekdays"])}),
            anew=self._is_anew(entry),
            now=self.now,
        )

    def _is_anew(self, entry: Entry) -> bool:
        return ("activity", entry.path[:1]) in self.begun

    def _kept(self, entry: Entry, values: dict[str, Any]) -> models.Model:
        return kept_add(actor=self.actor, activity_id=self._parent(entry).pk, values=values, now=self.now)

    def _kept_changed(self, row: Any, changes: dict[str, Any]) -> None:
        kept_change(actor=self.actor, pk=row.pk, changes=changes, now=self.now)

    def _priced(self, entry: Entry, values: dict[str, Any]) -> models.Model:
        authority = values.pop("authority")
        values |= {
            "id": 0,
            "who": frozenset(Trait(kind) for kind in values["who"]),
            "weekdays": frozenset(values["weekdays"]),
        }
        if entry.kind.name != "adjustment":
            values["ledger"] = Ledger(*(values.pop(name) for name in Ledger._fields))
        about = _named(values)
        if entry.kind.name == "tariff":
            number, on = values.pop("voted_number"), values.pop("voted_on")
            values |= {"what": what_made(values["what"]), "voted": Voted(number, on) if on else None}
        else:
            values["slots"] = frozenset(row.pk for row in values["slots"])
        if entry.kind.name == "span_rule":
            values["span"] = SpanKind(values["span"])
        return tariff_set(
            actor=self.actor,
            authority_id=authority.pk,
            tariff=TARIFFS[entry.kind.name](**values),
            anew=self._is_made(about) if about else ("authority", entry.values["authority"]) in self.begun,
            now=self.now,
        )

    def _ended(self, row: Any, changes: dict[str, Any]) -> None:
        until: date | None = changes["until"]
        if until is None:
            raise TariffRefused("replaced")
        tariff_end(actor=self.actor, authority_id=row.authority_id, row=row, until=until, now=self.now)

    def _product_written(self, _entry: Entry, values: dict[str, Any], pk: int | None = None) -> models.Model:
        slots = frozenset(row.pk for row in values["slots"])
        terms = ProductTerms(values["name"], Period(values["period"]), slots)
        if pk is None:
            authority = values["authority"].pk
            return product_add(actor=self.actor, authority_id=authority, terms=terms, now=self.now)
        product_change(actor=self.actor, product_id=pk, terms=terms, now=self.now)
        return Product.objects.get(pk=pk)

    def _resources_set(self, entry: Entry, values: dict[str, Any]) -> models.Model:
        authority = values.pop("authority")
        anew = ("authority", entry.values["authority"]) in self.begun
        return resource_bound_set(
            actor=self.actor, authority_id=authority.pk, anew=anew, now=self.now, **values
        )

    def _is_made(self, rows: Collection[models.Model]) -> bool:
        """Whether all of these slots and products are of this transaction."""
        made = {self.rows[pk] for pk in self.begun}
        return all(row in made for row in rows)

    def _draw(self, slot: Slot, draws: Any) -> None:
        wanted = {
            (slot.pk, group.pk if group else EVERY_GROUP): frozenset(gauge.pk for gauge in gauges)
            for group, gauges in draws
        }
        held = draws_held([slot.pk])
        nothing: frozenset[int] = frozenset()
        changes = [
            DrawChange(cell, held.get(cell, nothing), wanted.get(cell, nothing))
            for cell in {**held, **wanted}
        ]
        activity_draws_set(actor=self.actor, activity_id=slot.activity_id, changes=changes, now=self.now)

    def _need(self, activity: Activity, needs: Any) -> None:
        wanted = {paper.pk: tuple(need) for paper, need in needs}
        held = activity.paper_needs.values_list("paper_type_id", flat=True)
        for pk in {*held, *wanted}:
            needs_set(actor=self.actor, type_id=pk, needs={activity.pk: wanted.get(pk)}, now=self.now)


class _Unreached(Exception):
    """What it leads to could not be written: that is a fault already."""


def _named(values: Mapping[str, Any]) -> Collection[models.Model]:
    """The slots, or the product, that a tariff is about."""
    what: Any = values.get("what")
    if isinstance(what, FileSets):
        return {row for one in cast("Any", what.sets) for row in one}
    found: Any = (
        (what.product,) if isinstance(what, FileProduct) else getattr(what, "slots", values.get("slots"))
    )
    return tuple(found)


def _ids(rows: Any) -> tuple[int, ...]:
    return tuple(row.pk for row in rows)
