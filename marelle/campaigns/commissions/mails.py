"""The mail, or the letter, of what a commission decided. Whose home has a space reads the receipt there."""

from __future__ import annotations

from datetime import datetime

from marelle.campaigns.commissions.labels import place_text
from marelle.campaigns.models import Commission, CommissionSheet
from marelle.core.french import day_long_year, day_plain
from marelle.families.telling import tell_home
from marelle.mail.services import queue
from marelle.places.models import StructureContact

ANSWER = "campaigns/commission_answer"


def tell_sheet(commission: Commission, sheet: CommissionSheet, now: datetime) -> bool:
    """To the address of the demand; else to the adults of its home, with a letter where none has one. False
    for who has neither: the relais calls."""
    request = sheet.request
    structure = commission.structure
    contact = StructureContact.objects.filter(structure=structure).exclude(email="").first()
    context = {
        "reference": request.reference,
        "commission": commission.name,
        "outcome": sheet.outcome,
        "place": place_text(sheet.section, sheet) if sheet.section is not None else "",
        "until": day_long_year(sheet.answer_until) if sheet.answer_until is not None else "",
        "reason": sheet.reason,
        "sat_on": day_plain(commission.sits_on),
        "structure": structure.name,
        "relay_email": contact.email if contact else "",
        "relay_phone": contact.phone if contact else "",
        "at_home": request.family_id is not None,
        "authority_id": structure.authority_id,
        "to_name": request.asker_name,
    }
    if request.email:
        queue(kind=ANSWER, to=request.email, context=context, family_id=request.family_id, now=now)
        return True
    if request.family_id is None:
        return False
    return bool(tell_home(kind=ANSWER, context=context, family_id=request.family_id, now=now))
