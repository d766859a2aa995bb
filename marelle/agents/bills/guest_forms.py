"""Who reads the bills of a payer: invited, and stopped."""

from __future__ import annotations

from typing import Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.accounts.models import User
from marelle.billing.models import PayerAccess
from marelle.core.refusals import Refusal

REFUSED: Final[dict[str, Promise]] = {
    "account_exists": _(
        "Cette adresse est déjà celle d’un compte de famille ou d’agent\u00a0: demandez-en une "
        "autre, celle du travail."
    ),
    "already": _(
        "Cette personne lit déjà les factures de ce payeur, ou y est déjà invitée\u00a0: retrouvez-la "
        "dans la liste."
    ),
    "ended": _("Cet accès est déjà arrêté."),
    "stays": _("Cette personne lit encore des factures\u00a0: arrêtez d’abord tous ses accès."),
    "already_active": _("Cette personne a déjà ouvert son accès\u00a0: il n’y a rien à envoyer."),
}


def refusal_text(refusal: Refusal) -> str:
    return str(REFUSED[refusal.code])


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

    def refuse(self, refusal: Refusal) -> None:
        self.add_error("email", refusal_text(refusal))


class GuestEndForm(forms.Form):
    reason = forms.CharField(
        label=_("Motif"),
        max_length=PayerAccess._meta.get_field("reason").max_length,
        help_text=_("Par exemple\u00a0: a changé de service. Il reste entre agents."),
    )

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(None, refusal_text(refusal))
