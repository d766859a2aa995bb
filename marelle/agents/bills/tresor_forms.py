"""How bills leave for the Trésor, why a file is cancelled, and what an addressee lacks."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.bills.tresor_words import POINTS
from marelle.billing.addressed import Addressed
from marelle.billing.models import TresorTerms
from marelle.billing.models.invoices import NUMBER_LENGTH, REASON_LENGTH
from marelle.billing.models.mandates import NAME_LENGTH
from marelle.billing.tresor.checks import ACRONYM, DEBTOR_FIELDS, Point, wanting
from marelle.billing.tresor.keys import PeriodRule
from marelle.billing.tresor.pieces import Sort
from marelle.billing.tresor.texts import latin, text_of
from marelle.core.banks import ics_read
from marelle.families.fields import Civility
from marelle.ui.forms import SiretField

PAIR: Final = re.compile(r"(?:(?P<ours>[^=]{1,12})=)?(?P<theirs>[^=]+)")


class CodesField(forms.CharField):
    """A code a line, « 7067 = CANT »; one alone is for all others. `form`: that of a code."""

    def __init__(self, form: str, told: Any, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea({"rows": 4}), max_length=1000, **kwargs)
        self.form, self.told = re.compile(form, re.ASCII), told

    def clean(self, value: Any) -> Any:
        found: dict[str, str] = {}
        for line in super().clean(value).splitlines():
            if not line.strip():
                continue
            said = PAIR.fullmatch(line.strip())
            ours = (said["ours"] or "").strip() if said else ""
            theirs = said["theirs"].strip() if said else ""
            if not self.form.fullmatch(theirs):
                raise forms.ValidationError(self.told % {"line": line.strip()[:40]})
            if ours in found:
                raise forms.ValidationError(
                    _("Deux codes pour la même chose\u00a0: %(line)s") % {"line": line.strip()[:40]}
                )
            found[ours] = theirs
        return found

    @staticmethod
    def text(codes: Mapping[str, str]) -> str:
        return "\n".join(f"{ours} = {theirs}" if ours else theirs for ours, theirs in sorted(codes.items()))


class TresorTermsForm(forms.Form):
    layout = forms.ChoiceField(
        label=_("Format du fichier"), choices=TresorTerms.Layout.choices, widget=forms.RadioSelect
    )
    sort = forms.ChoiceField(
        label=_("Les factures partent en"), choices=Sort.choices[:2], widget=forms.RadioSelect,
        help_text=_("Dans un rôle, le Trésor imprime et envoie les factures\u00a0; sinon, vous les envoyez."),
    )  # fmt: skip
    post = forms.RegexField(
        r"^\d{6,7}\Z", label=_("Codique du poste comptable"),
        error_messages={"invalid": _("Le codique compte six ou sept chiffres.")},
    )  # fmt: skip
    collection = forms.RegexField(
        r"^\d{3}\Z", label=_("Code collectivité"),
        error_messages={"invalid": _("Le code collectivité compte trois chiffres.")},
    )  # fmt: skip
    acronym = forms.CharField(label=_("Sigle"), max_length=ACRONYM)
    budgets = CodesField(
        r"\d{2}", _("Un code budget compte deux chiffres\u00a0: «\u00a0%(line)s\u00a0»."),
        label=_("Code budget"), help_text=_("Deux chiffres, ou un budget par ligne\u00a0: annexe = 02."),
    )  # fmt: skip
    products = CodesField(
        r"[A-Za-z0-9]{1,4}",
        _("Un code produit compte quatre lettres ou chiffres au plus\u00a0: «\u00a0%(line)s\u00a0»."),
        label=_("Code produit"),
        help_text=_("Quatre signes au plus, ou un compte par ligne\u00a0: 7067 = CANT."),
    )  # fmt: skip
    period = forms.ChoiceField(
        label=_("La période d’un chiffre dit"), choices=PeriodRule.choices, widget=forms.RadioSelect,
        help_text=_("À convenir avec votre comptable\u00a0: d’octobre à décembre, un mois a deux chiffres."),
    )  # fmt: skip
    with_key = forms.BooleanField(label=_("Écrire la clé de contrôle (modulo 23)."), required=False)
    ics = forms.CharField(
        label=_("Identifiant créancier SEPA (ICS)"), max_length=60, required=False,
        help_text=_("Si le Trésor prélève pour vous\u00a0: FR72ZZZ123456, par exemple. Vide\u00a0: non."),
    )  # fmt: skip
    creditor = forms.CharField(
        label=_("Nom du créancier, sur les mandats"), max_length=NAME_LENGTH, required=False,
        help_text=_("Vide\u00a0: le nom de la collectivité."),
    )  # fmt: skip

    def clean_acronym(self) -> str:
        typed = self.cleaned_data["acronym"]
        if text_of(typed, ACRONYM) != latin(typed):
            raise forms.ValidationError(_("Le Trésor ne prend pas ce sigle."))
        return latin(typed)

    def clean_ics(self) -> str:
        typed = self.cleaned_data["ics"]
        try:
            return ics_read(typed) if typed else ""
        except ValueError as error:
            raise forms.ValidationError(
                _("Cet identifiant n’est pas juste\u00a0: il est fait comme FR72ZZZ123456.")
            ) from error


class ExportCancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Motif"), max_length=REASON_LENGTH,
        help_text=_("Par exemple\u00a0: refusé par la trésorerie, le code budget était faux."),
    )  # fmt: skip


class StrayGiveForm(forms.Form):
    number = forms.CharField(
        label=_("Numéro de la facture"), max_length=NUMBER_LENGTH,
        help_text=_("De la même collectivité, par exemple 2026-000123."),
    )  # fmt: skip


class StrayAsideForm(forms.Form):
    reason = forms.CharField(
        label=_("Motif"), max_length=REASON_LENGTH,
        help_text=_("Par exemple\u00a0: une facture d’eau, ou rendu par la trésorerie."),
    )  # fmt: skip


LABELS: Final = {
    Point.CIVILITY: _("Civilité"),
    Point.FIRST_NAME: _("Prénom"),
    Point.NAME: _("Nom"),
    Point.STREET: _("Numéro et rue"),
    Point.POSTAL_CODE: _("Code postal"),
    Point.CITY: _("Commune"),
    Point.COUNTRY: _("Pays"),
}
MOST: Final = {
    "first_name": 80,
    "last_name": 80,
    "street": 120,
    "postal_code": 10,
    "city": 80,
    "country": 60,
}


def _field(point: Point, said: str) -> forms.Field:
    if point == Point.CIVILITY:
        return forms.ChoiceField(label=LABELS[point], choices=Civility.choices, widget=forms.RadioSelect)
    if point == Point.PAYER_SIRET:
        return SiretField(initial=said)
    # Without a country it is in France.
    return forms.CharField(
        label=LABELS[point],
        max_length=MOST[DEBTOR_FIELDS[point]],
        initial=said,
        required=point != Point.COUNTRY,
    )


class AddresseeForm(forms.Form):
    """Of what an addressee lacks, nothing else."""

    def __init__(self, *args: Any, addressed: Addressed, points: Collection[Point], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.addressed = addressed
        self.points = {DEBTOR_FIELDS[point]: point for point in DEBTOR_FIELDS if point in points}
        for name, point in self.points.items():
            self.fields[name] = _field(point, getattr(addressed, name))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for point in wanting(replace(self.addressed, **said)):
            name = DEBTOR_FIELDS[point]
            if name in said:
                self.add_error(name, str(POINTS[point]) % {"what": said[name]})
        return said

    @property
    def values(self) -> dict[Point, str]:
        return {self.points[name]: value for name, value in self.cleaned_data.items()}
