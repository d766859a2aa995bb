"""Form fields that Django has not: a number whose limits are told in words, euros, and several files checked
one by one, each error naming its file."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import flatatt
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.french import euros_text
from marelle.core.money import NotAnAmount, parse_amount
from marelle.core.siret import siret_read

MEGABYTE = 1024 * 1024

OPTION = '<option value="{}">{}</option>'
CHOSEN_OPTION = '<option value="{}" selected>{}</option>'


class NumberField(forms.IntegerField):
    """A whole number; a limit that it passes is told as somebody would say it."""

    default_error_messages = {
        "invalid": gettext_lazy("Donnez un nombre entier, par exemple 24."),
        "min_value": gettext_lazy("Donnez un nombre plus grand : %(limit_value)s au moins."),
        "max_value": gettext_lazy("Donnez un nombre plus petit : %(limit_value)s au plus."),
    }


class SiretField(forms.CharField):
    """The number of an establishment, however it is spaced; cleaned, its fourteen digits."""

    default_error_messages = {
        "siret": gettext_lazy("Un SIRET a 14 chiffres, dont une clé\u00a0: vérifiez-le."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": gettext_lazy("SIRET"), "max_length": 30, **kwargs})

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return siret_read(typed) if typed else ""
        except ValueError as error:
            raise ValidationError(self.error_messages["siret"], code="siret") from error


class EurosField(forms.CharField):
    """Euros from 0 to `most`, as they are written; None where nothing is, if nothing may be."""

    def __init__(self, most: Decimal, **kwargs: Any) -> None:
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=40, widget=widget, **kwargs)
        self.most = most

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = parse_amount(text)
        except NotAnAmount as error:
            raise ValidationError(_("Donnez un nombre, par exemple 734 ou 734,50.")) from error
        if not 0 <= amount <= self.most:
            raise ValidationError(
                _("Donnez un nombre entre 0 et %(most)s.") % {"most": euros_text(self.most)}
            )
        return amount


class FilesInput(forms.FileInput):
    """A plain file input; `upload.js` adds the camera, the previews and the progress."""

    allow_multiple_selected = True
    template_name = "ui/widgets/files.html"

    def __init__(self, *, max_files: int, max_bytes: int, max_total_bytes: int, accept: str) -> None:
        super().__init__({"accept": accept, "multiple": max_files > 1})
        self.limits = {"files": max_files, "bytes": max_bytes, "total": max_total_bytes}

    def value_from_datadict(self, _data: Any, files: Any, name: str) -> list[UploadedFile[Any]]:
        if isinstance(files, MultiValueDict):
            return list(files.getlist(name))
        return files.get(name) or []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "limits": self.limits}

    def value_omitted_from_data(self, _data: Any, files: Any, name: str) -> bool:
        return name not in files


class MultipleFileField(forms.Field):
    """Files that a family or an agent sends; cleaned, a list of what `check` returns, or of uploads.

    Sizes are in bytes, `label` and `help_text` are Django's. `check` reads the content of one file and raises
    ValidationError with what is wrong, in French, shown after the name of the file where several were sent.
    """

    def __init__(
        self,
        *,
        max_bytes: int = 10 * MEGABYTE,
        max_total_bytes: int = 100 * MEGABYTE,
        max_files: int = 10,
        accept: str = "",
        check: Callable[[UploadedFile[Any]], Any] | None = None,
        label: Any = None,
        help_text: Any = "",
        required: bool = True,
    ) -> None:
        widget = FilesInput(
            max_files=max_files, max_bytes=max_bytes, max_total_bytes=max_total_bytes, accept=accept
        )
        super().__init__(widget=widget, label=label, help_text=help_text, required=required)
        self.max_bytes, self.max_total_bytes, self.max_files = max_bytes, max_total_bytes, max_files
        self.check = check

    def clean(self, value: list[UploadedFile[Any]]) -> list[Any]:
        if not value:
            if self.required:
                raise ValidationError(_("Choisissez un fichier, ou prenez une photo."), code="required")
            return []
        if len(value) > self.max_files:
            raise ValidationError(
                _("%(n)d fichiers au plus : retirez-en, ou envoyez-les en plusieurs fois.")
                % {"n": self.max_files}
                if self.max_files > 1
                else _("Un seul fichier."),
                code="too_many",
            )
        if sum(upload.size or 0 for upload in value) > self.max_total_bytes:
            told = {"size": self.max_total_bytes // MEGABYTE}
            text = _("Ces fichiers font plus de %(size)d Mo ensemble : envoyez-les en plusieurs fois.")
            raise ValidationError(text % told, code="too_heavy")
        return self._checked(value)

    def _checked(self, uploads: list[UploadedFile[Any]]) -> list[Any]:
        done, errors = [], []
        for upload in uploads:
            try:
                done.append(self._one(upload))
            except ValidationError as error:
                before = f"« {_short(upload.name or '')} » : " if len(uploads) > 1 else ""
                errors += [ValidationError(before + text, code=error.code) for text in error.messages]
        if errors:
            raise ValidationError(errors)
        return done

    def _one(self, upload: UploadedFile[Any]) -> Any:
        """What is empty or too heavy is not even read."""
        if not upload.size:
            raise ValidationError(_("Ce fichier est vide : choisissez-en un autre."), code="empty")
        if upload.size > self.max_bytes:
            told = {"size": self.max_bytes // MEGABYTE}
            text = _("Ce fichier est trop lourd : %(size)d Mo au plus. Une photo suffit souvent.")
            raise ValidationError(text % told, code="too_big")
        return self.check(upload) if self.check else upload


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:30]}…{name[-8:]}"


class ColorInput(forms.ColorInput):
    """A colour always has a value: HTML knows no required one."""

    def use_required_attribute(self, initial: Any) -> bool:  # noqa: ARG002
        return False


class PlainSelect(forms.Select):
    """A select drawn without a template for each option, which a list of schools pays by the dozen.

    Choices are flat: no groups.
    """

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,  # noqa: ARG002
    ) -> SafeString:
        chosen = self.format_value(value)
        options = [
            (format_html(CHOSEN_OPTION if str(key) in chosen else OPTION, key, label),)
            for key, label in self.choices
        ]
        drawn = flatatt({**self.attrs, **(attrs or {})})
        return format_html(
            '<select name="{}"{}>{}</select>', name, drawn, format_html_join("", "{}", options)
        )
