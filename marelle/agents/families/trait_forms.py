"""What an agent notes that sets a home apart for prices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marelle.agents.families.record_forms import date_field
from marelle.core.money import NotAnAmount, parse_amount, parse_decimal
from marelle.flows.office.traits import TraitChoices
from marelle.pricing.amounts import Fixed
from marelle.pricing.facts import TraitKind
from marelle.pricing.homes import NewTrait
from marelle.pricing.models.homes import NOTED, REASON_LENGTH
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.tariffs import ALL_SLOTS, Becomes, Effect, Percent

REDUCED, PRICED = "percent", "price"
NAME_LENGTH: Final = 120
MOST: Final = Decimal("9999.99")
REFUSED: Final = {
    "past": ("since", _("C’est à compter d’aujourd’hui au plus tôt\u00a0: le passé est peut-être facturé.")),
    "not_in_order": ("until", _("La fin vient avant le début.")),
    "child": ("child", _("Cet enfant n’est plus dans ce foyer.")),
    "reason": ("reason", _("Donnez une raison.")),
    "slots": ("activity", _("Cette activité n’est plus de cette collectivité.")),
    "kind": ("kind", _("Choisissez une situation.")),
    "effect": ("effect", _("Dites ce que la décision change.")),
}
"""By the code of a refusal, the field that it is about and what is said there."""


class TraitForm(forms.Form):
    authority = forms.TypedChoiceField(label=_("Pour les prix de"), coerce=int)
    kind = forms.ChoiceField(
        label=_("Situation"),
        choices=[(kind.value, text) for kind, text in NOTED.items()],
        widget=forms.RadioSelect,
    )
    child = forms.TypedChoiceField(label=_("Pour qui"), required=False, coerce=int, empty_value=None)
    since = date_field(_("À compter du"))
    until = date_field(_("Jusqu’au"), required=False, help_text=_("Vide\u00a0: sans fin connue."))
    reason = forms.CharField(
        label=_("Raison"),
        max_length=REASON_LENGTH,
        help_text=_("Gardée dans le dossier\u00a0: décision du CCAS du 3 novembre, jugement…"),
    )
    effect = forms.ChoiceField(
        label=_("Pour une décision d’aide, ce qu’elle change"),
        required=False,
        choices=[
            ("", _("Rien\u00a0: la situation n’est pas une décision")),
            (REDUCED, _("Réduire le prix de tant pour cent")),
            (PRICED, _("Fixer le prix de chaque formule, en euros")),
        ],
    )
    amount = forms.CharField(
        label=_("Combien"),
        required=False,
        max_length=12,
        widget=forms.TextInput({"inputmode": "decimal"}),
        help_text=_("Pour cent de moins (de 0 à 100), ou euros."),
    )
    activity = forms.TypedChoiceField(
        label=_("Pour quelle activité"), required=False, coerce=int, empty_value=None
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        choices: TraitChoices,
        day: date,
    ) -> None:
        super().__init__(data)
        self.activities = choices.activities
        fields: Any = self.fields
        fields["authority"].choices = list(choices.authorities.items())
        fields["child"].choices = [("", _("Tout le foyer")), *choices.children.items()]
        names = [(pk, name) for pk, (name, _slots) in choices.activities.items()]
        fields["activity"].choices = [("", _("Toutes")), *names]
        self.initial.update(since=day, kind=TraitKind.DECISION.value)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "kind" in cleaned and "effect" in cleaned:
            decides = cleaned["kind"] == TraitKind.DECISION
            if decides and not cleaned["effect"]:
                self.add_error("effect", _("Dites ce que la décision change."))
            elif not decides and cleaned["effect"]:
                self.add_error("effect", _("Seule une décision d’aide change un prix par elle-même."))
            elif decides:
                self._amount(cleaned)
        return cleaned

    def _amount(self, cleaned: dict[str, Any]) -> None:
        """Read by what it is an amount of."""
        text = str(cleaned.get("amount", ""))
        try:
            if cleaned["effect"] == REDUCED:
                cleaned["amount"] = _between(parse_decimal(text), Decimal(100))
            else:
                cleaned["amount"] = _between(parse_amount(text), MOST)
        except NotAnAmount:
            self.add_error("amount", _("Écrivez un nombre, par exemple 50 ou 1,20."))
        except ValidationError as wrong:
            self.add_error("amount", wrong)

    def trait(self, name: str) -> NewTrait:
        """`name`: what the home reads of a decision beside its price."""
        data = self.cleaned_data
        decides = data["kind"] == TraitKind.DECISION
        effect: Effect | None = None
        if decides and data["effect"] == REDUCED:
            effect = Percent(-data["amount"])
        elif decides:
            effect = Becomes(Fixed(data["amount"]))
        slots = self.activities[data["activity"]][1] if decides and data["activity"] else ALL_SLOTS
        return NewTrait(
            TraitKind(data["kind"]),
            data["since"],
            data["until"],
            data["reason"],
            data["child"],
            name if decides else "",
            effect,
            slots,
        )

    def refuse(self, refusal: TariffRefused) -> None:
        field, text = REFUSED[refusal.code]
        self.add_error(field, text)


class EndForm(forms.Form):
    until = date_field(_("Dernier jour"))
    already_ended = _("Elle est déjà arrêtée avant.")

    def refuse(self, refusal: TariffRefused) -> None:
        said = {
            "past": _("C’est hier au plus tôt\u00a0: le passé est peut-être facturé."),
            "replaced": self.already_ended,
        }
        self.add_error("until", said[refusal.code])


def _between(amount: Decimal, most: Decimal) -> Decimal:
    if not 0 <= amount <= most:
        raise ValidationError(_("De 0 à %(most)s."), params={"most": f"{most:f}".replace(".", ",")})
    return amount
