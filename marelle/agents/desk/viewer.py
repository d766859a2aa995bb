"""Files shown beside a decision, by `desk/viewer.html`; `ui/viewer.js` turns and enlarges pictures."""

from __future__ import annotations

from dataclasses import dataclass

from marelle.files.labels import detail_text
from marelle.files.models import StoredFile
from marelle.files.rules import Kind


@dataclass(frozen=True, slots=True)
class Page:
    """`url` is of a view that answers with the file, for download at `?telecharger`, framed at `?cadre`.
    One that `is_held` is opened by nobody: `detail` says why."""

    url: str
    name: str
    detail: str
    is_picture: bool
    is_held: bool


def file_page(stored: StoredFile, url: str) -> Page:
    return Page(
        url=url,
        name=stored.name,
        detail=detail_text(stored, to_sender=False),
        is_picture=stored.kind != Kind.PDF,
        is_held=stored.is_held,
    )
