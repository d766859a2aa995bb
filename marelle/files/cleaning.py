"""Reading what was sent by its content, and keeping only what can do no harm.

A name or a type that a browser announces proves nothing, and a file may be two things at once (a picture
that is also a page): so pictures are decoded and encoded again, and a PDF is rebuilt without what acts.

Run as a program by `apart.py`: reads a file, writes one line of JSON, then the clean content.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

from marelle.files.rules import MAX_BYTES, Cleaned, FileRefused

MEMORY = 1024 * 1024 * 1024
"""In bytes: what one file may take. A picture of MAX_PIXELS fits; what swells without end does not."""

SECONDS = 10
"""Of computing. The heaviest honest file takes two."""

OFFICE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How word processors' files begin: zipped ones, then the old ones."""


def cleaned(content: bytes) -> Cleaned:
    """The content, checked and made harmless. Raises FileRefused."""
    if not content:
        raise FileRefused("empty")
    if len(content) > MAX_BYTES:
        raise FileRefused("too_big", limit=MAX_BYTES)
    if content.startswith(OFFICE):
        raise FileRefused("office")
    if b"%PDF-" in content[:1024] and not content.startswith((b"\xff\xd8", b"\x89PNG")):
        from marelle.files.pdfs import clean_pdf  # noqa: PLC0415 - each reader is loaded for its own files

        return clean_pdf(content)
    from marelle.files.pictures import clean_picture  # noqa: PLC0415

    return clean_picture(content)


def main() -> None:
    bound()
    try:
        done = cleaned(sys.stdin.buffer.read())
    except FileRefused as refusal:
        head, content = {"refused": refusal.code, **refusal.data}, b""
    else:
        head, content = {"kind": done.kind.value, "pages": done.pages}, done.content
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + content)


def bound() -> None:
    """Give this process its bounds of memory and of computing."""
    import resource  # noqa: PLC0415 - not needed, nor everywhere there, where this is only imported

    with suppress(OSError):  # where there is no such file, nothing is chosen by it
        Path("/proc/self/oom_score_adj").write_text(
            "1000"
        )  # a machine out of memory ends this, not the portal
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


if __name__ == "__main__":
    main()
