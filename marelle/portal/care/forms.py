"""The forms of a child's care. Nothing is ticked beforehand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marelle.core.refusals import Refusal
from marelle.families.care.labels import answer_text, care_refused_text
from marelle.families.care.pickups import ContactData, contact_data
from marelle.families.care.refusals import Unseen
from marelle.families.care.rules import PERMITTED_AHEAD, TEXTS, Answer, SheetData
from marelle.families.care.selectors import Asked
from marelle.families.models import HealthSheet, Person, PickupContact, PickupPermission, Vaccination
from marelle.families.models.care import PERSON_LENGTH, TEXT_LENGTH
from marelle.files.fields import upload_options
from marelle.ui.forms import MultipleFileField
from marelle.ui.phones import PhoneField

YES, NO = "oui", "non"
YES_NO = ((YES, _("Oui")), (NO, _("Non")))
A_DATE = {"invalid": _("Donnez une date, par exemple 02/12/2026.")}

COMMON_VACCINES = (
    "DTP (diphtérie, tétanos, poliomyélite)",
    "Coqueluche",
    "Haemophilus influenzae b",
    "Hépatite B",
    "Pneumocoque",
    "ROR (rougeole, oreillons, rubéole)",
    "Méningocoques ACWY",
    "Méningocoque B",
    "BCG",
)
"""Names proposed to who types a vaccine; any other may be typed."""


class RefusableForm(forms.Form):
    """A form that shows by its fields what a service refuses."""

    def refuse(self, refusal: Refusal, field: str | None = None) -> None:
        name = refusal.data.get("field", field)
        self.add_error(name if name in self.fields else None, care_refused_text(refusal))


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs: str) -> None:
        super().__init__(format="%Y-%m-%d", attrs=attrs)


class OneLine(forms.CharField):
    """A line of text, its spaces put in order."""

    def clean(self, value: Any) -> str:
        return " ".join(str(super().clean(value)).split())


def _text(label: Any, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        **kwargs,
    )


class HealthForm(RefusableForm):
    """Fields outside `writable` are left out: they are read beside the form, or not at all."""

    allergies = _text(_("Allergies"), help_text=_("Aliments, médicaments, piqûres… et comment cela se voit."))
    is_severe = forms.BooleanField(
        label=_("Une de ces allergies est grave (choc, hospitalisation)"), required=False
    )
    pai = forms.ChoiceField(
        label=_("Votre enfant a-t-il un PAI ?"),
        help_text=_("Projet d’accueil individualisé, signé avec un médecin."),
        choices=YES_NO,
        required=False,
        widget=forms.RadioSelect,
    )
    pai_until = forms.DateField(
        label=_("PAI valable jusqu’au"), required=False, widget=DayInput(), error_messages=A_DATE
    )
    pai_meal = forms.ChoiceField(
        label=_("Qui apporte le repas prévu par le PAI ?"),
        choices=[("", _("Sans objet")), *HealthSheet.Meal.choices],
        required=False,
    )
    treatments = _text(_("Traitements en cours"), help_text=_("Avec l’ordonnance à remettre à la structure."))
    remarks = _text(_("Ce que l’équipe doit savoir"), help_text=_("Lunettes, sommeil, recommandations…"))
    doctor_name = OneLine(label=_("Médecin traitant"), required=False, max_length=PERSON_LENGTH)
    doctor_phone = PhoneField(label=_("Téléphone du médecin"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, writable: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - writable - {"seen"}:
            del self.fields[name]

    def sheet(self) -> SheetData:
        typed = {name: self.cleaned_data[name] for name in self.fields if name != "seen"}
        for name in TEXTS:
            if name in typed:
                typed[name] = typed[name].replace("\r\n", "\n")
        if "pai" in typed:
            typed["pai"] = {YES: True, NO: False}.get(typed["pai"])
        return SheetData(**typed)

    def show_again(self, version: str) -> None:
        """After a refusal of what is stale: the next sending says that the newer sheet was seen."""
        self.data = {**self.data.dict(), "seen": version}  # type: ignore[attr-defined]


def health_initial(sheet: SheetData, version: str) -> dict[str, Any]:
    shown = {True: YES, False: NO, None: ""}[sheet.pai]
    return {**asdict(sheet), "pai": shown, "seen": version}


class VaccinationForm(RefusableForm):
    vaccine = OneLine(
        label=_("Vaccin"),
        max_length=Vaccination._meta.get_field("vaccine").max_length,
        widget=forms.TextInput(attrs={"list": "vaccins", "autocomplete": "off"}),
        error_messages={"required": _("Quel vaccin ?")},
    )
    on = forms.DateField(
        label=_("Fait le"),
        widget=DayInput(),
        error_messages={**A_DATE, "required": _("Quand a-t-il été fait ?")},
    )


class PaiFileForm(forms.Form):
    """`seen` is the file that the page showed, or told of; `replaces`: it is told of."""

    file = MultipleFileField(label=_("Fichier du PAI"), **upload_options(max_files=1))
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput(attrs={"id": "id_pai_seen"}))
    replaces = False

    def tell(self, refusal: Unseen) -> None:
        """The next sending says that its sender knows what it replaces."""
        self.add_error("file", care_refused_text(refusal))
        self.data = {**self.data.dict(), "seen": refusal.data["file_id"]}  # type: ignore[attr-defined]
        self.replaces = True


class ContactForm(RefusableForm):
    name = OneLine(
        label=_("Prénom et nom"),
        max_length=PERSON_LENGTH,
        error_messages={"required": _("Donnez le prénom et le nom de cette personne.")},
    )
    link = OneLine(
        label=_("Lien avec l’enfant"),
        help_text=_("Grand-mère, voisin, assistante maternelle…"),
        max_length=PickupContact._meta.get_field("link").max_length,
        error_messages={"required": _("Dites qui est cette personne pour l’enfant.")},
    )
    phone = PhoneField(
        label=_("Téléphone"), error_messages={"required": _("Donnez un numéro où la joindre.")}
    )
    may_fetch = forms.BooleanField(label=_("Peut venir chercher l’enfant"), required=False)
    may_be_called = forms.BooleanField(
        label=_("Peut être appelée si les responsables ne répondent pas"), required=False
    )

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, row: PickupContact | None = None, siblings: Sequence[Person] = ()
    ) -> None:
        """`siblings`: for whom the same person may be named at once."""
        self.shown = asdict(contact_data(row)) if row is not None else {}
        super().__init__(data, initial={**self.shown, "seen": json.dumps(self.shown)})
        if siblings:
            self.fields["also"] = forms.TypedMultipleChoiceField(
                label=_("Aussi pour"),
                choices=[(child.pk, child.first_name) for child in siblings],
                coerce=int,
                required=False,
                widget=forms.CheckboxSelectMultiple({"class": "week"}),
            )

    def contact(self) -> ContactData:
        return ContactData(**{field.name: self.cleaned_data[field.name] for field in fields(ContactData)})

    def seen_contact(self) -> ContactData | None:
        """What was shown when the reader typed, None for what no page of ours shows."""
        try:
            return ContactData(**json.loads(self.cleaned_data["seen"]))
        except (ValueError, TypeError, RecursionError):
            return None

    def show_again(self) -> None:
        """After a refusal of what is stale: the next sending says that what is there now was seen."""
        self.data = {**self.data.dict(), "seen": json.dumps(self.shown)}  # type: ignore[attr-defined]


class PermissionForm(RefusableForm):
    day = forms.DateField(
        label=_("Quel jour ?"), error_messages={**A_DATE, "required": _("Choisissez un jour.")}
    )
    name = OneLine(
        label=_("Prénom et nom de la personne"),
        help_text=_("Comme sur sa pièce d’identité : l’équipe la demandera."),
        max_length=PERSON_LENGTH,
        error_messages={"required": _("Qui viendra chercher l’enfant ?")},
    )
    phone = PhoneField(
        label=_("Son téléphone"), error_messages={"required": _("Donnez un numéro où la joindre.")}
    )
    note = OneLine(
        label=_("Une précision pour l’équipe"),
        required=False,
        max_length=PickupPermission._meta.get_field("note").max_length,
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = today + PERMITTED_AHEAD
        self.fields["day"].widget = DayInput(min=today.isoformat(), max=last.isoformat())
        self.initial.setdefault("day", today + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One authorisation of the page: its two answers, the hour if it needs one, what the other home says."""

    title: str
    authority: str
    explanation: str
    given: forms.BoundField
    hour: forms.BoundField | None
    said: str
    others: tuple[str, ...]
    settled: str


class ConsentsForm(RefusableForm):
    """A yes or a no for each authorisation, neither chosen beforehand; what is left open stays open.

    `seen` carries the answers that the form showed, so that the other adult's are not written over.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, asked: Iterable[Asked]) -> None:
        self.asked = tuple(asked)
        self.shown = {one.type.pk: _said(one.own.answer) for one in self.asked if one.own}
        super().__init__(data, initial={"seen": json.dumps(self.shown)})
        for one in self.asked:
            pk, own = one.type.pk, one.own.answer if one.own else None
            self.fields[f"c{pk}"] = forms.ChoiceField(
                label=one.type.label,
                choices=YES_NO,
                required=False,
                widget=forms.RadioSelect,
                initial={True: YES, False: NO}.get(own.given) if own else None,
            )
            if one.type.needs_hour:
                self.fields[f"h{pk}"] = forms.TimeField(
                    label=_("À partir de quelle heure ?"),
                    required=False,
                    widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
                    initial=own.from_hour if own else None,
                    error_messages={"invalid": _("Donnez une heure, par exemple 17:00.")},
                )

    def clean(self) -> None:
        for one in self.asked:
            pk = one.type.pk
            given, hour = self.cleaned_data.get(f"c{pk}"), self.cleaned_data.get(f"h{pk}")
            if one.type.needs_hour and given == YES and hour is None and f"h{pk}" not in self.errors:
                self.add_error(f"h{pk}", ValidationError(_("Dites à partir de quelle heure.")))

    def answers(self) -> dict[int, Answer]:
        """The answers by id of what is asked; what is left open is not among them."""
        found = {}
        for one in self.asked:
            given = self.cleaned_data.get(f"c{one.type.pk}")
            if given:
                found[one.type.pk] = Answer(given == YES, self.cleaned_data.get(f"h{one.type.pk}"))
        return found

    def seen_answers(self) -> dict[int, Answer]:
        """Those shown when the reader answered; what no page of ours shows is none."""
        try:
            found = dict(json.loads(self.cleaned_data["seen"]))
            return {int(pk): _answer_said(*said) for pk, said in found.items()}
        except (ValueError, TypeError, RecursionError):
            return {}

    def show_again(self) -> None:
        """After a refusal of what is stale: the next sending says that what is there now was seen."""
        self.data = {**self.data.dict(), "seen": json.dumps(self.shown)}  # type: ignore[attr-defined]

    def lines(self) -> list[ConsentLine]:
        return [self._line(one) for one in self.asked]

    def _line(self, one: Asked) -> ConsentLine:
        pk = one.type.pk
        others = tuple(
            _("%(who)s, de l’autre foyer : %(answer)s")
            % {"who": other.by or _("Une personne"), "answer": answer_text(other.answer)}
            for other in one.others
        )
        return ConsentLine(
            title=one.type.label,
            authority=one.type.authority.name,
            explanation=one.type.explanation,
            given=self[f"c{pk}"],
            hour=self[f"h{pk}"] if one.type.needs_hour else None,
            said=answered_by(one),
            others=others,
            settled=answer_text(one.settled) if others and one.settled else "",
        )


def _said(answer: Answer) -> tuple[bool, str]:
    """An answer as a hidden input carries it."""
    return answer.given, answer.from_hour.isoformat() if answer.from_hour else ""


def _answer_said(given: bool, hour: str) -> Answer:
    return Answer(given, time.fromisoformat(hour) if hour else None)


def answered_by(one: Asked) -> str:
    """ "Répondu par Camille", "" when this home has not answered."""
    if one.own is None:
        return ""
    return str(_("Répondu par %(who)s") % {"who": one.own.by or _("un agent, en votre nom")})
