"""Pictures, decoded and encoded again: nothing is kept of the file but its pixels."""

from __future__ import annotations

import io

from pi_heif import register_heif_opener
from PIL import Image, ImageOps, UnidentifiedImageError, WebPImagePlugin

from marelle.files.rules import MAX_PIXELS, Cleaned, FileRefused, Kind

register_heif_opener()
WebPImagePlugin  # noqa: B018
Image.MAX_IMAGE_PIXELS = None  # our own limit is lower, and refuses instead of warning

ACCEPTED = ("JPEG", "PNG", "WEBP", "HEIF")
"""What Pillow may open (a phone's MPO is a JPEG to it); anything else that it knows has no business here."""

LONGEST_SIDE = 3000
"""In pixels: an A4 page at 250 points an inch. A phone's picture is larger and no better to read."""

JPEG_QUALITY = 85
HEAVIEST_PNG = 3 * 1024 * 1024
"""In bytes. Past it a PNG is a photograph, that JPEG writes ten times smaller and as legible."""

DEEP_GREYS = ("I", "I;16", "I;16B", "I;16L", "I;16N")
"""Modes of sixteen bits a pixel, that `convert` would clip to white."""


def clean_picture(content: bytes) -> Cleaned:
    """The first picture of a file, upright, without place, date or camera. Raises FileRefused."""
    try:
        with Image.open(io.BytesIO(content), formats=ACCEPTED) as picture:
            _check_size(picture)
            return _encoded(_bare(picture), lines=picture.format == "PNG")
    except FileRefused:
        raise
    except UnidentifiedImageError as error:
        raise FileRefused("unknown_kind") from error
    except Exception as error:
        # Whatever a decoder stumbles on, the file is broken for who sent it.
        raise FileRefused("broken") from error


def _check_size(picture: Image.Image) -> None:
    """As its head tells, before anything is decoded."""
    if picture.width * picture.height > MAX_PIXELS:
        raise FileRefused("too_many_pixels", limit=MAX_PIXELS)


def _bare(picture: Image.Image) -> Image.Image:
    """The pixels alone, in greys or colours, transparency laid on white."""
    picture.draft(None, (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded smaller, four times faster
    upright = _plain(ImageOps.exif_transpose(picture))
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if upright.mode == "RGBA":
        white = Image.new("RGB", upright.size, "white")
        white.paste(upright, mask=upright.getchannel("A"))
        upright = white
    upright.info.clear()
    return upright


def _plain(picture: Image.Image) -> Image.Image:
    """In one of three modes: L, RGB, RGBA."""
    if picture.mode in DEEP_GREYS:
        return picture.point(lambda value: value / 256, "L")
    if "transparency" in picture.info or picture.mode in {"RGBA", "LA", "PA", "RGBa", "La"}:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in {"1", "L"} else "RGB")


def _encoded(picture: Image.Image, *, lines: bool) -> Cleaned:
    """`lines`: it was a PNG, as screenshots and drawings are, which JPEG would blur."""
    out = io.BytesIO()
    if lines:
        picture.save(out, "PNG")
        if out.tell() <= HEAVIEST_PNG:
            return Cleaned(out.getvalue(), Kind.PNG, 1)
        out = io.BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return Cleaned(out.getvalue(), Kind.JPEG, 1)
