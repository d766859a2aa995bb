"""Agreeing to have the CAF or the MSA asked: the box, and how one's birth was registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2s
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.refusals import Refusal
from marelle.families.caf.labels import refusal_text
from marelle.families.caf.rules import NAME_LENGTH, NAMES, Identity
from marelle.families.fields import Civility
from marelle.families.models import Person
from marelle.portal.family.forms import CHOOSE, REQUIRED

SEXES: Final = {Civility.MRS.value: "F", Civility.MR.value: "M"}


class AgreementForm(forms.Form):
    """The box, with a mark of the text that stood beside it (`seen`); `person` where an agent says who."""

    own_prefix: str | None = None

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    person = forms.TypedChoiceField(
        label=gettext_lazy("Qui donne son accord"), coerce=int, error_messages={"required": REQUIRED}
    )
    agreed = forms.BooleanField(
        label=gettext_lazy("J’ai lu ce texte et je donne mon accord."),
        error_messages={"required": gettext_lazy("Cochez cette case pour donner votre accord.")},
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, wording: str, adults: Sequence[Person], chooses: bool
    ) -> None:
        self.wording = wording
        self.mark = blake2s(wording.encode(), digest_size=8).hexdigest()
        self.only = adults[0]
        super().__init__(data, initial={"seen": self.mark, **self.known()}, prefix=self.own_prefix)
        if chooses:
            choices = [CHOOSE, *((str(one.pk), str(one)) for one in adults)]
            self.fields["person"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["person"]

    @property
    def lines(self) -> list[str]:
        return self.wording.split("\n")

    def known(self) -> dict[str, Any]:
        return {}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("seen") != self.mark:
            # What is accepted is what was read: the box is ticked again, beside the text of now.
            self.add_error("agreed", _("Le texte a changé depuis : relisez-le, puis donnez votre accord."))
        return cleaned

    @property
    def person_id(self) -> int:
        return int(self.cleaned_data.get("person") or self.only.pk)

    @property
    def identity(self) -> Identity | None:
        return None

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(refusal.code if refusal.code in self.fields else None, refusal_text(refusal))


class RecognisedForm(AgreementForm):
    """The box alone: FranceConnect tells the rest. It stands on one page with the other."""

    own_prefix = "fc"


class IdentityForm(AgreementForm):
    birth_name = forms.CharField(
        label=gettext_lazy("Nom de naissance"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("Celui de la pièce d’identité, pas le nom d’usage."),
        error_messages={"required": REQUIRED},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    first_names = forms.CharField(
        label=gettext_lazy("Tous les prénoms, dans l’ordre"),
        max_length=NAME_LENGTH * NAMES,
        help_text=gettext_lazy("Séparés par des espaces, comme sur la pièce d’identité."),
        error_messages={"required": REQUIRED},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    birth_date = forms.DateField(
        label=gettext_lazy("Date de naissance"),
        error_messages={
            "required": REQUIRED,
            "invalid": gettext_lazy("Donnez une date qui existe, par exemple 04/03/1988."),
        },
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    sex = forms.ChoiceField(
        label=gettext_lazy("Sexe à l’état civil"),
        choices=[CHOOSE, ("F", gettext_lazy("féminin")), ("M", gettext_lazy("masculin"))],
        error_messages={"required": REQUIRED, "invalid_choice": gettext_lazy("Choisissez dans la liste.")},
    )
    place = forms.CharField(
        label=gettext_lazy("Code du lieu de naissance"),
        max_length=10,
        help_text=gettext_lazy(
            "Cinq signes : les chiffres 6 à 10 du numéro de sécurité sociale, sur la carte Vitale. À "
            "l’étranger, 99 puis trois chiffres."
        ),
        error_messages={"required": REQUIRED},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    field_order = ("seen", "person", "birth_name", "first_names", "birth_date", "sex", "place", "agreed")

    def known(self) -> dict[str, Any]:
        """What the file says of who is alone to agree."""
        one = self.only
        sex = SEXES.get(one.civility, "")
        names = {"birth_name": one.last_name, "first_names": one.first_name}
        return {**names, "birth_date": one.birth_date, "sex": sex}

    @property
    def identity(self) -> Identity:
        typed = self.cleaned_data
        names = tuple(typed["first_names"].replace(",", " ").split())
        place = "".join(typed["place"].split()).upper()
        return Identity(typed["birth_name"], names, typed["birth_date"], typed["sex"], place)
