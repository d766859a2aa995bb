"""A form on one row of what is offered: it carries what it showed, and tells what another changed since."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.forms.models import ModelChoiceField, ModelMultipleChoiceField
from django.utils.translation import gettext as _

from marelle.activities.condition_labels import months_text
from marelle.agents.activities.forms.fields import AgeField, InstantField, LinesField
from marelle.core.actor import Actor
from marelle.core.french import day_plain, instant_long_year, join_and, time_long
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.journal.edits import NotPossible, Shown, held


class EditForm(forms.ModelForm):  # type: ignore[type-arg]
    """Checked and written by the service: the instance is only where the form begins."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        if self.instance.pk:
            self.initial["seen"] = json.dumps(held(self.instance, self.names))
        for name, field in self.fields.items():
            if isinstance(field, InstantField):
                field.kept = getattr(self.instance, name, None)

    def _post_clean(self) -> None:
        pass

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of the row that the form edits."""
        return tuple(name for name in self._meta.fields or () if name in self.fields)

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.names}

    def shown(self) -> Shown:
        return shown_before(self.cleaned_data.get("seen"))

    def refuse(self, refusal: Refusal) -> None:
        """Put a "no" of the service into French, where it belongs; what was typed stays."""
        if isinstance(refusal, NotPossible):
            for name, texts in refusal.data["errors"].items():
                for text in texts or [_("Ce choix n’est pas possible.")]:
                    self.add_error(name if name in self.fields else None, text)
        elif isinstance(refusal, ChangedMeanwhile):
            refuse_changed(self, refusal)
        else:
            raise refusal


def shown_before(sent: str | None) -> Shown:
    """What a form showed, as the browser sends it back; what makes no sense is nothing shown."""
    try:
        found = json.loads(sent or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def refuse_stale(
    form: forms.BaseForm, refusal: Refusal, changes: Iterable[str], *, seen: str, field: str = "seen"
) -> None:
    """Tell what another changed since. What was typed stays; sent again, it takes the place of `seen`."""
    form.add_error(None, meanwhile_text(refusal, changes))
    show_anew(form, field, seen)


def refuse_changed(form: forms.BaseForm, refusal: Refusal) -> None:
    """The same, where the fields of the form are those of what is held and `seen` carries them all."""
    held_now = refusal.data["held"]
    changes = [
        f"{form.fields[name].label} : {said(form.fields[name], held_now[name])}"
        for name in refusal.data["names"]
    ]
    refuse_stale(form, refusal, changes, seen=json.dumps(held_now))


def show_anew(form: forms.BaseForm, name: str, value: str) -> None:
    """Another value of a hidden field in a form sent back with all that was typed."""
    data: Any = form.data
    form.data = data.copy()
    form.data[form.add_prefix(name)] = value  # type: ignore[index]


def meanwhile_text(refusal: Refusal, changes: Iterable[str]) -> str:
    """Who changed what since the page was opened, and what to do next."""
    by, at = refusal.data["by"] or _("Quelqu’un"), refusal.data["at"]
    who = (
        _("%(by)s a modifié ceci %(at)s.") % {"by": by, "at": _("le %s") % instant_long_year(at)}
        if at
        else _("%(by)s a modifié ceci entre-temps.") % {"by": by}
    )
    told = " ; ".join(changes)
    held_now = _("Il y a maintenant : %s.") % told.removesuffix(".") if told else ""
    kept = _("Ce que vous avez saisi est gardé : enregistrez encore pour le mettre à la place.")
    return " ".join(filter(None, (who, held_now, kept)))


def said(field: forms.Field, value: Any) -> str:
    """A value held, in French, as the form would show it."""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if value in (None, "", []):
        return _("rien")
    if isinstance(field, ModelMultipleChoiceField | ModelChoiceField):
        keys = value if isinstance(value, list) else [value]
        return join_and([str(row) for row in field.queryset.model._default_manager.filter(pk__in=keys)])  # type: ignore[union-attr]
    if isinstance(field, AgeField):
        return months_text(value)
    if isinstance(field, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in field.choices}  # type: ignore[misc, union-attr]
        keys = value if isinstance(value, list) else [value]
        return join_and([labels.get(str(key), str(key)) for key in keys])
    return join_and(value) if isinstance(field, LinesField) else _told(field, value)


def _told(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.DateTimeField):
        return instant_long_year(datetime.fromisoformat(value))
    if isinstance(field, forms.DateField):
        return day_plain(date.fromisoformat(value))
    if isinstance(field, forms.TimeField):
        return time_long(time.fromisoformat(value))
    return str(value)
