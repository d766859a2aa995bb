"""The forms of « Ma famille »: built from the registry of fields; the services check what is typed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.families.fields import FileField, Kind, Policy
from marelle.families.file.changes import NOTE_LENGTH
from marelle.families.file.labels import meanwhile_text, proposed_text, refusal_text, wrong_text
from marelle.families.file.newcomers import NAME_LENGTH, Newcomer, NewcomerKind
from marelle.families.file.reading import Line, Sheet
from marelle.families.file.values import (
    CITY_LENGTH,
    STREET_LENGTH,
    TEACHER_LENGTH,
    Value,
    WrongValue,
    shown,
    untouched,
)
from marelle.families.models import Guardianship, Person
from marelle.families.refusals import WrongValues
from marelle.families.rules import LEVELS
from marelle.files.fields import upload_options
from marelle.files.services import CheckedFile
from marelle.ui.forms import MultipleFileField, PlainSelect

REQUIRED = _("Cette information est nécessaire : remplissez-la.")
CHECKED_BY_AGENT = _("Vérifié par le service avant d’être enregistré.")
CHOOSE = ("", _("Choisir…"))
PART_LABELS: Mapping[str, str | Promise] = {
    "street": _("Rue"),
    "postal_code": _("Code postal"),
    "city": _("Ville"),
    "since": _("À partir du"),
    "amount": _("Quotient familial, en euros"),
    "school": _("École"),
    "level": _("Classe"),
    "teacher": _("Enseignant ou nom de la classe"),
}
TYPES = {Kind.PHONE: "tel", Kind.EMAIL: "email"}
OWN = {
    "adult.first_name": "given-name",
    "adult.last_name": "family-name",
    "adult.birth_date": "bday",
    "adult.phone": "tel",
    "adult.work_phone": "work tel",
}
"""What the browser knows of who types, and of nobody else of the home."""
LENGTHS = {"street": STREET_LENGTH, "city": CITY_LENGTH, "teacher": TEACHER_LENGTH, "postal_code": 10}
AUTOCOMPLETE = {
    "street": "address-line1",
    "postal_code": "postal-code",
    "city": "address-level2",
}
OPTIONAL_PARTS = ("since", "teacher")
WAITING = "waiting"
"""In what the form showed, beside the codes of its fields."""

WITH_PROOF = (Kind.ADDRESS, Kind.INCOME)


def input_name(code: str, part: str) -> str:
    """The name of one input: "home-address-street"."""
    return f"{code.replace('.', '-')}-{part}"


def read_seen(text: str) -> dict[str, Value]:
    """What the form says it showed; nothing when it says nonsense, and then nothing is guessed from it."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        code: {str(part): str(value) for part, value in parts.items()}
        for code, parts in found.items()
        if isinstance(parts, dict)
    }


class SheetForm(forms.Form):
    """The fields of a sheet that the reader may change.

    `seen` travels with the form: what it showed, so that nothing changed meanwhile is overwritten.
    """

    def __init__(
        self, data: Mapping[str, Any] | None, files: Any, *, sheet: Sheet, me: int | None = None
    ) -> None:
        self.sheet = sheet
        self.is_own = sheet.person is not None and sheet.person.pk == me
        self.lines = sheet.writable()
        self.posted_seen = read_seen(str(data.get("seen", ""))) if data is not None else {}
        self.left_alone: set[str] = set()
        super().__init__(data if data is None else self._caught_up(data), files)
        for line in self.lines:
            self._add(line)

    def seen(self) -> str:
        """For the hidden input: what the page shows now."""
        waiting = {line.field.code: str(line.pending.pk) for line in self.lines if line.pending is not None}
        return json.dumps({**{line.field.code: line.value for line in self.lines}, WAITING: waiting})

    def shown_waiting(self) -> Value | None:
        """The changes that the page showed as waiting, by code; None when it says nothing of them."""
        return self.posted_seen.get(WAITING)

    def seen_when_typed(self) -> dict[str, Value]:
        """What was shown when the reader typed; what is left alone was caught up with the present."""
        current = {line.field.code: line.value for line in self.lines}
        return {
            code: current[code] if code in self.left_alone else value
            for code, value in self.posted_seen.items()
            if code in current
        }

    def typed(self) -> dict[str, Value]:
        """What was typed; a field that the browser did not send was not emptied."""
        return {
            line.field.code: _typed(self.data, line.field)
            for line in self.lines
            if input_name(line.field.code, line.field.parts[0]) in self.data
        }

    def proofs(self) -> dict[str, CheckedFile]:
        names = {line.field.code: input_name(line.field.code, "proof") for line in self.lines}
        return {code: files[0] for code, name in names.items() if (files := self.cleaned_data.get(name))}

    def refuse(self, refusal: Refusal) -> None:
        """Show what the service refused by the fields that it is about."""
        by_code = {line.field.code: line.field for line in self.lines}
        if isinstance(refusal, WrongValues):
            for code, wrong in refusal.errors.items():
                self.add_error(input_name(code, getattr(wrong, "part", "value")), wrong_text(wrong))
        elif isinstance(refusal, ChangedMeanwhile):
            for code, value in refusal.data["held"].items():
                field = by_code[code]
                text = meanwhile_text(field, value, self.sheet.facts.schools)
                self.add_error(input_name(code, field.parts[0]), text)
            for code, value in refusal.data["proposed"].items():
                field = by_code[code]
                text = proposed_text(field, value, self.sheet.facts.schools)
                self.add_error(input_name(code, field.parts[0]), text)
        else:
            self.add_error(None, refusal_text(refusal))

    def _caught_up(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What was posted, with the fields that the reader left alone as they are now."""
        current = {key: data[key] for key in data}
        for line in self.lines:
            seen = self.posted_seen.get(line.field.code)
            if seen is not None and untouched(line.field, _typed(data, line.field), seen):
                self.left_alone.add(line.field.code)
                for part, text in shown(line.field, line.value).items():
                    current[input_name(line.field.code, part)] = text
        return current

    def _add(self, line: Line) -> None:
        values = shown(line.field, line.value)
        for part in line.field.parts:
            self.fields[input_name(line.field.code, part)] = _part_field(
                line, part, values[part], self.sheet, own=self.is_own
            )
        if line.policy is Policy.MODERATED and line.field.kind in WITH_PROOF:
            self.fields[input_name(line.field.code, "proof")] = MultipleFileField(
                label=_("Justificatif"), required=False, **upload_options(max_files=1)
            )


class NewcomerForm(forms.Form):
    """Someone to add to the home: a child, a birth to come, an adult."""

    first_name = forms.CharField(
        label=_("Prénom"), max_length=NAME_LENGTH, error_messages={"required": REQUIRED}
    )
    last_name = forms.CharField(label=_("Nom"), max_length=NAME_LENGTH, error_messages={"required": REQUIRED})
    birth_date = forms.DateField(
        label=_("Date de naissance"),
        error_messages={
            "required": REQUIRED,
            "invalid": _("Donnez une date qui existe, par exemple 04/03/2019."),
        },
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    expected_on = forms.DateField(
        label=_("Naissance prévue le"),
        error_messages={
            "required": REQUIRED,
            "invalid": _("Donnez une date qui existe, par exemple 04/03/2027."),
        },
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        kind: NewcomerKind,
        relatives: Iterable[Person],
        me: int | None,
        last_name: str,
    ) -> None:
        super().__init__(data)
        self.kind = kind
        self.relatives = tuple(relatives)
        self.fields["last_name"].initial = last_name
        if kind is NewcomerKind.EXPECTED:
            del self.fields["birth_date"]
            self.fields["first_name"].initial = _("Bébé")
            self.fields["first_name"].help_text = _("Pas encore choisi ? Laissez « Bébé ».")
        else:
            del self.fields["expected_on"]
            self.fields["birth_date"].required = kind is NewcomerKind.CHILD
        self.me = me
        for person in self.relatives:
            # Who asks without a link to the child would not see it once it is there.
            is_asker = person.pk == me and kind is not NewcomerKind.ADULT
            none = CHOOSE if is_asker else ("", _("Pas de lien légal"))
            self.fields[f"link-{person.pk}"] = forms.ChoiceField(
                label=_link_label(kind, person, is_me=person.pk == me),
                required=is_asker,
                choices=[none, *Guardianship.Link.choices],
                error_messages={
                    "required": wrong_text(WrongValue("link_missing")),
                    "invalid_choice": _("Choisissez dans la liste."),
                },
            )

    def newcomer(self) -> Newcomer:
        links = {person.pk: self.cleaned_data[f"link-{person.pk}"] for person in self.relatives}
        return Newcomer(
            kind=self.kind,
            first_name=self.cleaned_data["first_name"],
            last_name=self.cleaned_data["last_name"],
            birth_date=self.cleaned_data.get("birth_date"),
            expected_on=self.cleaned_data.get("expected_on"),
            links={person_id: link for person_id, link in links.items() if link},
        )

    def refuse(self, refusal: Refusal) -> None:
        if not isinstance(refusal, WrongValues):
            self.add_error(None, refusal_text(refusal))
            return
        linked = [person.pk for person in self.relatives]
        first_link = f"link-{self.me if self.me in linked else linked[0]}" if linked else None
        for name, wrong in refusal.errors.items():
            self.add_error(first_link if name == "links" else name, wrong_text(wrong))


class RemovalForm(forms.Form):
    leaving = forms.DateField(
        label=_("Dernier jour dans le foyer"),
        error_messages={
            "required": REQUIRED,
            "invalid": _("Donnez une date qui existe, par exemple 31/08/2027."),
        },
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    note = forms.CharField(
        label=_("Une précision pour le service"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, day: date) -> None:
        super().__init__(data, initial={"leaving": day})

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(None if refusal.code == "last_adult" else "leaving", refusal_text(refusal))


def _typed(data: Mapping[str, Any], field: FileField) -> Value:
    return {part: str(data.get(input_name(field.code, part), "")) for part in field.parts}


def _part_field(line: Line, part: str, value: str, sheet: Sheet, *, own: bool) -> forms.Field:
    field = line.field
    label = str(field.label if part == "value" else PART_LABELS[part])
    is_known = any(line.value.values())
    built = forms.CharField(
        label=label,
        strip=False,
        # What is not known yet may be left for later; what is known is not emptied.
        required=field.required and is_known and part not in OPTIONAL_PARTS,
        initial=value,
        help_text=_help(line, part),
        error_messages={"required": REQUIRED},
        widget=_widget(field, part, value, sheet),
    )
    built.widget.attrs.update(_attributes(field, part))
    built.widget.attrs.update(_autocomplete(field, part, own=own))
    return built


def _widget(field: FileField, part: str, value: str, sheet: Sheet) -> forms.Widget:
    if part == "since" or field.kind in (Kind.BIRTH, Kind.TERM):
        return forms.DateInput(attrs={"type": "date"})
    if part == "school":
        names = sorted(sheet.facts.schools.items(), key=lambda item: item[1])
        return PlainSelect(choices=[CHOOSE, *((str(pk), name) for pk, name in names)])
    if part == "level":
        known = LEVELS if value in LEVELS or not value else (value, *LEVELS)
        return PlainSelect(choices=[CHOOSE, *((level, level) for level in known)])
    if field.choices is not None:
        return PlainSelect(choices=[("", _("Non renseigné")), *field.choices.choices])
    return forms.TextInput({"type": TYPES.get(field.kind, "text")})


def _attributes(field: FileField, part: str) -> dict[str, str]:
    if field.kind is Kind.PHONE:
        return {"inputmode": "tel", "maxlength": "30"}
    if field.kind is Kind.EMAIL:
        return {"maxlength": str(field.length)}
    if field.kind is Kind.DIGITS:
        return {"inputmode": "numeric", "maxlength": "20"}
    if part == "amount":
        return {"inputmode": "decimal", "maxlength": "12"}
    if part in LENGTHS:
        return {"maxlength": str(LENGTHS[part])}
    return {"maxlength": str(field.length)} if field.kind in (Kind.TEXT, Kind.NAME) else {}


def _autocomplete(field: FileField, part: str, *, own: bool) -> dict[str, str]:
    known = AUTOCOMPLETE.get(part) or (OWN.get(field.code) if own else None)
    return {"autocomplete": known} if known else {}


def _help(line: Line, part: str) -> str:
    if part == "since":
        return str(_("Vide : à partir d’aujourd’hui."))
    told = [str(line.field.help)] if part == line.field.parts[0] and line.field.help else []
    if part == "value" and line.policy is Policy.MODERATED:
        told.append(str(CHECKED_BY_AGENT))
    return " ".join(told)


def _link_label(kind: NewcomerKind, person: Person, *, is_me: bool) -> str:
    if kind is NewcomerKind.ADULT:
        return gettext("Cette personne, pour {name}").format(name=person.first_name)
    if is_me:
        return gettext("Vous, pour cet enfant")
    return gettext("{name}, pour cet enfant").format(name=person.first_name)
