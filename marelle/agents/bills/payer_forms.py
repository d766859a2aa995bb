"""Who pays else than homes, and what of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.families.record_forms import date_field
from marelle.agents.of_authority import OfAuthorityForm
from marelle.billing.addressed import Addressed, PayerKind
from marelle.billing.covering import Way
from marelle.billing.models import Payer
from marelle.billing.payers import CoverageRefused, NewCoverage
from marelle.billing.paying import CoverageChoices
from marelle.core.french import join_and
from marelle.core.money import NotAnAmount, parse_amount, parse_decimal
from marelle.families.fields import Civility
from marelle.places.models import Authority
from marelle.ui.forms import EurosField, SiretField

MOST: Final = Decimal(99_999)
MOST_A_DAY: Final = Decimal(500)
WHOLE: Final = Decimal(100)
PAYER, HOME = "p", "f"
NAMED: Final = (
    "last_name",
    "first_name",
    "civility",
    "siret",
    "more",
    "street",
    "postal_code",
    "city",
    "country",
)

REFUSED: Final = {
    "not_in_order": ("until", _("La fin vient avant le début.")),
    "payer": ("payer", _("Ce payeur n’est pas de cette collectivité.")),
    "child": ("child", _("Cet enfant n’est pas de ce foyer.")),
    "other_home": ("child", _("Choisissez l’enfant qui vit aussi dans l’autre foyer.")),
    "activities": ("activities", _("Choisissez des activités de cette collectivité.")),
    "custody": ("way", _("Les jours de garde sont ceux d’un enfant, dans son autre foyer.")),
    "already": (
        "payer",
        _("Ce payeur paie déjà une part de cela, un de ces jours-là\u00a0: arrêtez-la d’abord."),
    ),
    "ended": ("until", _("C’est déjà terminé avant.")),
}
"""By the code of a refusal, the field that it is about and what is said there."""


class PayerForm(OfAuthorityForm):
    authority = forms.TypedChoiceField(label=_("Collectivité"), coerce=int)
    kind = forms.ChoiceField(
        label=_("Nature"),
        choices=PayerKind.choices,
        help_text=_("Telle que le Trésor public la demande."),
    )
    last_name = forms.CharField(label=_("Nom"), max_length=80)
    first_name = forms.CharField(
        label=_("Prénom"), max_length=80, required=False, help_text=_("Pour un particulier.")
    )
    civility = forms.ChoiceField(
        label=_("Civilité"), choices=[("", "—"), *Civility.choices], required=False,
        help_text=_("Pour un particulier."),
    )  # fmt: skip
    siret = SiretField(required=False, help_text=_("14 chiffres. Pour tout autre qu’un particulier."))
    more = forms.CharField(label=_("Complément d’adresse"), max_length=120, required=False)
    street = forms.CharField(label=_("Numéro et rue"), max_length=120)
    postal_code = forms.CharField(label=_("Code postal"), max_length=10)
    city = forms.CharField(label=_("Commune"), max_length=80)
    country = forms.CharField(
        label=_("Pays"), max_length=60, required=False, help_text=_("Vide\u00a0: en France.")
    )
    email = forms.EmailField(label=_("Courriel"), required=False)

    def __init__(
        self, *args: Any, authorities: Iterable[Authority], payer: Payer | None, **kwargs: Any
    ) -> None:
        if payer is not None:
            kwargs["initial"] = {name: getattr(payer, name) for name in (*NAMED, "kind", "email")}
        of = authorities if payer is None else (payer.authority,)
        super().__init__(*args, authorities=of, **kwargs)

    @property
    def addressed(self) -> Addressed:
        said = self.cleaned_data
        return Addressed(reference="", kind=PayerKind(said["kind"]), **{name: said[name] for name in NAMED})

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        is_person = said.get("kind") == PayerKind.PERSON
        if is_person:
            for name in ("first_name", "civility"):
                if name in said and not said[name]:
                    self.add_error(name, _("Le Trésor public le demande pour un particulier."))
        elif "siret" in said and not said["siret"]:
            self.add_error("siret", _("Le Trésor public le demande, sauf pour un particulier."))
        code = said.get("postal_code", "")
        if code and not said.get("country") and not (len(code) == 5 and code.isascii() and code.isdigit()):
            self.add_error("postal_code", _("Un code postal a cinq chiffres."))
        return said


class CoverageForm(forms.Form):
    authority = forms.TypedChoiceField(label=_("Pour les factures de"), coerce=int)
    payer = forms.ChoiceField(label=_("Qui paie"), error_messages={"required": _("Dites qui paie.")})
    child = forms.TypedChoiceField(label=_("Pour qui"), required=False, coerce=int, empty_value=None)
    activities = forms.TypedMultipleChoiceField(
        label=_("Activités"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Ne cochez rien pour toutes."),
    )  # fmt: skip
    way = forms.ChoiceField(
        label=_("Ce qui est pris en charge"), choices=Way.choices, widget=forms.RadioSelect
    )
    figure = forms.CharField(
        label=_("Part en %, ou montant en euros"), max_length=20, required=False,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("Un montant est par jour et par enfant. Rien pour des jours de garde."),
    )  # fmt: skip
    most = EurosField(
        MOST, label=_("Plafond"), required=False,
        help_text=_("En euros, pour toute la durée. Vide\u00a0: sans plafond."),
    )  # fmt: skip
    since = date_field(
        _("À compter du"), help_text=_("Avant aujourd’hui, ce qui est facturé est régularisé pour les deux.")
    )
    until = date_field(_("Jusqu’au"), required=False, help_text=_("Vide\u00a0: sans fin connue."))
    reason = forms.CharField(
        label=_("Décision"), max_length=120,
        help_text=_("Par exemple\u00a0: décision du CCAS du 3 novembre, ordonnance, jugement."),
    )  # fmt: skip

    def __init__(self, *args: Any, choices: CoverageChoices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = choices
        fields: Any = self.fields
        several = len(choices.authorities) > 1
        if several:
            fields["authority"].choices = list(choices.authorities.items())
        else:
            del self.fields["authority"]
        fields["payer"].choices = [
            ("", _("Choisissez")),
            *((f"{HOME}{one.family.pk}", _other(one.children)) for one in choices.homes),
            *(
                (f"{PAYER}{one.pk}", f"{one} · {one.authority.short_name}" if several else str(one))
                for one in choices.payers
            ),
        ]
        fields["child"].choices = [("", _("Tout le foyer")), *choices.children.items()]
        fields["activities"].choices = [
            (one.pk, f"{one.name} · {one.structure.name}") for one in choices.activities
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        way, typed = said.get("way"), said.get("figure", "")
        said["figure"] = WHOLE
        if way == Way.CUSTODY:
            if typed:
                self.add_error("figure", _("Rien ici\u00a0: ces jours-là, l’autre foyer paie tout."))
            return said
        try:
            figure = parse_amount(typed) if way == Way.AMOUNT else parse_decimal(typed)
        except NotAnAmount:
            self.add_error("figure", _("Écrivez un nombre, par exemple 50 ou 1,20."))
            return said
        most = MOST_A_DAY if way == Way.AMOUNT else WHOLE
        if not 0 < figure <= most or figure != round(figure, 2):
            self.add_error("figure", _("Donnez un nombre entre 0,01 et %(most)s.") % {"most": most})
        said["figure"] = figure
        return said

    def taken(self) -> NewCoverage:
        """Of a form that is right."""
        said = self.cleaned_data
        kind, pk = said["payer"][0], int(said["payer"][1:])
        return NewCoverage(
            authority_id=said.get("authority") or next(iter(self.choices.authorities)),
            since=said["since"],
            until=said["until"],
            reason=said["reason"],
            way=Way(said["way"]),
            figure=said["figure"],
            payer_id=pk if kind == PAYER else None,
            payer_home_id=pk if kind == HOME else None,
            child_id=said["child"],
            activity_ids=tuple(said["activities"]),
            most=said["most"],
        )

    def refuse(self, refusal: CoverageRefused) -> None:
        self.add_error(*REFUSED[refusal.code])


class CoverageEndForm(forms.Form):
    until = date_field(_("Dernier jour"), required=False)
    mistake = forms.BooleanField(
        label=_("Notée par erreur\u00a0: elle n’a jamais compté, et ce qui en est facturé est rendu."),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if "until" in said and not said["until"] and not said.get("mistake"):
            self.add_error("until", _("Donnez une date."))
        return said

    @property
    def last_day(self) -> date | None:
        """None for one that never counted."""
        return None if self.cleaned_data["mistake"] else self.cleaned_data["until"]

    def refuse(self, refusal: CoverageRefused) -> None:
        self.add_error(*REFUSED[refusal.code])


def _other(children: Iterable[str]) -> str:
    return str(_("Autre foyer\u00a0: %(names)s")) % {"names": join_and(list(children))}
