"""The text of a PDF, read through the maps of its fonts: enough for documents that Marelle makes."""

from __future__ import annotations

import io
import re

import pikepdf

CODES = re.compile(rb"<([0-9A-Fa-f]+)>")


def text_of(content: bytes, password: str = "") -> str:
    """All that is shown, page after page, in the order in which it is drawn, spaces tidied."""
    with pikepdf.open(io.BytesIO(content), password=password) as document:
        parts = [part for page in document.pages for part in _page(page)]
    return re.sub(r"[\s\u00a0\u202f]+", " ", "".join(parts))


def _page(page: pikepdf.Page) -> list[str]:
    fonts = {name: _map(font) for name, font in page.obj.Resources.get("/Font", {}).items()}
    font: dict[int, str] = {}
    parts: list[str] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "Tf":
                font = fonts[str(operands[0])]
            case "Tj":
                parts.append(_shown(operands[0], font))
            case "TJ":
                parts += [_shown(one, font) for one in operands[0] if isinstance(one, pikepdf.String)]
            case "ET" | "Tm" | "Td":
                parts.append(" ")
    return parts


def _shown(string: pikepdf.String, font: dict[int, str]) -> str:
    raw = bytes(string)
    codes = [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
    return "".join(font.get(code, "") for code in codes)


def _map(font: pikepdf.Object) -> dict[int, str]:
    """Of a font with codes of two bytes: the letters of each."""
    found: dict[int, str] = {}
    source = bytes(font.ToUnicode.read_bytes())
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", source, re.DOTALL):
        codes = CODES.findall(block)
        found.update(
            {int(code, 16): _letters(word) for code, word in zip(codes[::2], codes[1::2], strict=True)}
        )
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", source, re.DOTALL):
        for first, last, word in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            start = _letters(word)
            for offset, code in enumerate(range(int(first, 16), int(last, 16) + 1)):
                found[code] = start[:-1] + chr(ord(start[-1]) + offset)
    return found


def _letters(word: bytes) -> str:
    return bytes.fromhex(word.decode()).decode("utf-16-be")
