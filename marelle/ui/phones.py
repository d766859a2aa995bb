"""The form field of a telephone: takes what people type, gives what is kept, shows it the French way."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marelle.core.direction import TURNING
from marelle.core.phones import TYPED_LENGTH, WrongPhone, phone_stored, phone_text


class PhoneField(forms.CharField):
    """`clean` gives the E.164 form, "" for nothing typed."""

    default_error_messages = {
        "letters": _("Un numéro de téléphone n’a que des chiffres, par exemple 06 39 98 10 01."),
        "too_long": _("Ce numéro est trop long : vérifiez-le."),
        "not_a_number": _("Vérifiez ce numéro, par exemple 06 39 98 10 01, ou +32 470 12 34 56."),
    }

    def __init__(self, *, own: bool = False, **kwargs: Any) -> None:
        """`own`: that of who types, which its browser knows."""
        attrs = {"type": "tel", "autocomplete": "tel" if own else "off", "maxlength": TYPED_LENGTH}
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(TURNING.sub("", value) if isinstance(value, str) else value)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return phone_stored(typed)
        except WrongPhone as refusal:
            raise ValidationError(self.error_messages[refusal.code], code=refusal.code) from refusal

    def prepare_value(self, value: Any) -> Any:
        return phone_text(value) if isinstance(value, str) and value.startswith("+") else value
