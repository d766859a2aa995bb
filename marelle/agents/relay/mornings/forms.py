"""A childminder at a morning, and the list of childminders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marelle.agents.activities.forms.edit import EditForm
from marelle.journal.edits import held
from marelle.places.models import Authority, Commune
from marelle.relay.models import NAME_LENGTH, Childminder
from marelle.relay.rules import SEATS_AT_MOST
from marelle.relay.visits import Brought
from marelle.ui.phones import PhoneField

LINE = re.compile(
    r"^(?P<name>[^\d]+?)[\s,;]*(?:(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4}))?$"
)


class ChildminderVisitForm(forms.Form):
    childminder = forms.ModelChoiceField(
        label=_("Assistante maternelle"), queryset=Childminder.objects.none()
    )
    children = forms.CharField(
        label=_("Les enfants qu’elle amène"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Un par ligne : le prénom, et la date de naissance s’il a un dossier. Exemple : Jules 03/05/2024"
        ),
    )

    def __init__(self, *args: Any, childminders: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["childminder"]
        assert isinstance(field, forms.ModelChoiceField)  # for the type checker  # noqa: S101  # nosec B101
        field.queryset = childminders

    def clean_children(self) -> list[Brought]:
        lines = [line.strip() for line in self.cleaned_data["children"].splitlines() if line.strip()]
        if len(lines) > SEATS_AT_MOST:
            raise forms.ValidationError(_("Une venue prend %(n)d places au plus.") % {"n": SEATS_AT_MOST})
        return [self._brought(line) for line in lines]

    def _brought(self, line: str) -> Brought:
        found = LINE.match(line)
        if found is None or len(found["name"]) > NAME_LENGTH:
            raise forms.ValidationError(_("Cette ligne ne se lit pas : %(line)s") % {"line": line[:60]})
        if found["day"] is None:
            return Brought(found["name"].strip())
        try:
            born = date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError as error:
            raise forms.ValidationError(
                _("Cette date n’existe pas : %(line)s") % {"line": line[:60]}
            ) from error
        return Brought(found["name"].strip(), born)


class KnownForm(EditForm):
    """What a relais notes of a childminder. Who comes in by herself says her own address: `comes_in`."""

    phone = PhoneField(label=_("Téléphone"), required=False)

    class Meta:
        model = Childminder
        fields = ("name", "phone", "email", "commune")

    def __init__(self, *args: Any, comes_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["commune"]
        assert isinstance(field, forms.ModelChoiceField)  # for the type checker  # noqa: S101  # nosec B101
        field.queryset = Commune.objects.order_by("name")
        if comes_in:
            del self.fields["email"]
            self.fields["name"].help_text = _(
                "Son adresse de courriel est celle de son compte\u00a0: elle la change elle-même."
            )
            self.initial["seen"] = json.dumps(held(self.instance, self.names))


class ChildminderForm(forms.Form):
    name = forms.CharField(label=_("Prénom et nom"), max_length=NAME_LENGTH)
    phone = PhoneField(label=_("Téléphone"), required=False)
    email = forms.EmailField(label=_("Adresse de courriel"), required=False)
    commune = forms.ModelChoiceField(
        label=_("Commune"), queryset=Commune.objects.order_by("name"), required=False
    )
    authority = forms.ModelChoiceField(label=_("Collectivité"), queryset=Authority.objects.none())

    def __init__(self, *args: Any, authorities: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["authority"]
        assert isinstance(field, forms.ModelChoiceField)  # for the type checker  # noqa: S101  # nosec B101
        field.queryset = Authority.objects.filter(pk__in=authorities).order_by("pk")
        field.initial = field.queryset.first()
