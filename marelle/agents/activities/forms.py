"""What keeps a home from asking for an activity."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from marelle.activities.kinds import ActivityKind
from marelle.activities.models import Activity


class RequestsForm(forms.Form):
    unpaid_blocks = forms.BooleanField(
        label=_("Une facture en retard de paiement empêche la demande"),
        help_text=_(
            "La famille lit qu’une facture est en retard et qu’elle peut appeler, jamais de montant."
        ),
        required=False,
    )
    closes_when_full = forms.BooleanField(
        label=_("Complet, l’activité ne prend plus de demande"),
        help_text=_(
            "Sans cette case, la famille lit « Complet pour le moment : votre demande ira en attente » "
            "et peut demander."
        ),
        required=False,
    )

    def __init__(self, data: QueryDict | None, *, activity: Activity) -> None:
        told = {"unpaid_blocks": activity.unpaid_blocks, "closes_when_full": activity.closes_when_full}
        super().__init__(data, initial=told)
        if activity.kind == ActivityKind.CANTEEN:
            self.fields["unpaid_blocks"].disabled = True
            self.fields["unpaid_blocks"].help_text = _(
                "Jamais pour une cantine : un enfant n’est pas privé de repas pour une facture."
            )
