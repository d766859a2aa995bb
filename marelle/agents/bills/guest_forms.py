"""Who is invited to read the bills of a payer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.accounts.models import User


class GuestForm(forms.Form):
    name = forms.CharField(
        label=_("Prénom et nom"), max_length=User._meta.get_field("display_name").max_length
    )
    email = forms.EmailField(
        label=_("Adresse de courriel"),
        help_text=_("Celle de cette personne, à son travail\u00a0: le lien y part."),
    )

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())
