"""Files as an office would send them."""

from __future__ import annotations

import io
import zipfile

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile

HEADER = "facture;famille;mois;émise le;échéance;enfant;activité;libellé;quantité;prix unitaire;montant;total"


def csv_of(*rows: str, header: str = HEADER) -> str:
    return "\r\n".join([header, *rows, ""])


def upload(content: bytes | str, name: str = "novembre.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def pdf(text: str = "") -> bytes:
    """A PDF of one blank page, different for each `text`."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(200, 200 + len(text)))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def zip_of(files: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
