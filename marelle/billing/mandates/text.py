"""The words of a mandate: as the SEPA Core rulebook has them in French. Pure.

A home accepts them as they stand; what was accepted is kept. Whoever changes a word changes `VERSION`.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from marelle.billing.mandates.rules import Account, Creditor
from marelle.core.french import day_plain

VERSION: Final = "2026-1"

TEXT: Final = """Mandat de prélèvement SEPA

Référence unique du mandat (RUM)\u00a0: {rum}
Type de paiement\u00a0: récurrent

Créancier\u00a0: {creditor}
{creditor_address}
Identifiant créancier SEPA (ICS)\u00a0: {ics}

Titulaire du compte à débiter\u00a0: {holder}
{holder_address}
Compte à débiter\u00a0: IBAN finissant par {last_digits}

En acceptant ce mandat, vous autorisez {creditor}, par son comptable public, à envoyer des instructions à \
votre banque pour débiter votre compte, et votre banque à débiter votre compte conformément aux \
instructions de {creditor}.

Vous bénéficiez du droit d’être remboursé par votre banque suivant les conditions décrites dans la \
convention que vous avez passée avec elle. Une demande de remboursement doit être présentée dans les \
8 semaines suivant la date de débit de votre compte pour un prélèvement autorisé, et dans les 13 mois pour \
un prélèvement non autorisé.

Chaque facture vous dit à l’avance le montant prélevé et la date. Vous pouvez arrêter ce mandat à tout \
moment, dans votre espace famille ou auprès de {creditor}.

Fait le {day}.
"""


def mandate_text(account: Account, creditor: Creditor, *, rum: str, day: date) -> str:
    """Whole but for the account, of which it says the end: the account itself is kept sealed beside it."""
    town = f"{account.postal_code} {account.city}"
    return TEXT.format(
        rum=rum,
        creditor=creditor.name,
        creditor_address=creditor.address,
        ics=creditor.ics,
        holder=account.holder,
        holder_address=", ".join(filter(None, (account.street, town, account.country))),
        last_digits=account.last_digits,
        day=day_plain(day),
    )
