"""What is wrong with the chain of the journal, in French."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.journal.rules import Why

WHY: Final[Mapping[Why, Promise]] = {
    Why.LINK_MISSING: _("un maillon manque, ou n’est plus à sa place"),
    Why.LINK_CHANGED: _("un maillon a été modifié"),
    Why.NO_PROOF: _("un maillon n’a pas de preuve faite avec la clé"),
    Why.ENTRY_MISSING: _("des actes ont été supprimés sans purge"),
    Why.ENTRY_ADDED: _("des actes ont été ajoutés après coup"),
    Why.ENTRY_CHANGED: _("un acte a été modifié"),
    Why.FOUND_BROKEN: _("une purge a trouvé des actes qui n’étaient plus ceux du sceau"),
}
