"""Files in French: limits told before, refusals told after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.files.models import StoredFile
from marelle.files.rules import MAX_BYTES, MAX_PAGES, MEGABYTE, FileRefused, Scan, not_seen

NOT_SEEN: Final[dict[str, Promise]] = {
    "file_waiting": gettext_lazy(
        "Un fichier est encore en cours de vérification\u00a0: vous pourrez accepter une fois qu’il s’ouvre."
    ),
    "file_destroyed": gettext_lazy(
        "Un virus a été trouvé dans un fichier, qui a été détruit\u00a0: il ne peut pas être accepté. La "
        "famille en est prévenue. Si elle n’en envoie pas d’autre, refusez-le en demandant une photo."
    ),
}
"""By the code of a `NotSeen`: why an agent cannot accept, and what to do."""


def not_seen_text(files: Iterable[StoredFile]) -> str:
    """Why what rests on these files cannot be accepted; "" where it can."""
    code = not_seen({stored.scan for stored in files})
    return str(NOT_SEEN[code]) if code else ""


def limits_text(*, files: int = 1) -> str:
    """What may be sent, in a sentence or two, for beside the field. `files`: how many, at most."""
    told = {"size": MAX_BYTES // MEGABYTE, "pages": MAX_PAGES, "n": files}
    if files > 1:
        each = _("Des photos ou des PDF, de %(size)d Mo au plus chacun (%(pages)d pages).")
        return f"{each % told} {_('%(n)d fichiers au plus.') % told}"
    return _("Une photo ou un PDF, de %(size)d Mo au plus (%(pages)d pages).") % told


def size_text(size: int) -> str:
    """ "320 Ko", "1,4 Mo"."""
    if size < MEGABYTE:
        return _("%(n)d Ko") % {"n": max(1, round(size / 1024))}
    return _("%(n)s Mo") % {"n": f"{size / MEGABYTE:.1f}".replace(".", ",")}


def held_text(stored: StoredFile | None, *, to_sender: bool) -> str:
    """Why a file is not opened; "" where it is, or where there is none."""
    return detail_text(stored, to_sender=to_sender) if stored is not None and stored.is_held else ""


def detail_text(stored: StoredFile, *, to_sender: bool) -> str:
    """Beside the name of a file: its size, or why it is not opened. `to_sender`: to who can send another."""
    if not stored.is_held:
        return size_text(stored.size)
    if stored.scan == Scan.WAITING:
        return _("fichier en cours de vérification")
    if to_sender:
        return _("détruit : un virus y a été trouvé. Envoyez-en un autre, par exemple une photo.")
    return _("détruit : un virus y a été trouvé")


def file_refused_text(refusal: FileRefused) -> str:
    """Why a file was refused, and what to do."""
    told: dict[str, Any] = {"size": MAX_BYTES // MEGABYTE, "pages": MAX_PAGES}
    return {
        "empty": _("Ce fichier est vide : choisissez-en un autre."),
        "store_away": _(
            "Nous ne pouvons pas garder de fichier pour le moment : choisissez-le à nouveau dans quelques "
            "minutes. Le reste de votre saisie est là."
        ),
        "too_big": _("Ce fichier est trop lourd : %(size)d Mo au plus. Une photo suffit souvent.") % told,
        "unknown_kind": _("Ce fichier n’est ni un PDF ni une photo : envoyez un PDF, un JPEG ou un PNG."),
        "broken": _("Ce fichier ne s’ouvre pas : enregistrez-le à nouveau, ou prenez une photo."),
        "office": _(
            "Ce document n’est pas un PDF : dans votre logiciel, choisissez « Enregistrer au format PDF », "
            "puis envoyez ce PDF."
        ),
        "needs_reader": _(
            "Ce PDF ne s’ouvre que dans un logiciel particulier : imprimez-le en PDF, ou prenez une photo."
        ),
        "too_crowded": _(
            "Ce fichier est trop chargé pour être vérifié : imprimez-le en PDF, ou prenez une photo."
        ),
        "busy": _("Beaucoup de fichiers arrivent en ce moment : renvoyez celui-ci dans une minute."),
        "own_busy": _(
            "Vos autres fichiers sont encore en cours de vérification : renvoyez celui-ci dans une minute."
        ),
        "spent": _(
            "Vos derniers fichiers ont été longs à vérifier : renvoyez celui-ci dans %(minutes)d minutes."
        )
        % {"minutes": refusal.data.get("minutes", 0)},
        "unscanned": _(
            "Les virus ne peuvent pas être recherchés pour le moment : renvoyez ce fichier dans quelques "
            "minutes."
        ),
        "infected": _(
            "Un virus a été trouvé dans ce fichier : rien n’en a été gardé. Choisissez-en un autre, par "
            "exemple une photo."
        ),
        "locked": _("Ce PDF est protégé par un mot de passe : enregistrez-le sans, ou prenez une photo."),
        "too_many_pixels": _("Cette image est trop grande : prenez une photo ordinaire."),
        "too_many_pages": _("Ce PDF a plus de %(pages)d pages : envoyez seulement celles qui sont demandées.")
        % told,
    }[refusal.code]
