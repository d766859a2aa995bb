"""A month to bill, and how an authority bills."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.billing.imports import values
from marelle.billing.models.invoices import REASON_LENGTH
from marelle.billing.models.runs import MOST_MONTHS_BACK
from marelle.billing.runs.services import NewRun
from marelle.billing.terms import Terms
from marelle.core.french import month_text
from marelle.places.models import Authority, Structure
from marelle.ui.forms import EurosField, NumberField

A_DAY: Final = {"type": "date"}
MOST_WAITING: Final = Decimal(500)


class MonthField(forms.CharField):
    """« 11/2026 »; cleaned, its first day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=30, help_text=_("Par exemple 11/2026."), **kwargs)

    def clean(self, value: Any) -> date:
        try:
            return values.month(super().clean(value).strip())
        except values.Bad as error:
            raise forms.ValidationError(_("Écrivez un mois, par exemple 11/2026.")) from error


class RunForm(forms.Form):
    authority = forms.TypedChoiceField(label=_("Collectivité"), coerce=int)
    month = MonthField(label=_("Mois à facturer"))
    cutoff = forms.DateField(
        label=_("Dernier jour facturé"),
        required=False,
        help_text=_("Laissez vide pour le mois entier. Ce qui vient après sera sur la facture suivante."),
        widget=forms.DateInput(A_DAY, "%Y-%m-%d"),
    )
    structures = forms.TypedMultipleChoiceField(
        label=_("Structures"),
        coerce=int,
        required=False,
        help_text=_("Ne cochez rien pour toutes les facturer."),
        widget=forms.CheckboxSelectMultiple,
    )
    issued_on = forms.DateField(label=_("Date des factures"), widget=forms.DateInput(A_DAY, "%Y-%m-%d"))
    flush = forms.BooleanField(
        label=_("Envoyer aussi ce qui attend sous le seuil\u00a0: l’année se termine."), required=False
    )

    def __init__(
        self, *args: Any, authorities: Iterable[Authority], structures: Iterable[Structure], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.authorities = tuple(authorities)
        several = len(self.authorities) > 1
        if not several:
            del self.fields["authority"]
        else:
            self._choices("authority", [(one.pk, one.name) for one in self.authorities])
        named = [(one.pk, one.name, one.authority.short_name) for one in structures]
        self._choices("structures", [(pk, f"{name} · {of}" if several else name) for pk, name, of in named])

    def _choices(self, name: str, choices: list[tuple[int, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    @property
    def authority_id(self) -> int:
        chosen: int = self.cleaned_data.get("authority") or self.authorities[0].pk
        return chosen

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        month, cutoff = cleaned.get("month"), cleaned.get("cutoff")
        if month and cutoff and cutoff.replace(day=1) != month:
            self.add_error("cutoff", _("Donnez un jour de %(month)s.") % {"month": month_text(month)})
        return cleaned

    @property
    def new(self) -> NewRun:
        said = self.cleaned_data
        month: date = said["month"]
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return NewRun(
            month=month,
            cutoff=said["cutoff"] or last,
            issued_on=said["issued_on"],
            structure_ids=frozenset(said["structures"]),
            flush=said["flush"],
        )


class CorrectForm(forms.Form):
    reason = forms.CharField(
        label=_("Motif de la correction"),
        max_length=REASON_LENGTH,
        help_text=_("La famille le lit sur sa facture ou son avoir. Par exemple\u00a0: absence justifiée."),
    )


class TermsForm(forms.Form):
    since = MonthField(label=_("À compter du mois de"))
    made_here = forms.TypedChoiceField(
        label=_("Qui fait les factures\u00a0?"),
        coerce=lambda value: value == "here",
        choices=[
            ("here", _("Marelle\u00a0: elles sont calculées depuis les réservations et les présences.")),
            ("files", _("Un autre logiciel\u00a0: elles sont importées par fichier.")),
        ],
        widget=forms.RadioSelect,
    )
    threshold = EurosField(
        MOST_WAITING,
        label=_("Une facture attend la suivante en dessous de"),
        help_text=_("En euros. Sous 15\u00a0€, une créance locale n’est pas mise en recouvrement."),
    )
    months_back = NumberField(
        label=_("Mois passés revus à chaque facturation"),
        help_text=_("Ce qui y a changé est régularisé\u00a0: une absence justifiée, un quotient rétroactif…"),
        min_value=0,
        max_value=MOST_MONTHS_BACK,
    )
    days_to_pay = NumberField(label=_("Jours pour payer"), min_value=1, max_value=90)
    by_regie = forms.BooleanField(
        label=_("Faire une facture par régie, au lieu d’une seule."), required=False
    )

    @property
    def terms(self) -> Terms:
        return Terms(**self.cleaned_data)
