"""Reading what was sent by its content, and keeping only what can do no harm.

A name or a type that a browser announces proves nothing, and a file may be two things at once (a picture
that is also a page): so pictures are decoded and encoded again, and a PDF is rebuilt without what acts.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable

import pikepdf
import puremagic
from pi_heif import register_heif_opener
from PIL import Image, ImageOps, UnidentifiedImageError

from marelle.files.rules import MAX_BYTES, MAX_PAGES, MAX_PIXELS, Cleaned, FileRefused, Kind

register_heif_opener()

PICTURES = ("JPEG", "PNG", "WEBP", "HEIF", "MPO")
"""What Pillow may open; anything else that it knows has no business here."""

JPEG_QUALITY = 85
LONGEST_SIDE = 3000
"""In pixels: an A4 page at 250 points an inch. A phone's picture is twice that and no better to read."""

ACTS = ("/OpenAction", "/AA", "/AcroForm", "/Collection", "/URI")
NAMES_THAT_ACT = ("/JavaScript", "/EmbeddedFiles", "/AlternatePresentations")
PAGE_KEYS_THAT_ACT = ("/AA", "/PresSteps")


def cleaned(content: bytes) -> Cleaned:
    """The content, checked and made harmless. Raises FileRefused."""
    if not content:
        raise FileRefused("empty")
    if len(content) > MAX_BYTES:
        raise FileRefused("too_big", limit=MAX_BYTES)
    if looks_like_pdf(content):
        return _pdf(content)
    return _picture(content)


def looks_like_pdf(content: bytes) -> bool:
    try:
        return any(found.mime_type == Kind.PDF.value for found in puremagic.magic_string(content[:4096]))
    except (puremagic.PureError, ValueError):
        return False


def _picture(content: bytes) -> Cleaned:
    try:
        return _decoded(content)
    except FileRefused:
        raise
    except UnidentifiedImageError as error:
        raise FileRefused("unknown_kind") from error
    except Image.DecompressionBombError as error:
        raise FileRefused("too_many_pixels", limit=MAX_PIXELS) from error
    except Exception as error:
        # Whatever a decoder stumbles on, the file is broken for who sent it.
        raise FileRefused("broken") from error


def _decoded(content: bytes) -> Cleaned:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(content), formats=PICTURES) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise FileRefused("too_many_pixels", limit=MAX_PIXELS)
            return _encoded(picture)


def _encoded(picture: Image.Image) -> Cleaned:
    """Encoded again from its pixels alone, upright: no place, no camera, nothing after its end."""
    keeps_lines = picture.format == "PNG"
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    flat = upright.convert(
        "RGBA" if "transparency" in upright.info or upright.mode in {"RGBA", "LA"} else "RGB"
    )
    if flat.mode == "RGBA":
        white = Image.new("RGB", flat.size, "white")
        white.paste(flat, mask=flat.getchannel("A"))
        flat = white
    bare = Image.new("RGB", flat.size)
    bare.paste(flat)
    out = io.BytesIO()
    if keeps_lines:
        bare.save(out, "PNG", optimize=True)
        return Cleaned(out.getvalue(), Kind.PNG, 1)
    bare.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return Cleaned(out.getvalue(), Kind.JPEG, 1)


def _pdf(content: bytes) -> Cleaned:
    try:
        return _rebuilt(content)
    except FileRefused:
        raise
    except pikepdf.PasswordError as error:
        raise FileRefused("locked") from error
    except Exception as error:
        raise FileRefused("broken") from error


def _rebuilt(content: bytes) -> Cleaned:
    with pikepdf.open(io.BytesIO(content)) as document:
        if document.is_encrypted:
            raise FileRefused("locked")
        pages = len(document.pages)
        if not pages:
            raise FileRefused("broken")
        if pages > MAX_PAGES:
            raise FileRefused("too_many_pages", limit=MAX_PAGES)
        _disarm(document)
        out = io.BytesIO()
        document.save(out)
        return Cleaned(out.getvalue(), Kind.PDF, pages)


def _disarm(document: pikepdf.Pdf) -> None:
    """Take out what acts (scripts, launches, forms, attached files) and what tells who made it."""
    _without(document.Root, ACTS)
    if "/Names" in document.Root:
        _without(document.Root.Names, NAMES_THAT_ACT)
    for page in document.pages:
        _without(page.obj, PAGE_KEYS_THAT_ACT)
        if "/Annots" in page.obj:
            del page.obj["/Annots"]
    if "/Metadata" in document.Root:
        del document.Root["/Metadata"]
    if "/Info" in document.trailer:
        del document.trailer["/Info"]


def _without(dictionary: pikepdf.Object, keys: Iterable[str]) -> None:
    for key in keys:
        if key in dictionary:
            del dictionary[key]
