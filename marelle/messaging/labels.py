"""Messages and news in French: what was refused, and where a thread stands."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.refusals import Refusal
from marelle.files.labels import file_refused_text
from marelle.files.rules import FileRefused

FIXED: dict[str, str | Promise] = {
    "empty": gettext_lazy("Écrivez quelques mots avant d’envoyer."),
    "not_yours": gettext_lazy("Choisissez un destinataire dans la liste."),
    "own_file": gettext_lazy("C’est un message de votre propre famille : un autre agent doit y répondre."),
    "over_already": gettext_lazy("Cette date est passée : choisissez aujourd’hui ou plus tard."),
}


def refusal_text(refusal: Refusal) -> str:
    """One sentence that says what to change."""
    if isinstance(refusal, FileRefused):
        return file_refused_text(refusal)
    if refusal.code == "too_long":
        return _("C’est trop long : {limit} signes au plus.").format(limit=refusal.data["limit"])
    if refusal.code == "too_many_files":
        return _("{limit} fichiers au plus par message.").format(limit=refusal.data["limit"])
    return str(FIXED[refusal.code])
