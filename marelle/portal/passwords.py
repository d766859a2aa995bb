"""The two fields by which a password is chosen, on three screens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marelle.accounts.models import User

LONGEST = 128
"""Longer passwords would only cost time to hash."""


class NewPasswordForm(forms.Form):
    """A new password, twice. `user` is whose it will be: its names are refused as passwords."""

    password = forms.CharField(
        label=_("Mot de passe"),
        help_text=_("12 signes au moins. Une phrase que vous retenez facilement convient très bien."),
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    repeated = forms.CharField(
        label=_("Le même mot de passe, encore une fois"),
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        password, repeated = data.get("password"), data.get("repeated")
        if password and repeated and password != repeated:
            self.add_error("repeated", _("Les deux mots de passe ne sont pas les mêmes."))
        elif password:
            try:
                validate_password(password, self.user)
            except ValidationError as error:
                self.add_error("password", error)
        return data


def identifier_field(**extra: Any) -> forms.CharField:
    """The field by which an identifier is chosen; the model's own rule checks it."""
    model_field = User._meta.get_field("identifier")
    return forms.CharField(
        label=_("Identifiant"),
        help_text=_("Des lettres sans accent, des chiffres, un point ou un tiret. Par exemple : prenom.nom"),
        max_length=model_field.max_length,
        validators=model_field.validators,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
        **extra,
    )
