"""The screen of a home that separates, in parts: the new home, then each adult, child and enrolment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.families.record_forms import SOURCE_LENGTH, RecordForm, date_field
from marelle.core.phones import phone_text
from marelle.enrolments.models import Enrolment
from marelle.families.fields import BY_CODE
from marelle.families.file.labels import wrong_text
from marelle.families.file.values import Facts, WrongValue, checked
from marelle.families.labels import custody_text
from marelle.families.models import Member, Person
from marelle.families.rules import CustodyHolidays, CustodyWeeks
from marelle.flows.home.separating.plan import ALWAYS, Pattern, Plan, Reach, Where
from marelle.flows.home.separating.preview import Household
from marelle.flows.office.opening import Address

STAYS, GOES = "reste", "part"
LEAVES: Final = re.compile(r"adulte([0-9]{1,18})-leaves")
"""The name of the box of an adult who leaves, with its id."""


class NewHomeForm(RecordForm):
    code = "home.address"
    name = forms.CharField(label=gettext_lazy("Nom du nouveau foyer"), max_length=120)
    street = forms.CharField(label=gettext_lazy("Rue"), max_length=200)
    postal_code = forms.CharField(label=gettext_lazy("Code postal"), max_length=20)
    city = forms.CharField(label=gettext_lazy("Ville"), max_length=200)
    source = forms.CharField(
        label=gettext_lazy("Justifié par"),
        max_length=SOURCE_LENGTH,
        help_text=gettext_lazy("Par exemple : bail, facture d’électricité."),
    )
    alone = forms.BooleanField(
        label=gettext_lazy("Aucun adulte ne reste avec les enfants : je le sais"), required=False
    )

    def address(self) -> Address:
        value = self.value
        return Address(value["street"], value["postal_code"], value["city"], self.cleaned_data["source"])


class AdultForm(forms.Form):
    leaves = forms.BooleanField(label=gettext_lazy("Quitte le foyer"), required=False)
    email = forms.CharField(label=gettext_lazy("Adresse de courriel"), max_length=254, required=False)
    phone = forms.CharField(label=gettext_lazy("Téléphone"), max_length=30, required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, person: Person, day: date) -> None:
        held = {"email": person.email, "phone": phone_text(person.phone)}
        super().__init__(data, prefix=f"adulte{person.pk}", initial=held)
        self.person, self.day = person, day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("email", "phone") if cleaned.get("leaves") else ():
            try:
                typed = {"value": cleaned.get(name, "")}
                value = checked(BY_CODE[f"adult.{name}"], typed, Facts(day=self.day))
            except WrongValue as refusal:
                self.add_error(name, wrong_text(refusal))
            else:
                cleaned[name] = value["value"]
        return cleaned


class ChildForm(forms.Form):
    """`contacts` are those whom the home named for this child: asked only of one who will be shared."""

    where = forms.ChoiceField(
        label=gettext_lazy("Où vit l’enfant"),
        choices=[
            (Where.STAYS.value, gettext_lazy("reste dans ce foyer")),
            (Where.FOLLOWS.value, gettext_lazy("part dans le nouveau foyer")),
            (Where.SHARED.value, gettext_lazy("vit dans les deux foyers")),
        ],
        initial=Where.STAYS.value,
    )
    pattern = forms.ChoiceField(
        label=gettext_lazy("Dans les deux foyers : quand est-il dans le nouveau ?"), required=False
    )
    contacts = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Dans les deux foyers : qui viendra le chercher pour le nouveau ?"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Mapping[str, Any] | None, *, member: Member, household: Household) -> None:
        super().__init__(data, prefix=f"enfant{member.person_id}")
        self.person = member.person
        self.fields["pattern"].choices = [  # type: ignore[attr-defined]
            ("", _("rien n’est dit")),
            *(
                (f"{weeks.value} {holidays.value}", custody_text(weeks, holidays))
                for weeks in CustodyWeeks
                for holidays in CustodyHolidays
                if Pattern(weeks, holidays) != ALWAYS
            ),
        ]
        contacts = [row for row in household.contacts if row.child_id == member.person_id]
        self.fields["contacts"].choices = [  # type: ignore[attr-defined]
            (row.pk, f"{row.name} ({row.link})") for row in contacts
        ]
        if not contacts:
            del self.fields["contacts"]

    @property
    def is_shared(self) -> bool:
        return bool(self.cleaned_data["where"] == Where.SHARED.value)

    @property
    def contacts_chosen(self) -> list[int]:
        return self.cleaned_data.get("contacts", []) if self.is_shared else []

    def pattern_chosen(self) -> Pattern:
        if not self.cleaned_data["pattern"]:
            return ALWAYS
        weeks, holidays = self.cleaned_data["pattern"].split(" ")
        return Pattern(CustodyWeeks(weeks), CustodyHolidays(holidays))


class EnrolmentForm(forms.Form):
    """Asked of a child who will be shared; those of who leaves go with it."""

    keeper = forms.ChoiceField(
        label=gettext_lazy("Si l’enfant vit dans les deux foyers, qui garde l’inscription ?"),
        choices=[
            (STAYS, gettext_lazy("ce foyer")),
            (GOES, gettext_lazy("le nouveau foyer")),
        ],
        initial=STAYS,
    )
    since = date_field(
        gettext_lazy("Le nouveau foyer la garde à partir du"),
        help_text=gettext_lazy("Les réservations de ce jour et d’après sont les siennes."),
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None, *, enrolment: Enrolment, day: date) -> None:
        super().__init__(data, prefix=f"inscription{enrolment.pk}", initial={"since": day})
        self.enrolment, self.day = enrolment, day

    @property
    def first_day(self) -> date | None:
        """From which the new home keeps it, None where it does not."""
        since: date = self.cleaned_data["since"] or self.day
        return since if self.cleaned_data["keeper"] == GOES else None


class SeparationForm:
    """The parts together: `is_valid`, then `plan`."""

    def __init__(self, data: Mapping[str, Any] | None, *, household: Household, day: date) -> None:
        self.data = data
        self.home = NewHomeForm(data, day=day)
        adults = [row for row in household.people if row.kind == Member.Kind.ADULT]
        children = [row for row in household.people if row.kind == Member.Kind.CHILD]
        self.adults = [AdultForm(data, person=row.person, day=day) for row in adults]
        self.children = [ChildForm(data, member=row, household=household) for row in children]
        of_children = {row.person_id for row in children}
        self.enrolments = [
            EnrolmentForm(data, enrolment=row, day=day)
            for row in household.enrolments
            if row.person_id in of_children
        ]

    @property
    def parts(self) -> list[forms.Form]:
        return [self.home, *self.adults, *self.children, *self.enrolments]

    def is_valid(self) -> bool:
        wrong = [part for part in self.parts if not part.is_valid()]  # each part says what is wrong
        return self.data is not None and not wrong

    def plan(self) -> Plan:
        shared = [form for form in self.children if form.is_shared]
        ids = {form.person.pk for form in shared}
        kept = {
            form.enrolment.pk: form.first_day
            for form in self.enrolments
            if form.enrolment.person_id in ids and form.first_day is not None
        }
        return Plan(
            name=self.home.cleaned_data["name"],
            address=self.home.address(),
            adults={
                form.person.pk: Reach(form.cleaned_data["email"], form.cleaned_data["phone"])
                for form in self.adults
                if form.cleaned_data["leaves"]
            },
            children={
                form.person.pk: where
                for form in self.children
                if (where := Where(form.cleaned_data["where"])) is not Where.STAYS
            },
            patterns={form.person.pk: form.pattern_chosen() for form in shared},
            enrolments=kept,
            contacts=frozenset(pk for form in shared for pk in form.contacts_chosen),
            alone=self.home.cleaned_data["alone"],
        )
