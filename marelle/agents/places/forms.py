"""What an agent types about places."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.places.waiting_words import PRIORITY_NAMES
from marelle.bookings.models import Booking


class OfferForm(forms.Form):
    """How long the family has to answer, in hours; never past the start."""

    hours = forms.TypedChoiceField(
        label=_("Temps pour répondre"),
        coerce=int,
        choices=[
            (4, _("4\u00a0h pour répondre")),
            (2, _("2\u00a0h pour répondre")),
            (12, _("12\u00a0h pour répondre")),
            (24, _("24\u00a0h pour répondre")),
            (48, _("48\u00a0h pour répondre")),
        ],
    )


class MoveForm(forms.Form):
    """What to do of one who waits; `act` says which button was used, `seen` the order that was shown.

    Whether a reason is needed, the service says, and whether a capacity would be passed: `past` is only asked
    then (`asks_past`).
    """

    asks_past = False

    reason = forms.CharField(
        label=_("Raison"),
        help_text=_("Pour changer l’ordre, passer devant, dépasser la capacité ou retirer."),
        required=False,
        max_length=Booking._meta.get_field("derogation").max_length,
    )
    priority = forms.TypedChoiceField(label=_("Ordre"), coerce=int, choices=list(PRIORITY_NAMES.items()))
    past = forms.BooleanField(label=_("Donner la place au-delà de la capacité"), required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    act = forms.ChoiceField(choices=[("place", ""), ("order", ""), ("remove", "")], widget=forms.HiddenInput)
