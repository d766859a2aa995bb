"""Forms of one's own account. Each asks for the present password."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.portal.passwords import LONGEST, NewPasswordForm, identifier_field


def present_password() -> forms.CharField:
    return forms.CharField(
        label=_("Votre mot de passe actuel"),
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class IdentifierForm(forms.Form):
    identifier = identifier_field()
    present = present_password()


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=_("Adresse mail"),
        help_text=_("Un lien de confirmation y est envoyé. Laissez vide pour ne plus recevoir de courriel."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    present = present_password()


class PasswordForm(NewPasswordForm):
    present = present_password()
    field_order = ("present", "password", "repeated")
