"""From a template to a mail: one text file gives the subject, the text and the HTML.

`templates/mail/<kind>.txt`, in the app that sends it, starts with the subject on its first line. After an
empty line comes the text, in paragraphs; a line that is only `[label](address)` is a link, shown as a
button in HTML; lines that start with "- " make a list.

The HTML has the head and the colour of its authority (`letterhead`). Colours stand in attributes, which mail
programs of every age read; the style sheet is the same for all, so that a page may let it in by its hash.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, cast

from django.conf import settings
from django.template import Context, Template, engines
from django.template.backends.django import DjangoTemplates
from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from marelle.core.braces import filled
from marelle.core.french import one_line
from marelle.mail.fields import RECIPIENT
from marelle.mail.letterhead import LOGO_ID, PLAIN, Letterhead
from marelle.mail.wording import NO_WORDS, NOTHING_OWN, Own, Piece, paragraphs, plain, reached

STYLE: Final = (Path(__file__).parent / "templates" / "mail" / "style.css").read_text("utf-8")
STYLE_HASH: Final = f"'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
"""What lets the style of mails, and no other, stand in a page that shows one."""

LINK = re.compile(r"\[(?P<label>[^\]\n]+)\]\((?P<address>https?://[^\s)]+)\)")


STOPPED_AT: Final = "https://ici.invalid/"
"""Stands for the address that stops a mail, in one that is laid out for several."""


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str

    def stopped_at(self, stop_url: str) -> Rendered:
        text = self.text.replace(STOPPED_AT, stop_url)
        return Rendered(self.subject, text, self.html.replace(STOPPED_AT, escape(stop_url)))


@dataclass(frozen=True, slots=True)
class Same:
    """What several mails are, but for the address that stops each; `sources`: what their templates gave."""

    rendered: dict[Hashable, Rendered] = field(default_factory=dict)
    sources: dict[Hashable, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph ("text"), "list" or "link" of a mail, its lines in HTML; a link is one line."""

    kind: str
    lines: list[SafeString]


def render(
    kind: str,
    context: Mapping[str, Any],
    letterhead: Letterhead = PLAIN,
    own: Own = NOTHING_OWN,
    *,
    stop_url: str = "",
    same: Same | None = None,
) -> Rendered:
    """Render the template of `kind`; `site` is the portal's address, without a final slash.

    What the authority wrote (`own`) stands after the greeting, which is the first paragraph of each mail, and
    at the end. `same`: given with each of many mails, those that come to the same are made once.
    """
    known = Same() if same is None else same
    source = _source(kind, context, known.sources)
    said = repr(own) if own.signature or own.words != NO_WORDS else ""
    key = kind, source, letterhead, said, bool(stop_url)
    if key not in known.rendered:
        known.rendered[key] = _laid_out(kind, source, letterhead, own, STOPPED_AT if stop_url else "")
    return known.rendered[key].stopped_at(stop_url)


def _source(kind: str, context: Mapping[str, Any], known: dict[Hashable, str]) -> str:
    """What the template gives. Whom the mail goes to is for the words of an authority: it is not told."""
    said = {name: value for name, value in context.items() if name != RECIPIENT.path}
    try:
        key = kind, json.dumps(said)
    except TypeError:  # More than texts and numbers: two of them may look alike and differ.
        return _rendered(kind, said)
    if key not in known:
        known[key] = _rendered(kind, said)
    return known[key]


def _rendered(kind: str, said: Mapping[str, Any]) -> str:
    context = Context({"site": settings.PUBLIC_URL, **said}, autoescape=False)
    return _template(kind).render(context).strip()


def _laid_out(kind: str, source: str, letterhead: Letterhead, own: Own, stop_url: str) -> Rendered:
    first, _, body = source.partition("\n")
    if own.words.subject and not subject_decides(kind):
        first = filled(own.words.subject, own.values)
    subject = one_line(first)[:250]
    greeting, *said = [part.strip() for part in re.split(r"\n\s*\n", body) if part.strip()]
    before = paragraphs(own.words.before, own.values)
    after = [
        *paragraphs(own.words.after, own.values),
        *paragraphs(own.signature, own.values),
    ]
    blocks = [
        _block(greeting),
        *(Block("text", [_line(pieces) for pieces in lines]) for lines in before),
        *map(_block, said),
        *(Block("text", [_line(pieces) for pieces in lines]) for lines in after),
    ]
    html = render_to_string(
        "mail/layout.html",
        {
            "subject": subject,
            "blocks": blocks,
            "site": settings.PUBLIC_URL,
            "style": STYLE,
            "letterhead": letterhead,
            "logo": f"cid:{LOGO_ID}",
            "stop_url": stop_url,
        },
    )
    ours = [LINK.sub(r"\g<label> :\n\g<address>", part) for part in (greeting, *said)]
    text = "\n\n".join([ours[0], *plain(before), *ours[1:], *plain(after)])
    footer = render_to_string("mail/footer.txt", {"site": settings.PUBLIC_URL, "stop_url": stop_url}).strip()
    return Rendered(subject, f"{text}\n\n-- \n{footer}\n", html)


@cache
def subject_decides(kind: str) -> bool:
    """Whether the subject of this kind says what was decided, and so stays as it is.

    It is then one of several, which the first line of the template chooses from.
    """
    return "{% if" in _template(kind).source.partition("\n")[0]


def _template(kind: str) -> Template:
    return cast("DjangoTemplates", engines["django"]).engine.get_template(f"mail/{kind}.txt")


def on_screen(html: str, logo_url: str) -> str:
    """The HTML of a mail for a page of ours, which carries no logo along: it is at `logo_url`."""
    return html.replace(f"cid:{LOGO_ID}", escape(logo_url))


def _block(paragraph: str) -> Block:
    link = LINK.fullmatch(paragraph)
    if link:
        return Block("link", [_line([Piece(link["label"], link["address"])])])
    lines = [line.strip() for line in paragraph.splitlines()]
    if all(line.startswith("- ") for line in lines):
        return Block("list", [_line(reached(line[2:])) for line in lines])
    return Block("text", [_line(reached(line)) for line in lines])


def _line(pieces: Iterable[Piece]) -> SafeString:
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<a href="{}">{}</a>', piece.address, piece.text) if piece.address else piece.text,)
            for piece in pieces
        ),
    )
