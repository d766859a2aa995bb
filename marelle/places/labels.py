"""French for the codes of authorities."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.places.rules import Conformity, conformity

CONFORMITY: Final = {
    Conformity.NONE: _("non conforme"),
    Conformity.PARTIAL: _("partiellement conforme"),
    Conformity.FULL: _("totalement conforme"),
}


def conformity_label(rate: int | None) -> Promise:
    """What the law wants said of accessibility, by the rate of the audit in percent; None without one."""
    return CONFORMITY[conformity(rate)]
