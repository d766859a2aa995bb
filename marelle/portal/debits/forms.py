"""The box and the password by which a mandate is accepted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.portal.account.forms import present_password


class AcceptForm(forms.Form):
    offer = forms.CharField(widget=forms.HiddenInput, max_length=8000)
    agreed = forms.BooleanField(
        label=_("J’ai lu ce mandat et je l’accepte."),
        error_messages={"required": _("Cochez cette case pour accepter le mandat.")},
    )
    present = present_password()

    def __init__(self, *args: Any, recognised: bool, **kwargs: Any) -> None:
        """`recognised`: who accepts has just shown who it is."""
        super().__init__(*args, **kwargs)
        if recognised:
            del self.fields["present"]
        else:
            self.fields["present"].help_text = _(
                "Demandé à nouveau\u00a0: accepter un mandat engage votre compte bancaire."
            )
