"""Forms of those who are not in yet."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.portal.passwords import LONGEST, NewPasswordForm, identifier_field


class LoginForm(forms.Form):
    identifier = forms.CharField(
        label=_("Identifiant ou adresse de courriel"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Mot de passe"),
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ForgottenPasswordForm(forms.Form):
    name = forms.CharField(
        label=_("Identifiant ou adresse de courriel"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class ActivationForm(NewPasswordForm):
    identifier = identifier_field()
    field_order = ("identifier", "password", "repeated")

    def clean(self) -> dict[str, Any]:
        # The password must not look like the identifier that is being chosen.
        self.user.identifier = self.cleaned_data.get("identifier", "")
        return super().clean()
