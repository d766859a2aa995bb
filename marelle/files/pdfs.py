"""PDFs, rebuilt with what shows and nothing that acts.

The lists say what stays, not what goes: a place for scripts that nobody thought of is left out too. Writing
the document again leaves behind what nothing points at, former versions of the document included.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator

import pikepdf

from marelle.files.rules import (
    MAX_CROWD,
    MAX_OBJECTS,
    MAX_PAGES,
    MAX_PARTS,
    Cleaned,
    FileRefused,
    Kind,
)

# fmt: off
ROOT_KEPT = frozenset({
    "/Type", "/Version", "/Pages", "/PageLabels", "/PageLayout", "/Lang", "/MarkInfo", "/StructTreeRoot",
    "/OCProperties",
})
PAGE_KEPT = frozenset({
    "/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox",
    "/Contents", "/Rotate", "/Group", "/StructParents", "/Tabs", "/UserUnit",
})
TREE_KEPT = frozenset({
    "/Type", "/Parent", "/Kids", "/Count", "/Resources", "/MediaBox", "/CropBox", "/Rotate",
})
TRAILER_KEPT = frozenset({"/Root", "/Size", "/ID"})

NOWHERE = frozenset({
    "/AA", "/OpenAction", "/JS", "/JavaScript", "/Launch", "/URI", "/XFA", "/RichMediaContent", "/EF", "/AF",
    "/RF", "/PieceInfo", "/Metadata", "/LastModified", "/OPI", "/Ref", "/Alternates",
})
"""Keys with no business in any dictionary: what acts, files inside, private data, what is in another file."""

OUTSIDE = frozenset({"/F", "/FFilter", "/FDecodeParms"})
"""Keys of a stream whose content would be read from another file."""

ACTIONS = frozenset({
    "/JavaScript", "/Launch", "/URI", "/GoTo", "/GoToR", "/GoToE", "/GoToDp", "/Named", "/Hide", "/Thread",
    "/SubmitForm", "/ResetForm", "/ImportData", "/Movie", "/Sound", "/Rendition", "/Trans", "/SetOCGState",
    "/GoTo3DView", "/RichMediaExecute",
})
# fmt: on


def clean_pdf(content: bytes) -> Cleaned:
    """The same pages, tagged as they were; nothing that acts or tells who made it. Raises FileRefused."""
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            return _rebuilt(document)
    except FileRefused:
        raise
    except pikepdf.PasswordError as error:
        raise FileRefused("locked") from error
    except Exception as error:
        # Whatever the reader stumbles on, the file is broken for who sent it.
        raise FileRefused("broken") from error


def _rebuilt(document: pikepdf.Pdf) -> Cleaned:
    """A document that only forbids printing or copying opens without a password, and is taken."""
    pages = len(document.pages)
    if not pages:
        raise FileRefused("broken")
    if pages > MAX_PAGES:
        raise FileRefused("too_many_pages", limit=MAX_PAGES)
    if "/Collection" in document.Root or document.Root.get("/NeedsRendering", False):
        raise FileRefused("needs_reader")
    _check_crowd(document)
    _print_forms(document)
    _keep_only(document.trailer, TRAILER_KEPT)
    _keep_only(document.Root, ROOT_KEPT)
    for page in document.pages:
        _keep_only(page.obj, PAGE_KEPT)
        _keep_ancestors(page.obj)
    for dictionary in _dictionaries(document.objects):
        _disarm(dictionary)
    out = io.BytesIO()
    # Streams are copied as they are: one that would swell to gigabytes is never opened.
    # The same file sent again is kept the same, byte for byte, whatever the hour.
    document.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.none, deterministic_id=True)
    return Cleaned(out.getvalue(), Kind.PDF, pages)


def _check_crowd(document: pikepdf.Pdf) -> None:
    """Before anything long is done. Raises FileRefused, "too_crowded"."""
    crowd = sum(_length(page.obj.get("/Annots")) ** 2 for page in document.pages)
    if crowd > MAX_CROWD or len(document.objects) > MAX_OBJECTS:
        raise FileRefused("too_crowded")


def _length(value: object) -> int:
    return len(value) if isinstance(value, pikepdf.Array) else 0


def _print_forms(document: pikepdf.Pdf) -> None:
    """What was typed into a form becomes part of the page: without this it would come back empty."""
    form = document.Root.get("/AcroForm")
    if form is not None and form.get("/NeedAppearances", False):
        document.generate_appearance_streams()
    document.flatten_annotations("screen")


def _keep_ancestors(page: pikepdf.Object) -> None:
    node, seen = page.get("/Parent"), set()
    while node is not None and node.objgen not in seen:
        seen.add(node.objgen)
        _keep_only(node, TREE_KEPT)
        node = node.get("/Parent")


def _dictionaries(things: Iterable[pikepdf.Object]) -> Iterator[pikepdf.Object]:
    """The dictionaries written inside objects, each once. Raises FileRefused, "too_crowded"."""
    parts = 0
    for thing in things:
        waiting = [thing]
        while waiting:
            current = waiting.pop()
            if isinstance(current, pikepdf.Dictionary | pikepdf.Stream):
                yield current
                inside = [current.get(key) for key in list(current.keys())]
            elif isinstance(current, pikepdf.Array):
                inside = list(current)
            else:
                continue
            parts += len(inside)
            if parts > MAX_PARTS:
                raise FileRefused("too_crowded")
            found = [value for value in inside if isinstance(value, pikepdf.Object)]
            waiting.extend(part for part in found if not part.is_indirect)


def _disarm(dictionary: pikepdf.Object) -> None:
    keys = set(dictionary.keys())
    gone = NOWHERE | OUTSIDE if isinstance(dictionary, pikepdf.Stream) else NOWHERE
    for key in keys & gone:
        del dictionary[key]
    if "/A" in keys and _is_action(dictionary["/A"]):
        del dictionary["/A"]  # elsewhere /A holds attributes of a tagged text
    if "/K" in keys:
        _forget_annotations(dictionary)


def _is_action(value: pikepdf.Object) -> bool:
    return isinstance(value, pikepdf.Dictionary) and str(value.get("/S", "")) in ACTIONS


def _forget_annotations(element: pikepdf.Object) -> None:
    """Tags lead to their links by references, which would keep the links in the file."""
    kids = element["/K"]
    if isinstance(kids, pikepdf.Array):
        kept = [kid for kid in kids if not _is_reference(kid)]
        if len(kept) < len(kids):
            element["/K"] = pikepdf.Array(kept)
    elif _is_reference(kids):
        del element["/K"]


def _is_reference(value: object) -> bool:
    return isinstance(value, pikepdf.Dictionary) and value.get("/Type") == pikepdf.Name.OBJR


def _keep_only(dictionary: pikepdf.Object, kept: Collection[str]) -> None:
    for key in set(dictionary.keys()) - set(kept):
        del dictionary[key]
