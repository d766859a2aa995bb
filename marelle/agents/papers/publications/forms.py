"""Publishing a file: for whom, under which theme, from when until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.activities.labels import names_apart
from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.forms.fields import DayField
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.files.fields import upload_options
from marelle.journal.edits import NotPossible
from marelle.papers.labels import refusal_text
from marelle.papers.models import PaperType, Publication
from marelle.papers.services import CORRECTED, PublicationFields
from marelle.places.models import Structure
from marelle.ui.forms import MultipleFileField

RETURNS = gettext_lazy("À nous retourner comme")
MUST_ACCEPT = gettext_lazy("La famille doit lire et accepter")
INVALID_DATE = gettext_lazy("Donnez une date, par exemple 01/09/2026.")


class PublicationForm(forms.Form):
    """`audience` is "structure" or "structure-activity": one choice, so that the two never disagree."""

    audience = forms.ChoiceField(label=gettext_lazy("Pour qui"))
    theme = forms.ChoiceField(label=gettext_lazy("Thème"), choices=Publication.Theme)
    title = forms.CharField(
        label=gettext_lazy("Titre"), max_length=Publication._meta.get_field("title").max_length
    )
    version = forms.CharField(
        label=gettext_lazy("Version"),
        help_text=gettext_lazy("Par exemple « septembre 2026 »."),
        required=False,
        max_length=Publication._meta.get_field("version").max_length,
    )
    file = MultipleFileField(label=gettext_lazy("Fichier"), **upload_options(max_files=1))
    published_on = forms.DateField(
        label=gettext_lazy("Visible à partir du"),
        error_messages={"invalid": INVALID_DATE},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=gettext_lazy("Visible jusqu’au"),
        required=False,
        error_messages={"invalid": INVALID_DATE},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    returns = forms.TypedChoiceField(
        label=RETURNS,
        help_text=gettext_lazy("La famille le remplit et l’envoie dans « Mes documents »."),
        coerce=int,
        empty_value=None,
        required=False,
    )
    must_accept = forms.BooleanField(
        label=MUST_ACCEPT,
        help_text=gettext_lazy("« J’ai lu et j’accepte » est gardé avec la date et cette version."),
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        structures: Iterable[Structure],
        types: Iterable[PaperType],
        day: date,
        previous: Publication | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].choices = [  # type: ignore[attr-defined]
            choice
            for structure in structures
            if previous is None or previous.structure_id == structure.pk
            for choice in _audiences(structure)
        ]
        self.fields["returns"].choices = [  # type: ignore[attr-defined]
            ("", _("rien à retourner")),
            *((kind.pk, f"{kind.title} ({kind.authority.short_name})") for kind in types),
        ]
        self.initial = {"published_on": day} if previous is None else _initial(previous, day)

    def written(self) -> PublicationFields:
        given = self.cleaned_data
        structure_id, _dash, activity_id = given["audience"].partition("-")
        return PublicationFields(
            structure_id=int(structure_id),
            activity_id=int(activity_id) if activity_id else None,
            theme=given["theme"],
            title=given["title"],
            version=given["version"],
            published_on=given["published_on"],
            until=given["until"],
            returns_id=given["returns"],
            must_accept=given["must_accept"],
        )


class CorrectionForm(EditForm):
    """What is said of a publication, without its file: neither for whom, nor what was accepted, changes."""

    class Meta:
        model = Publication
        fields = CORRECTED
        field_classes = {"published_on": DayField, "until": DayField}
        labels = {"returns": RETURNS, "must_accept": MUST_ACCEPT}

    def __init__(self, *args: Any, types: Iterable[PaperType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        returns: Any = self.fields["returns"]
        kept = [kind.pk for kind in types if kind.authority_id == self.instance.structure.authority_id]
        returns.queryset = PaperType.objects.filter(pk__in=[*kept, self.instance.returns_id])
        returns.empty_label = _("rien à retourner")

    def refuse(self, refusal: Refusal) -> None:
        if isinstance(refusal, ChangedMeanwhile | NotPossible):
            super().refuse(refusal)
        else:
            self.add_error(None, refusal_text(refusal))


def _audiences(structure: Structure) -> Iterable[tuple[str, str]]:
    yield f"{structure.pk}", _("%(structure)s : toutes les familles") % {"structure": structure.name}
    names = names_apart(structure.activities.all())
    for activity in structure.activities.all():
        told = {"structure": structure.name, "activity": names[activity.pk]}
        yield f"{structure.pk}-{activity.pk}", _("%(structure)s : familles de « %(activity)s »") % told


def _initial(previous: Publication, day: date) -> dict[str, Any]:
    activity = f"-{previous.activity_id}" if previous.activity_id else ""
    return {
        "audience": f"{previous.structure_id}{activity}",
        "theme": previous.theme,
        "title": previous.title,
        "published_on": day,
        "until": previous.until,
        "returns": previous.returns_id,
        "must_accept": previous.must_accept,
    }
