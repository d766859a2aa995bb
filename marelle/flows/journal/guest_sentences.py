"""What the journal tells of guests who read bills or come to mornings, in French."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OF_GUESTS: Final[Mapping[str, str | Promise]] = {
    "payer_access.given": _("Accès aux factures d’un payeur donné : {label}"),
    "payer_access.ended": _("Accès aux factures d’un payeur arrêté : {label}"),
    "payer_access.erased": _("Données d’un accès de payeur effacées : {label}"),
    "payer_access.purged": _("Données d’un accès de payeur effacées après leur délai"),
    "payer_access.read": _("Facture lue par son payeur : {label}"),
    "childminder.added": _("Assistante maternelle ajoutée : {label}"),
    "childminder.changed": _("Assistante maternelle modifiée : {label}"),
    "childminder.stopped": _("Assistante maternelle retirée : {label}"),
    "childminder.erased": _("Données d’une assistante maternelle effacées : {label}"),
    "childminder.purged": _("Données d’une assistante maternelle effacées après leur délai"),
    "childminder_access.given": _("Accès aux matinées donné à une assistante maternelle : {label}"),
    "childminder_access.ended": _("Accès d’une assistante maternelle arrêté : {label}"),
    "childminder_access.erased": _("Données d’un accès d’assistante maternelle effacées : {label}"),
    "childminder_access.purged": _("Données d’un accès d’assistante maternelle effacées après leur délai"),
}
