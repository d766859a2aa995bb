"""Files shown beside a decision, by `desk/viewer.html`; `ui/viewer.js` turns and enlarges pictures."""

from __future__ import annotations

from dataclasses import dataclass

from marelle.files.labels import size_text
from marelle.files.models import StoredFile
from marelle.files.rules import Kind


@dataclass(frozen=True, slots=True)
class Page:
    """`url` is of a view that answers with the file, for download at `?telecharger`, framed at `?cadre`."""

    url: str
    name: str
    detail: str
    is_picture: bool


def file_page(stored: StoredFile, url: str) -> Page:
    return Page(url=url, name=stored.name, detail=size_text(stored.size), is_picture=stored.kind != Kind.PDF)
