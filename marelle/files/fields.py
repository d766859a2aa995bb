"""What a form needs in order to take files: the limits, told and enforced, and the check of each content."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import lazy

from marelle.files.labels import file_refused_text, limits_text
from marelle.files.rules import ACCEPTED_BY_BROWSERS, MAX_BYTES, MAX_TOTAL_BYTES, FileRefused
from marelle.files.services import CheckedFile, Upload, file_check


def upload_options(*, max_files: int = 10) -> dict[str, Any]:
    """For `ui.forms.MultipleFileField(label=…, **upload_options())`: cleaned, it gives `CheckedFile`s.

    They are what `file_store` takes: the long work is done before any transaction.
    """
    return {
        "max_files": max_files,
        "max_bytes": MAX_BYTES,
        "max_total_bytes": MAX_TOTAL_BYTES,
        "accept": ACCEPTED_BY_BROWSERS,
        "help_text": lazy(limits_text, str)(files=max_files),
        "check": checked,
    }


def checked(upload: Upload) -> CheckedFile:
    """`file_check`, whose refusal is said in French by a ValidationError."""
    try:
        return file_check(upload=upload)
    except FileRefused as refusal:
        raise ValidationError(file_refused_text(refusal), code=refusal.code) from refusal
