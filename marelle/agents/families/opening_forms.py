"""« Créer une famille »: one screen, in parts. A part left empty counts for nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.agents.families.record_forms import SOURCE_LENGTH
from marelle.core.converters import id_read
from marelle.families.fields import BY_CODE
from marelle.families.file.labels import wrong_text
from marelle.families.file.values import Facts, WrongValue, check_term, checked
from marelle.families.finding.twins import Likely
from marelle.families.models import Guardianship
from marelle.families.services import NewAdult, NewChild, NewGuardian
from marelle.flows.office.opening import Address, NewHome

NOTHING: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType({})
ADULT, ADULTS = "adulte", 2
CHILD = "enfant"
HOME = "foyer"
CHILDREN, CHILDREN_SHOWN = 6, 2
NEEDED = _("Cette information est nécessaire : remplissez-la.")
A_DATE = {"invalid": _("Donnez une date qui existe, par exemple 04/03/2019.")}


def _text(label: Any, length: int, **attrs: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, widget=forms.TextInput(attrs))


def _date(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, error_messages=A_DATE, widget=widget)


class Part(forms.Form):
    """A part of the screen. `codes` gives, by name, the field of the registry that checks what is typed."""

    codes: Mapping[str, str] = {}
    needed: tuple[str, ...] = ()

    def __init__(self, *args: Any, day: date, optional: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = day
        self.optional = optional
        for name in () if optional else self.needed:
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = NEEDED

    @property
    def is_empty(self) -> bool:
        return self.optional and not any(
            self.cleaned_data.get(name) for name in self.fields if name != "link"
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.is_empty and not self.errors:
            return cleaned
        for name in self.needed:
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, NEEDED)
        for name, code in self.codes.items():
            if cleaned.get(name):
                cleaned[name] = self._checked(name, code, cleaned[name])
        return cleaned

    def _checked(self, name: str, code: str, value: Any) -> Any:
        field = BY_CODE[code]
        is_date = isinstance(value, date)
        facts = Facts(day=self.day, is_child=code.startswith("child."))
        try:
            text = checked(field, {"value": value.isoformat() if is_date else value}, facts)["value"]
        except WrongValue as refusal:
            self.add_error(name, wrong_text(refusal))
            return value
        return date.fromisoformat(text) if is_date else text


class AdultForm(Part):
    codes = {
        "first_name": "adult.first_name",
        "last_name": "adult.last_name",
        "phone": "adult.phone",
        "email": "adult.email",
    }
    needed = ("first_name", "last_name")
    first_name = _text(_("Prénom"), 80)
    last_name = _text(_("Nom"), 80)
    phone = _text(_("Téléphone"), 30, inputmode="tel")
    email = _text(_("Adresse de courriel"), 254, inputmode="email")
    link = forms.ChoiceField(
        label=_("Lien avec les enfants"),
        required=False,
        choices=[("", _("Choisir…")), *Guardianship.Link.choices],
    )

    def adult(self) -> NewAdult:
        data = self.cleaned_data
        return NewAdult(str(self.prefix), data["first_name"], data["last_name"], data["email"], data["phone"])


class ChildForm(Part):
    """`last_name` empty: that of the home. A child is born or expected."""

    codes = {
        "first_name": "child.first_name",
        "last_name": "child.last_name",
        "birth_date": "child.birth_date",
    }
    needed = ("first_name",)
    first_name = _text(_("Prénom"), 80)
    last_name = _text(_("Nom, si ce n’est pas celui du foyer"), 80)
    birth_date = _date(_("Date de naissance"))
    expected_on = _date(_("Ou naissance prévue le"))
    same_as = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=_("Est-ce l’enfant déjà connu ?")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What may be chosen is checked by the service: only the children that the warning names.
        self.rank = int(str(self.prefix).removeprefix(CHILD))
        given = self.data.get(self.add_prefix("same_as"), "")
        self.is_named = False
        choices = [("", gettext("Non, c’est un autre enfant"))]
        if id_read(given):
            choices.append((given, given))
        self.fields["same_as"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_empty or self.errors:
            return cleaned
        if (cleaned["birth_date"] is None) is (cleaned["expected_on"] is None):
            self.add_error("birth_date", _("Donnez la date de naissance, ou celle qui est prévue."))
        elif cleaned["expected_on"] is not None:
            try:
                check_term(cleaned["expected_on"], Facts(day=self.day))
            except WrongValue as refusal:
                self.add_error("expected_on", wrong_text(refusal))
        return cleaned

    def name_twins(self, twins: Sequence[tuple[int, str]]) -> None:
        """Ask whether the child is one of those known elsewhere."""
        self.is_named = True
        self.fields["same_as"].choices = [  # type: ignore[attr-defined]
            ("", gettext("Non, c’est un autre enfant")),
            *((str(pk), gettext("Oui : %(who)s") % {"who": who}) for pk, who in twins),
        ]


class HomeForm(Part):
    codes = {}
    name = _text(_("Nom du foyer"), 120)
    street = _text(_("Rue"), 120)
    postal_code = _text(_("Code postal"), 10)
    city = _text(_("Ville"), 80)
    source = _text(_("Justifié par"), SOURCE_LENGTH)
    source.help_text = _("Dès qu’une adresse est donnée. Par exemple : bail, facture d’électricité.")
    invite = forms.BooleanField(
        label=_("Inviter les adultes à ouvrir leur espace famille"),
        help_text=_("Par courriel, ou par une lettre à imprimer pour qui n’a pas d’adresse de courriel."),
        required=False,
    )
    address: Address | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        parts = {name: cleaned.get(name, "") for name in ("street", "postal_code", "city")}
        if self.errors or not any([*parts.values(), cleaned.get("source")]):
            return cleaned
        try:
            value = checked(
                BY_CODE["home.address"], {**parts, "since": self.day.isoformat()}, Facts(day=self.day)
            )
        except WrongValue as refusal:
            self.add_error(refusal.part if refusal.part in parts else None, wrong_text(refusal))
        else:
            source = cleaned["source"]
            if not source:
                self.add_error(
                    "source", _("Sur quoi repose cette adresse ? Par exemple : facture d’électricité.")
                )
            self.address = Address(value["street"], value["postal_code"], value["city"], source)
        return cleaned


class OpeningForm:
    """The parts together: `is_valid`, then `home`. `given` is what the parts begin with, by prefix."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, day: date, given: Mapping[str, Mapping[str, Any]] = NOTHING
    ) -> None:
        self.data = data
        self.home_form = HomeForm(data, prefix=HOME, day=day, initial={"invite": True, **given.get(HOME, {})})
        self.adults = [
            AdultForm(data, prefix=f"{ADULT}{n}", day=day, optional=n > 1, initial=given.get(f"{ADULT}{n}"))
            for n in range(1, ADULTS + 1)
        ]
        self.children = [
            ChildForm(data, prefix=f"{CHILD}{n}", day=day, initial=given.get(f"{CHILD}{n}"))
            for n in range(1, CHILDREN + 1)
        ]

    @property
    def first_children(self) -> list[ChildForm]:
        return self.children[:CHILDREN_SHOWN]

    @property
    def more_children(self) -> list[ChildForm]:
        return self.children[CHILDREN_SHOWN:]

    @property
    def shows_more(self) -> bool:
        """Whether something is typed, or wrong, beyond the first children."""
        return self.data is not None and any(form.has_changed() for form in self.more_children)

    @property
    def parts(self) -> list[Part]:
        return [*self.adults, *self.children, self.home_form]

    def is_valid(self) -> bool:
        if self.data is None:
            return False
        wrong = [part for part in self.parts if not part.is_valid()]  # each part says what is wrong
        if wrong:
            return False
        if self.filled_children:
            for form in self.filled_adults:
                if not form.cleaned_data["link"]:
                    form.add_error("link", _("Dites ce que cette personne est pour les enfants."))
        return all(part.is_valid() for part in self.parts)

    @property
    def filled_adults(self) -> list[AdultForm]:
        return [form for form in self.adults if not form.is_empty]

    @property
    def filled_children(self) -> list[ChildForm]:
        return [form for form in self.children if not form.is_empty]

    def home(self) -> NewHome:
        adults = self.filled_adults
        name = self.home_form.cleaned_data["name"].strip() or adults[0].cleaned_data["last_name"]
        guardians = tuple(NewGuardian(str(form.prefix), form.cleaned_data["link"]) for form in adults)
        children = [
            NewChild(
                form.cleaned_data["first_name"],
                form.cleaned_data["last_name"] or name,
                form.cleaned_data["birth_date"],
                form.cleaned_data["expected_on"],
                guardians,
            )
            for form in self.filled_children
        ]
        chosen = [form.cleaned_data["same_as"] for form in self.filled_children]
        return NewHome(
            name=name,
            adults=[form.adult() for form in adults],
            children=children,
            same_as={rank: person_id for rank, person_id in enumerate(chosen) if person_id is not None},
            address=self.home_form.address,
            invite=self.home_form.cleaned_data["invite"],
        )

    def warn(self, likely: Likely) -> None:
        """Name the children who are known elsewhere, in the part of each."""
        for rank, form in enumerate(self.filled_children):
            twins = [
                (same.person.pk, f"{same.person}, {same.family}")
                for same in likely.children
                if same.rank == rank
            ]
            if twins:
                form.name_twins(twins)
