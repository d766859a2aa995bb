"""What an agent notes of what a home takes at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.families.record_forms import date_field
from marelle.agents.families.trait_forms import EndForm as TraitEndForm
from marelle.flows.office.subscriptions import SubscriptionChoices
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.subscriptions import NewSubscription

WHOLE_HOME: Final = 0
"""No child has that id."""

REFUSED: Final = {
    "past": ("since", _("C’est à compter d’aujourd’hui au plus tôt\u00a0: le passé est peut-être facturé.")),
    "not_in_order": ("until", _("La fin vient avant le début.")),
    "child": ("child", _("Cet enfant n’est plus dans ce foyer.")),
    "product": ("product", _("Ce n’est plus proposé.")),
    "already": ("product", _("Ce foyer l’a déjà, un de ces jours-là\u00a0: arrêtez-le d’abord.")),
}
"""By the code of a refusal, the field that it is about and what is said there."""


class SubscriptionForm(forms.Form):
    product = forms.TypedChoiceField(
        label=_("Abonnement, carte ou cotisation"),
        coerce=int,
        error_messages={"required": _("Choisissez dans la liste.")},
    )
    child = forms.TypedChoiceField(
        label=_("Pour qui"),
        coerce=int,
        error_messages={"required": _("Dites pour qui.")},
        help_text=_("Pour tout le foyer\u00a0: payé une fois, et compris pour chaque enfant."),
    )
    since = date_field(_("À compter du"))
    until = date_field(_("Jusqu’au"), required=False, help_text=_("Vide\u00a0: sans fin connue."))

    def __init__(self, data: Mapping[str, Any] | None, *, choices: SubscriptionChoices, day: date) -> None:
        super().__init__(data)
        several = len({row.authority_id for row in choices.products}) > 1
        fields: Any = self.fields
        fields["product"].choices = [
            (row.pk, f"{row.name} ({row.authority.name})" if several else row.name)
            for row in choices.products
        ]
        fields["child"].choices = [
            ("", _("Choisissez")),
            *choices.children.items(),
            (WHOLE_HOME, _("Tout le foyer")),
        ]
        self.initial.update(since=day)

    def taken(self) -> NewSubscription:
        """Of a form that is right."""
        data = self.cleaned_data
        return NewSubscription(data["product"], data["since"], data["until"], data["child"] or None)

    def refuse(self, refusal: TariffRefused) -> None:
        field, text = REFUSED[refusal.code]
        self.add_error(field, text)


class EndForm(TraitEndForm):
    already_ended = _("C’est déjà arrêté avant.")
