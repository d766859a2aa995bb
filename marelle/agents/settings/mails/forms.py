"""The words of an authority around one mail, or its signature under all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.braces import BraceAlone, FieldUnknown, braces_text
from marelle.core.refusals import Refusal
from marelle.flows.messages.wordings import fields_of, parts_of
from marelle.mail.fields import names
from marelle.mail.samples import Sample
from marelle.mail.wording import Words, length_at_most, part_checked

LABELS: dict[str, str | Promise] = {
    "subject": gettext_lazy("Objet"),
    "before": gettext_lazy("Au début, après « Bonjour »"),
    "after": gettext_lazy("À la fin, avant la signature"),
}
SIGNATURE = gettext_lazy("Signature")
REFUSED: dict[str, str | Promise] = {
    "too_long": gettext_lazy("Raccourcissez ce texte : il tient en {most} signes."),
    "one_line": gettext_lazy("L’objet tient en une seule ligne."),
    "control_sign": gettext_lazy(
        "Ce texte contient un signe invisible : écrivez-le de nouveau, sans le coller."
    ),
    "not_https": gettext_lazy("Une adresse commence par https:// : corrigez-la, ou retirez-la."),
}


class WordingForm(forms.Form):
    """`seen` carries the words that the form showed, so that a colleague's change is not overwritten."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, sample: Sample | None, held: Words) -> None:
        super().__init__(data, initial={"seen": json.dumps(asdict(held))})
        self.allowed = names(fields_of(sample))
        subject = sample.with_fields_shown().subject if sample else ""
        for part in parts_of(sample):
            self.fields[part] = forms.CharField(
                label=str(LABELS[part] if sample else SIGNATURE),
                initial=getattr(held, part) or (subject if part == "subject" else ""),
                required=False,
                # A browser sends two signs for the end of a line: what is just too long is told by `clean`.
                max_length=2 * length_at_most(part),
                error_messages={"max_length": str(REFUSED["too_long"]).format(most=length_at_most(part))},
                widget=forms.TextInput() if part == "subject" else forms.Textarea({"rows": 5}),
            )
        if held.subject:
            self.fields["subject"].help_text = _("À l’origine : « %(text)s »") % {"text": subject}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for part in LABELS.keys() & cleaned.keys():
            try:
                cleaned[part] = part_checked(part, cleaned[part], self.allowed)
            except Refusal as refusal:
                self.add_error(part, refusal_text(refusal))
        return cleaned

    def words(self) -> Words:
        return Words(**{part: self.cleaned_data[part] for part in LABELS if part in self.fields})

    def seen_words(self) -> Words:
        """What the form had shown; nonsense is nothing."""
        try:
            found = json.loads(self.cleaned_data.get("seen") or "{}")
            return Words(**{part: str(found.get(part, "")) for part in LABELS})
        except (ValueError, AttributeError, TypeError, RecursionError):
            return Words()

    def refuse(self, _refusal: Refusal) -> None:
        """A colleague was first: what was typed stays."""
        told = _("Un collègue vient de modifier ce courriel : rouvrez-le pour voir ses mots.")
        self.add_error(None, f"{told} {_('Les vôtres sont encore ci-dessous.')}")


def refusal_text(refusal: Refusal) -> str:
    if isinstance(refusal, FieldUnknown | BraceAlone):
        return braces_text(refusal)
    return str(REFUSED[refusal.code]).format(**refusal.data)
