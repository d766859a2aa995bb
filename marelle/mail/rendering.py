"""From a template to a mail: one text file gives the subject, the text and the HTML.

`templates/mail/<kind>.txt`, in the app that sends it, starts with the subject on its first line. After an
empty line comes the text, in paragraphs; a line that is only `[label](address)` is a link, shown as a
button in HTML; lines that start with "- " make a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.template import Context, engines
from django.template.backends.django import DjangoTemplates
from django.template.loader import render_to_string

LINK = re.compile(r"\[(?P<label>[^\]\n]+)\]\((?P<address>https?://[^\s)]+)\)")


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, list or link of a mail, for the HTML layout."""

    kind: str
    lines: tuple[str, ...]
    address: str = ""


def render(kind: str, context: Mapping[str, Any]) -> Rendered:
    """Render the template of `kind`; `site` is the portal's address, without a final slash."""
    template = cast("DjangoTemplates", engines["django"]).engine.get_template(f"mail/{kind}.txt")
    source = template.render(Context({"site": settings.PUBLIC_URL, **context}, autoescape=False)).strip()
    first, _, body = source.partition("\n")
    subject = " ".join(first.split())[:250]
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", body) if part.strip()]
    html = render_to_string(
        "mail/layout.html",
        {"subject": subject, "blocks": [_block(part) for part in paragraphs], "site": settings.PUBLIC_URL},
    )
    text = "\n\n".join(LINK.sub(r"\g<label> :\n\g<address>", part) for part in paragraphs)
    footer = render_to_string("mail/footer.txt", {"site": settings.PUBLIC_URL}).strip()
    return Rendered(subject, f"{text}\n\n-- \n{footer}\n", html)


def _block(paragraph: str) -> Block:
    link = LINK.fullmatch(paragraph)
    if link:
        return Block("link", (link["label"],), link["address"])
    lines = tuple(line.strip() for line in paragraph.splitlines())
    if all(line.startswith("- ") for line in lines):
        return Block("list", tuple(line[2:] for line in lines))
    return Block("text", lines)
