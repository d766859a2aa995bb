"""What the journal tells of files of invoices, and of what moves in from another software, in French."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OF_FILES: Final[Mapping[str, str | Promise]] = {
    "invoices.pdfs_imported": _("PDF de factures importés : {label}"),
    "invoices.payments_imported": _("Paiements importés : {label}"),
    "invoices.returns_imported": _("Retour du Trésor importé\u00a0: {label}"),
    "invoices.import_undone": _("Import annulé\u00a0: {label}"),
    "invoices.balances_imported": _("Soldes d’un autre logiciel importés\u00a0: {label}"),
    "invoices.reminders_allowed": _("Reprises d’un autre logiciel, relances permises\u00a0: {label}"),
    "invoices.past_imported": _("Dernières factures d’un autre logiciel importées\u00a0: {label}"),
    "invoices.mandates_imported": _("Mandats d’un autre logiciel importés\u00a0: {label}"),
    "mandate.brought": _("Mandat de prélèvement repris d’un autre logiciel\u00a0: {label}"),
}
