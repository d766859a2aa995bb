"""Files as families send them, and as they should not: made here, so that each says what is in it."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

SCRIPT = b"<script>alert(1)</script>"
PAGE_OF_HTML = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
GIF_AND_HTML = b"GIF89a/*\x00\x00\x00\x00" + PAGE_OF_HTML + b"*/=1;"


def picture(
    size: tuple[int, int] = (60, 40), mode: str = "RGB", color: Any = None, kind: str = "JPEG", **options: Any
) -> bytes:
    """Its left half is of `color`, black where none is given, its right half white."""
    white = {"RGB": (255, 255, 255), "RGBA": (0, 0, 0, 0), "CMYK": (0, 0, 0, 0), "I;16": 65535, "LA": (0, 0)}
    image = Image.new(mode, size, white.get(mode, 255))
    image.paste(color or 0, (0, 0, size[0] // 2, size[1]))
    return encoded(image, kind, **options)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation: int = 1) -> bytes:
    """With the place where it was taken."""
    told = Image.Exif()
    told[0x0112] = orientation
    told[0x010F] = "Fabricant"
    told.get_ifd(0x8825).update({1: "N", 2: (47.0, 19.0, 0.0), 3: "E", 4: (5.0, 2.0, 0.0)})
    return told.tobytes()


HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ADRpbG9jAAAAAERAAAIAAQAAAAAB4gABAAAAAAAAAKsAAgAAAAACjQABAAAAAAAAAHAAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAA"
    "kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh"
    "cAAAAEAAAAABAAAAIAAAAAEAAAAAAAAAAv///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAA"
    "ABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAABI21kYXQAAACnKAGvCeA5IyS///oxv//4Rp5D9rmFwTj/pAgH34ZI//5+51EY1iyl"
    "aSuM0Qzj19NSlZUQ+UsVYjHfCpwn3hTZAxPge7BL+Wq9XwL6BYlnGD/Nf1FkzXTVgIIj8Axtz31bDHyjewmVqoSgxG1a5FddB618"
    "4iGmeDty2Za0TG+4y2Rroh8CTtS7tBYRXU6d8+9ipqb8IYnA+5v1aGTAoYjzF8o4pjfpqi8AAAAGRXhpZgAATU0AKgAAAAgAAgEP"
    "AAIAAAAKAAAAJoglAAQAAAABAAAAMAAAAABGYWJyaWNhbnQAAAIAAQACAAAAAk4AAAAAAgAFAAAAAwAAAE4AAAAAAAAALwAAAAEA"
    "AAATAAAAAQAAAAAAAAAB"
)
"""A red half and a white one, 64 by 32, with a maker and a place. The library reads it and writes none."""


def lying_png(width: int, height: int) -> bytes:
    """A small picture whose head announces another size."""
    content = bytearray(picture(kind="PNG"))
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


def pdf(change: Callable[[Pdf], None] | None = None, *, pages: int = 1, **save: Any) -> bytes:
    """Pages with a word on each; `change` adds what is under test."""
    document = pikepdf.new()
    for number in range(pages):
        page = document.add_blank_page(page_size=(300, 300))
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        page.Contents = document.make_stream(b"BT /F1 24 Tf 20 200 Td (Bonjour %d) Tj ET" % number)
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def script() -> Dictionary:
    return Dictionary(Type=Name.Action, S=Name.JavaScript, JS=String("app.alert('MALICE')"))


def launch() -> Dictionary:
    return Dictionary(S=Name.Launch, F=String("MALICE.exe"))


def link() -> Dictionary:
    return Dictionary(S=Name.URI, URI=String("https://malice.example/MALICE"))


def open_action(document: Pdf) -> None:
    document.Root.OpenAction = script()


def names_tree(document: Pdf) -> None:
    leaf = document.make_indirect(Dictionary(Names=Array([String("a"), document.make_indirect(script())])))
    document.Root.Names = Dictionary(JavaScript=Dictionary(Kids=Array([leaf])))


def embedded(document: Pdf) -> None:
    document.attachments["MALICE.exe"] = b"MALICE in a file"


def outline(document: Pdf) -> None:
    item = document.make_indirect(Dictionary(Title=String("MALICE"), A=launch()))
    document.Root.Outlines = document.make_indirect(
        Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1)
    )
    item.Parent = document.Root.Outlines


def page_actions(document: Pdf) -> None:
    document.pages[0].obj.AA = Dictionary(O=script())
    document.pages[0].obj.Parent.AA = Dictionary(O=script())


def annotation(document: Pdf) -> None:
    action = link()
    action.Next = Array([launch()])
    note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
    document.pages[0].obj.Annots = Array([document.make_indirect(note)])


def tagged_link(document: Pdf) -> None:
    """A tagged text whose tree leads to a link, as word processors write them."""
    annotation(document)
    note = document.pages[0].obj.Annots[0]
    tree = document.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    reference = Dictionary(Type=Name.OBJR, Obj=note, Pg=document.pages[0].obj)
    element = Dictionary(
        Type=Name.StructElem, S=Name.Link, P=tree, K=Array([0, reference]), A=Dictionary(O=Name.Layout)
    )
    alone = Dictionary(Type=Name.StructElem, S=Name.Link, P=tree, K=reference)
    tree.K = Array([document.make_indirect(element), document.make_indirect(alone)])
    document.Root.StructTreeRoot = tree
    document.Root.MarkInfo = Dictionary(Marked=True)
    document.Root.Lang = String("fr-FR")


def form(document: Pdf, typed: str = "Camille", **more: Any) -> None:
    """A form with a field filled in, and a script when it is left."""
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    field = document.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("prenom"), V=String(typed), F=4,
            Rect=Array([20, 20, 200, 50]), DA=String("/F1 12 Tf 0 g"), AA=Dictionary(K=script()),
        )
    )  # fmt: skip
    document.pages[0].obj.Annots = Array([field])
    document.Root.AcroForm = Dictionary(
        Fields=Array([field]), NeedAppearances=True, DR=Dictionary(Font=Dictionary(F1=font)), **more
    )


def crowded(notes: int) -> Callable[[Pdf], None]:
    """Stamps on each page, with what they look like: each is drawn into the page."""

    def change(document: Pdf) -> None:
        look = document.make_stream(b"0 0 9 9 re f")
        look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 9, 9])
        for page in document.pages:
            page.obj.Annots = Array(
                document.make_indirect(
                    Dictionary(
                        Type=Name.Annot, Subtype=Name.Stamp, F=4,
                        Rect=Array([at % 300, 0, at % 300 + 9, 9]), AP=Dictionary(N=look),
                    )
                )
                for at in range(notes)
            )  # fmt: skip

    return change


def many_objects(document: Pdf) -> None:
    inside = Array(document.make_indirect(Dictionary(A=1)) for _ in range(200_001))
    document.pages[0].obj.Resources.Properties = Dictionary(X=inside)


def many_parts(document: Pdf) -> None:
    document.pages[0].obj.Resources.Properties = Dictionary(X=Array(range(1_000_001)))


def xfa(document: Pdf) -> None:
    form(document, XFA=document.make_stream(b"<xdp>MALICE</xdp>"))
    document.Root.NeedsRendering = True


def private_data(document: Pdf) -> None:
    document.docinfo["/Author"] = "MALICE"
    document.Root.Metadata = document.make_stream(b"<x>MALICE</x>")
    document.pages[0].obj.PieceInfo = Dictionary(App=Dictionary(Private=String("MALICE")))
    document.trailer["/MALICE"] = String("MALICE")


def file_outside(document: Pdf) -> None:
    """A stream whose content the reader would fetch, and a picture with another in its place for printing."""
    stream = document.make_stream(b"")
    stream.F = String("//malice.example/MALICE")
    stream.Alternates = Array([Dictionary(Image=document.make_stream(b"MALICE"))])
    document.pages[0].obj.Resources.XObject = Dictionary(X=stream)


def hidden_in_resources(document: Pdf) -> None:
    deep: Any = Dictionary(A=script(), JS=String("MALICE"))
    for _ in range(30):
        deep = Dictionary(Inside=Array([deep]))
    document.pages[0].obj.Resources.Properties = deep


def swelling() -> bytes:
    """Four gigabytes of spaces in four megabytes."""
    packer = zlib.compressobj(9)
    spaces = b" " * (1 << 20)
    first, again = (packer.compress(spaces) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * 4095 + packer.flush()


def pdf_with_swelling_page() -> bytes:
    def change(document: Pdf) -> None:
        stream = Stream(document, b"")
        stream.write(swelling(), filter=Name.FlateDecode)
        document.pages[0].obj.Contents = document.make_indirect(stream)

    return pdf(change, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def pdf_with_swelling_index() -> bytes:
    """The table of its objects is what swells: whoever opens the file must expand it."""
    packed = swelling()
    head = b"%PDF-1.5\n"
    index = b"5 0 obj<</Type/XRef/Size 6/W[1 4 2]/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(
        packed
    )
    return head + index + packed + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % len(head)


def pdf_with_endless_index() -> bytes:
    """Its table of objects in 140 parts of 64 MB: little memory, and more seconds than a file may have."""
    packer = zlib.compressobj(9)
    zeros = bytes(1 << 20)
    first, again = (packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    packed = first + again * 63 + packer.flush()
    whole, before = b"%PDF-1.5\n", b""
    for _part in range(140):
        at = len(whole)
        head = b"5 0 obj<</Type/XRef/Size 6/W[1 4 2]/Root 1 0 R%s/Filter/FlateDecode/Length %d>>stream\n"
        whole += head % (before, len(packed)) + packed + b"\nendstream endobj\n"
        before = b"/Prev %d" % at
    return whole + b"startxref\n%d\n%%%%EOF" % at


def updated_pdf() -> bytes:
    """A second version appended to a first that held something else."""
    first = pdf(open_action)
    with pikepdf.open(io.BytesIO(first)) as document:
        root, pages, size = document.Root.objgen[0], document.Root.Pages.objgen[0], int(document.trailer.Size)
    body = b"\n%d 0 obj<</Type/Catalog/Pages %d 0 R>>endobj\n" % (root, pages)
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF" % (
        root, len(first) + 1, size, root, int(first.rsplit(b"startxref", 1)[1].split()[0]),
        len(first) + len(body),
    )  # fmt: skip
    return first + body + table
