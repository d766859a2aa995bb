"""Rows that agents edit: what a form showed against what is held, who changed it meanwhile, what uses it.

A form carries what it showed (`seen`): of two agents on one row, the second is told what the first changed,
and writes nothing by accident.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext

from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.core.subject import Subject
from marelle.journal.models import Entry

Shown = Mapping[str, Any]
"""Values of a row by the name of their field, as JSON holds them: what a form showed."""


class NotPossible(Refusal):
    """Values that the row cannot hold. `errors`: the French of its constraints, by field ("" for none)."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__("not_possible", errors=errors)


class InUse(Refusal):
    """Something points at the row: `uses`, names of things (one, several) with how many there are."""

    def __init__(self, uses: tuple[tuple[str, str, int], ...]) -> None:
        super().__init__("in_use", uses=uses)


def held(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """The values of these fields, as a form carries them. One query for each field of many rows."""
    found = {name: _value(row, name) for name in names}
    plain: dict[str, Any] = json.loads(json.dumps(found, cls=DjangoJSONEncoder))
    return plain


def row_change(
    row: models.Model,
    changes: Mapping[str, Any],
    *,
    subject: Subject,
    seen: Shown | None,
    verbs: Collection[str] = (),
) -> tuple[str, ...]:
    """Write what differs into a locked row. Returns the names of the fields that changed.

    `seen` is what the form showed of these fields; None for who showed none. `verbs` as in `seen_check`.
    Raises ChangedMeanwhile, or NotPossible, and then nothing is written. The caller records the act.
    """
    before = held(row, changes)
    seen_check(before, seen, subject=subject, verbs=verbs)
    row_fill(row, changes)
    after = held(row, changes)
    return tuple(name for name in changes if after[name] != before[name])


def seen_check(held_now: Shown, seen: Shown | None, *, subject: Subject, verbs: Collection[str] = ()) -> None:
    """Raises ChangedMeanwhile where what is held differs from what was `seen` (None: nothing was shown).

    Who changed it is who wrote last of the subject in the journal, by one of `verbs` (none: any).
    """
    names = tuple(name for name in held_now if seen is not None and seen.get(name) != held_now[name])
    if not names:
        return
    acts = Entry.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    last = (acts.filter(verb__in=verbs) if verbs else acts).first()
    raise ChangedMeanwhile(
        held=held_now, names=names, by=last.actor_label if last else "", at=last.at if last else None
    )


def row_fill(row: models.Model, values: Mapping[str, Any]) -> None:
    """Set, check and save a row, new or not. Raises NotPossible.

    Also when another wrote the same at this moment: the check had not seen it, the database has.
    """
    many = {field.name for field in row._meta.many_to_many}
    for name, value in values.items():
        if name not in many:
            setattr(row, name, value)
    _check(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        _check(row)
        raise NotPossible({"": [gettext("Quelqu’un vient d’écrire la même chose.")]}) from error
    for name in many.intersection(values):
        getattr(row, name).set(values[name])


def _check(row: models.Model) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        told = {"" if name == "__all__" else name: texts for name, texts in error.message_dict.items()}
        raise NotPossible(told) from error


def rows_delete(*querysets: models.QuerySet[Any], lost: Iterable[models.QuerySet[Any]] = ()) -> None:
    """Delete them, in this order, or nothing: raises InUse with all that points at any of them.

    `lost` are rows that the database would change or take along without a word, and that count as a use.
    """
    uses: Counter[tuple[str, str]] = Counter()
    for queryset in lost:
        meta = queryset.model._meta
        uses[str(meta.verbose_name), str(meta.verbose_name_plural)] += queryset.count()
    ours = {queryset.model for queryset in querysets}
    with transaction.atomic():
        for queryset in querysets:
            try:
                with transaction.atomic():
                    queryset.delete()
            except models.ProtectedError as error:
                held_by = [one for one in error.protected_objects if type(one) not in ours]
                uses.update(
                    (str(one._meta.verbose_name), str(one._meta.verbose_name_plural)) for one in held_by
                )
        if found := tuple((one, several, n) for (one, several), n in uses.most_common() if n):
            raise InUse(found)


def _value(row: models.Model, name: str) -> Any:
    field: Any = row._meta.get_field(name)
    if field.many_to_many:
        return sorted(getattr(row, name).values_list("pk", flat=True))
    return field.value_from_object(row)
