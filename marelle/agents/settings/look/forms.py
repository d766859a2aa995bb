"""Names, colours, logo and texts of the portal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.activities.forms.edit import refuse_stale, shown_before
from marelle.core.colours import ENOUGH, NoColour, colour_read
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.files.fields import checked
from marelle.files.labels import file_refused_text
from marelle.files.rules import MAX_BYTES, FileRefused
from marelle.files.services import CheckedFile
from marelle.journal.edits import Shown
from marelle.places.look import look_held, texts_shown
from marelle.places.look_rules import (
    accent_contrast,
    main_contrast,
    nearest_accent,
    nearest_main,
)
from marelle.places.models import Authority, Look
from marelle.places.texts import TEXT_LENGTH, TEXTS
from marelle.ui.forms import ColorInput, MultipleFileField


class LookForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Nom"), max_length=Authority._meta.get_field("name").max_length)
    short_name = forms.CharField(
        label=gettext_lazy("Nom court"), max_length=Authority._meta.get_field("short_name").max_length
    )
    main = forms.CharField(
        label=gettext_lazy("Couleur principale"),
        help_text=gettext_lazy("Les boutons, les liens, ce qui est choisi : assez foncée pour se lire."),
        widget=ColorInput(),
    )
    accent = forms.CharField(
        label=gettext_lazy("Couleur d’accent"),
        help_text=gettext_lazy("Le bandeau « au nom de la famille », une place proposée : assez claire."),
        widget=ColorInput(),
    )
    logo = MultipleFileField(
        label=gettext_lazy("Logo"),
        help_text=gettext_lazy(
            "Un PNG ou un JPEG, sur fond blanc ou transparent ; il est réduit à la bonne taille."
        ),
        max_files=1,
        max_bytes=MAX_BYTES,
        accept="image/png,image/jpeg",
        check=checked,
        required=False,
    )
    without_logo = forms.BooleanField(label=gettext_lazy("Retirer le logo"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, files: Any = None, *, authority: Authority, look: Look | None
    ) -> None:
        shown = look_held(authority, look)
        typed = {name: shown[name] for name in ("name", "short_name", "main", "accent")}
        super().__init__(data, files, initial={**typed, "seen": json.dumps(shown)})
        if look is None or not look.logo_width:
            del self.fields["without_logo"]

    def clean_main(self) -> str:
        colour = self._colour("main")
        if (ratio := main_contrast(colour)) < ENOUGH:
            raise ValidationError(_too_close(ratio, nearest_main(colour), _("trop claire")))
        return colour

    def clean_accent(self) -> str:
        colour = self._colour("accent")
        if (ratio := accent_contrast(colour)) < ENOUGH:
            raise ValidationError(_too_close(ratio, nearest_accent(colour), _("trop foncée")))
        return colour

    def sent_logo(self) -> CheckedFile | None:
        return next(iter(self.cleaned_data["logo"]), None)

    def shown(self) -> Shown:
        return shown_before(self.cleaned_data["seen"])

    def refuse(self, refusal: Refusal) -> None:
        if isinstance(refusal, ChangedMeanwhile):
            self._refuse_stale(refusal)
            return
        if isinstance(refusal, FileRefused):
            self.add_error("logo", file_refused_text(refusal))
            return
        told = {
            "logo_is_no_picture": ("logo", _("Un PDF n’est pas un logo : envoyez un PNG ou un JPEG.")),
            "name_missing": ("name", _("Écrivez le nom.")),
        }
        field, text = told[refusal.code]
        self.add_error(field, text)

    def _refuse_stale(self, refusal: ChangedMeanwhile) -> None:
        held = refusal.data["held"]
        logo = _("un autre logo") if held["logo"] else _("aucun")
        told = [
            f"{self.fields[name].label} : {logo if name == 'logo' else held[name]}"
            for name in refusal.data["names"]
        ]
        refuse_stale(self, refusal, told, seen=json.dumps(held))

    def _colour(self, name: str) -> str:
        try:
            return colour_read(self.cleaned_data[name])
        except NoColour as refusal:
            raise ValidationError(_("Une couleur s’écrit comme #0b6468.")) from refusal


class TextsForm(forms.Form):
    """One area for each named text; left empty, it is the default again.

    `seen` carries what the form showed: a text left alone is not written.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, own: Mapping[str, str]) -> None:
        shown = texts_shown(own)
        super().__init__(data, initial={"seen": json.dumps(shown)})
        for code, text in TEXTS.items():
            self.fields[code] = forms.CharField(
                label=str(text.label),
                initial=shown[code],
                required=False,
                max_length=TEXT_LENGTH,
                widget=forms.Textarea({"rows": 4}),
                help_text=_("Modifié. À l’origine : « %(text)s »") % {"text": text.default}
                if code in own
                else "",
            )

    def texts(self) -> dict[str, str]:
        """What the agent changed of what it was shown."""
        seen = self.shown()
        found = {code: "\n".join(self.cleaned_data[code].split("\r\n")).strip() for code in TEXTS}
        return {code: text for code, text in found.items() if seen.get(code) != text}

    def shown(self) -> Shown:
        return shown_before(self.cleaned_data.get("seen"))

    def refuse_stale(self, refusal: ChangedMeanwhile) -> None:
        held = refusal.data["held"]
        told = [f"{TEXTS[code].label} : « {held[code]} »" for code in refusal.data["names"]]
        refuse_stale(self, refusal, told, seen=json.dumps({**self.shown(), **held}))


def ratio_text(ratio: float) -> str:
    """ "4,5 pour 1"; never rounded up, so that what is refused does not read as enough."""
    return _("%(ratio)s pour 1") % {"ratio": f"{int(ratio * 10) / 10:.1f}".replace(".", ",")}


def _too_close(ratio: float, nearest: str, how: str) -> str:
    return _(
        "Cette couleur est %(how)s : un contraste de %(ratio)s, il en faut 4,5. La plus proche qui se lit : "
        "%(nearest)s."
    ) % {"how": how, "ratio": ratio_text(ratio), "nearest": nearest}
