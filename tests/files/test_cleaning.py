"""Each bad file gets its answer, and of a good one nothing stays but what shows."""

from __future__ import annotations

import io
from collections.abc import Callable
from time import process_time
from typing import Any

import pikepdf
import pytest
from PIL import Image

from marelle.files.apart import cleaned_apart
from marelle.files.cleaning import cleaned
from marelle.files.pictures import HEAVIEST_PNG, LONGEST_SIDE
from marelle.files.rules import MAX_BYTES, MAX_PAGES, FileRefused, Kind
from tests.files import samples


def refused(content: bytes) -> str:
    with pytest.raises(FileRefused) as refusal:
        cleaned(content)
    return refusal.value.code


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def unpacked(content: bytes) -> bytes:
    """The PDF written without any compression: what it holds can be looked for."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        document.save(
            out,
            qdf=True,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xff\xd8" + b"\0" * (30 * 1024 * 1024), "too_big"),
        (samples.PAGE_OF_HTML, "unknown_kind"),
        (samples.SVG, "unknown_kind"),
        (samples.GIF_AND_HTML, "unknown_kind"),
        (b"Bonjour", "unknown_kind"),
        (b"MZ" + b"\0" * 200, "unknown_kind"),
        (b"PK\x03\x04 word/document.xml", "office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
        (samples.picture()[:200], "broken"),
        (b"%PDF-1.7\nnothing that holds", "broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused_and_why(content: bytes, code: str) -> None:
    assert refused(content) == code


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"pages": MAX_PAGES + 1}, "too_many_pages"),
        ({"change": samples.xfa}, "needs_reader"),
        ({"change": samples.crowded(3_200)}, "too_crowded"),
        ({"change": samples.crowded(420), "pages": MAX_PAGES}, "too_crowded"),
        (
            {"change": samples.many_objects, "object_stream_mode": pikepdf.ObjectStreamMode.generate},
            "too_crowded",
        ),
        ({"change": samples.many_parts}, "too_crowded"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_which_pdf_is_refused_and_why(asked: dict[str, Any], code: str) -> None:
    """Each is made in its test: they are large, and every process of a run reads this file."""
    assert refused(samples.pdf(**asked)) == code


def test_ten_megabytes_are_taken_and_one_byte_more_is_not() -> None:
    packed = samples.picture()
    assert cleaned(packed + b"\0" * (MAX_BYTES - len(packed))).kind is Kind.JPEG
    assert refused(packed + b"\0" * (MAX_BYTES - len(packed) + 1)) == "too_big"


# Pictures


def test_a_bomb_of_pixels_is_refused_before_it_is_decoded() -> None:
    assert refused(samples.lying_png(30_000, 30_000)) == "too_many_pixels"


def test_a_picture_that_lies_about_its_size_is_broken() -> None:
    assert refused(samples.lying_png(6000, 6000)) == "broken"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_that_came_along_survives(kind: str) -> None:
    before = samples.picture(kind=kind, exif=samples.exif(), comment=b"MALICE") + samples.PAGE_OF_HTML
    after = cleaned(before).content
    assert b"Fabricant" in before
    for trace in (b"Fabricant", b"MALICE", b"script", b"Exif", b"eXIf"):
        assert trace not in after
    assert not opened(after).getexif()


def test_an_iphones_picture_becomes_a_jpeg_without_its_place() -> None:
    done = cleaned(samples.HEIC)
    assert (done.kind, done.pages) == (Kind.JPEG, 1)
    assert b"Fabricant" in samples.HEIC
    assert b"Fabricant" not in done.content
    red, white = opened(done.content).getpixel((5, 5)), opened(done.content).getpixel((60, 5))
    assert red[0] > 150 > red[1]
    assert min(white) > 240


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_held_sideways_stands_up(kind: str) -> None:
    """Orientation 6: what was on the left comes on top."""
    upright = opened(cleaned(samples.picture((60, 40), kind=kind, exif=samples.exif(6))).content).convert("L")
    assert upright.size == (40, 60)
    assert upright.getpixel((20, 5)) < 60
    assert upright.getpixel((20, 55)) > 200


@pytest.mark.parametrize(
    ("mode", "kind", "color"),
    [
        ("RGB", "JPEG", (0, 0, 0)),
        ("CMYK", "JPEG", (0, 0, 0, 255)),
        ("L", "PNG", 0),
        ("1", "PNG", 0),
        ("I;16", "PNG", 0),
        ("LA", "PNG", (0, 255)),
        ("RGBA", "PNG", (0, 0, 0, 255)),
        ("RGBA", "WEBP", (0, 0, 0, 255)),
    ],
)
def test_every_mode_keeps_black_black_and_lays_transparency_on_white(
    mode: str, kind: str, color: object
) -> None:
    shown = opened(cleaned(samples.picture(mode=mode, kind=kind, color=color)).content).convert("L")
    assert shown.getpixel((5, 20)) < 40
    assert shown.getpixel((55, 20)) > 215


def test_sixteen_bits_keep_their_middle_greys() -> None:
    out = io.BytesIO()
    Image.new("I;16", (20, 20), 32768).save(out, "PNG")
    assert abs(opened(cleaned(out.getvalue()).content).convert("L").getpixel((5, 5)) - 128) < 3


def test_a_palette_with_a_transparent_colour() -> None:
    image = Image.new("P", (40, 20), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    image.paste(0, (0, 0, 20, 20))
    shown = opened(cleaned(samples.encoded(image, "PNG", transparency=1)).content).convert("RGB")
    assert (shown.getpixel((5, 5)), shown.getpixel((35, 5))) == ((0, 0, 0), (255, 255, 255))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animated_picture_the_first_image_stays(kind: str) -> None:
    first, second = Image.new("RGB", (30, 30), "red"), Image.new("RGB", (30, 30), "blue")
    shown = opened(cleaned(samples.encoded(first, kind, save_all=True, append_images=[second])).content)
    assert getattr(shown, "n_frames", 1) == 1
    red, _, blue = shown.convert("RGB").getpixel((10, 10))
    assert red > 200 > blue


def test_a_large_picture_is_made_smaller_and_a_heavy_png_becomes_a_jpeg() -> None:
    noise = Image.effect_noise((3600, 2400), 40)
    done = cleaned(samples.encoded(noise, "PNG"))
    assert done.kind is Kind.JPEG
    assert max(opened(done.content).size) == LONGEST_SIDE
    drawing = cleaned(samples.picture((2000, 1000), kind="PNG"))
    assert drawing.kind is Kind.PNG
    assert len(drawing.content) < HEAVIEST_PNG


# PDF


@pytest.mark.parametrize(
    "change",
    [
        samples.open_action,
        samples.names_tree,
        samples.embedded,
        samples.outline,
        samples.page_actions,
        samples.annotation,
        samples.tagged_link,
        samples.private_data,
        samples.file_outside,
        samples.hidden_in_resources,
    ],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "object streams"])
def test_what_acts_or_tells_goes_and_the_page_stays(
    change: Callable[[pikepdf.Pdf], None], packed: bool
) -> None:
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    before = samples.pdf(change, object_stream_mode=mode)
    assert b"MALICE" in unpacked(before)
    done = cleaned(before)
    after = unpacked(done.content)
    assert (done.kind, done.pages) == (Kind.PDF, 1)
    assert b"Bonjour" in after
    for trace in (
        b"MALICE",
        b"/JavaScript",
        b"/JS",
        b"/Launch",
        b"/URI",
        b"/OpenAction",
        b"/AA",
        b"/EmbeddedFile",
    ):
        assert trace not in after, trace


def test_a_former_version_of_a_pdf_is_left_behind() -> None:
    before = samples.updated_pdf()
    with pikepdf.open(io.BytesIO(before)) as document:
        assert "/OpenAction" not in document.Root
    assert b"MALICE" in before
    assert b"MALICE" not in unpacked(cleaned(before).content)


def test_what_stands_before_and_after_a_pdf_goes() -> None:
    after = cleaned(samples.PAGE_OF_HTML + b"\n" + samples.pdf() + b"\n" + samples.PAGE_OF_HTML).content
    assert after.startswith(b"%PDF-")
    assert b"script" not in after


def test_what_was_typed_into_a_form_becomes_the_page() -> None:
    after = unpacked(cleaned(samples.pdf(samples.form)).content)
    assert b"Camille" in after
    for trace in (b"MALICE", b"/AcroForm", b"/Annots", b"/Widget"):
        assert trace not in after


def test_a_tagged_pdf_stays_tagged() -> None:
    with pikepdf.open(io.BytesIO(cleaned(samples.pdf(samples.tagged_link)).content)) as document:
        assert document.Root.MarkInfo.Marked
        assert document.Root.Lang == "fr-FR"
        element, alone = document.Root.StructTreeRoot.K
        assert list(element.K) == [0]
        assert element.A.O == "/Layout"
        assert "/K" not in alone


def test_a_pdf_that_asks_for_a_password_is_refused() -> None:
    assert refused(samples.pdf(encryption=pikepdf.Encryption(user="a", owner="b"))) == "locked"


def test_a_pdf_that_only_forbids_copying_is_taken_and_opens_freely() -> None:
    done = cleaned(samples.pdf(encryption=pikepdf.Encryption(user="", owner="b")))
    with pikepdf.open(io.BytesIO(done.content)) as document:
        assert not document.is_encrypted
    assert b"Bonjour" in unpacked(done.content)


@pytest.mark.parametrize(("notes", "pages"), [(2_000, 1), (300, MAX_PAGES)])
def test_forms_that_are_full_of_fields_are_taken(notes: int, pages: int) -> None:
    done = cleaned(samples.pdf(samples.crowded(notes), pages=pages))
    assert done.pages == pages
    assert unpacked(done.content).count(b" Do") == notes * pages


def test_twenty_thousand_notes_are_refused_before_they_are_drawn() -> None:
    """They took the twenty seconds that a file had."""
    content = samples.pdf(samples.crowded(20_000))
    before = process_time()
    assert refused(content) == "too_crowded"
    assert process_time() - before < 1.5


def test_a_portfolio_is_not_its_cover() -> None:
    def change(document: pikepdf.Pdf) -> None:
        document.Root.Collection = pikepdf.Dictionary(Type=pikepdf.Name.Collection)

    assert refused(samples.pdf(change)) == "needs_reader"


# In a process of its own


def test_elsewhere_the_answers_are_the_same() -> None:
    assert cleaned_apart(samples.picture(kind="PNG")) == cleaned(samples.picture(kind="PNG"))
    assert cleaned_apart(samples.pdf(pages=3)).pages == 3
    with pytest.raises(FileRefused) as refusal:
        cleaned_apart(samples.SVG)
    assert refusal.value.code == "unknown_kind"
    with pytest.raises(FileRefused) as refusal:
        cleaned_apart(samples.pdf(pages=MAX_PAGES + 1))
    assert refusal.value.data == {"limit": MAX_PAGES}


def test_a_page_that_would_swell_is_never_expanded() -> None:
    content = samples.pdf_with_swelling_page()
    assert len(cleaned_apart(content).content) < len(content) + 1000


def test_a_file_that_swells_when_it_is_opened_bursts_alone() -> None:
    with pytest.raises(FileRefused) as refusal:
        cleaned_apart(samples.pdf_with_swelling_index())
    assert refusal.value.code == "broken"
