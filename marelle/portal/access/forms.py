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


class CodeForm(forms.Form):
    """A code of the second factor: of the application, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Les 6 chiffres de votre application, ou l’un de vos codes de secours."),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def is_wrong(self) -> None:
        """Say of the code that it opens nothing."""
        self.add_error(
            "code",
            _(
                "Ce code n’est pas le bon, ou il a déjà servi : attendez que l’application en montre un "
                "autre, ou prenez un code de secours."
            ),
        )


class RememberForm(forms.Form):
    """Whether the second factor is asked for again on this browser."""

    remember = forms.BooleanField(
        label=_("Ne plus le demander sur cet appareil pendant 30 jours"),
        help_text=_("Seulement si vous êtes seul à l’utiliser."),
        required=False,
    )


class RememberedCodeForm(CodeForm, RememberForm):
    field_order = ("code", "remember")


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
