"""Fields of an account, as a bank's slip (RIB) has them."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marelle.core.banks import NotAnIban, bic_read, iban_read

TYPED: Final = 60
"""An IBAN, its spaces and some more."""

WRONG: Final = {
    "signs": _(
        "Un IBAN commence par deux lettres, FR par exemple, puis n’a que des chiffres et des lettres."
    ),
    "country": _("Ce compte n’est pas dans un pays de la zone SEPA\u00a0: il ne peut pas être prélevé."),
    "length": _("Il manque des signes à cet IBAN, ou il y en a trop\u00a0: vérifiez-le."),
    "key": _("Cet IBAN n’est pas juste\u00a0: un signe est sans doute mal recopié."),
    "form": _("Cet IBAN n’est pas fait comme ceux de son pays\u00a0: vérifiez-le."),
}


class IbanField(forms.CharField):
    """Cleaned, as `core.banks.iban_read` gives it. No error repeats what was typed."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        )
        told = {"label": _("IBAN"), "help_text": _("Sur votre RIB, avec ou sans espaces.")}
        super().__init__(**{"max_length": TYPED, "widget": widget, **told, **kwargs})

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return iban_read(typed) if typed else ""
        except NotAnIban as error:
            raise ValidationError(WRONG[error.why], code=error.why) from error


class BicField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        )
        told = {"label": _("BIC"), "help_text": _("Sur votre RIB, à côté de l’IBAN\u00a0: 8 ou 11 signes.")}
        super().__init__(**{"max_length": 20, "widget": widget, **told, **kwargs})

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return bic_read(typed) if typed else ""
        except ValueError as error:
            raise ValidationError(_("Un BIC a 8 ou 11 signes\u00a0: vérifiez-le."), code="bic") from error


class AccountForm(forms.Form):
    """Whose account it is, and which."""

    holder = forms.CharField(
        label=_("Titulaire du compte"), max_length=70, widget=forms.TextInput({"autocomplete": "name"})
    )
    street = forms.CharField(
        label=_("Numéro et rue"), max_length=120, widget=forms.TextInput({"autocomplete": "address-line1"})
    )
    postal_code = forms.CharField(
        label=_("Code postal"), max_length=10, widget=forms.TextInput({"autocomplete": "postal-code"})
    )
    city = forms.CharField(
        label=_("Commune"), max_length=80, widget=forms.TextInput({"autocomplete": "address-level2"})
    )
    country = forms.CharField(
        label=_("Pays"), max_length=60, required=False, help_text=_("Vide\u00a0: en France."),
        widget=forms.TextInput({"autocomplete": "country-name"}),
    )  # fmt: skip
    iban = IbanField()
    bic = BicField()

    @property
    def account(self) -> dict[str, str]:
        """Of a form that is right: each of its fields, by name."""
        return {name: self.cleaned_data[name] for name in AccountForm.base_fields}
