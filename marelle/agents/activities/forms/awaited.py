"""« Salle d’attente »: the instant of an opening."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import AwaitedOpening
from marelle.agents.activities.awaited_words import next_opening
from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.forms.fields import InstantField


class AwaitedForm(EditForm):
    """Begins with the next opening that the activity's booking rules tell."""

    at = InstantField(
        label=_("Les réservations ouvrent le"),
        help_text=_(
            "La salle d’attente est ouverte un quart d’heure avant, et jusqu’à une heure après : toutes les "
            "familles qui viennent sur le site y prennent un numéro. Les agents et les tablettes n’attendent "
            "pas."
        ),
    )

    class Meta:
        model = AwaitedOpening
        fields = ("at",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and self.instance.activity_id:
            self.initial["at"] = next_opening(self.instance.activity_id, timezone.now())
