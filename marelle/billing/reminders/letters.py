"""Letters of reminders as one PDF to print (PDF/UA-1): from rows alone, so that it is the same each time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from django.db.models import Prefetch
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from marelle.billing.models import Reminder, ReminderBill, ReminderRun, Treasury
from marelle.billing.pdf import PAYFIP, sender_lines
from marelle.billing.reminders.mails import paragraphs
from marelle.billing.selectors import HowToPay, how_to_pay
from marelle.core.french import day_plain, euros_text, join_and, month_text
from marelle.core.money import ZERO
from marelle.files.typeset import typeset
from marelle.mail.letterhead import Letterhead
from marelle.places.models import Authority

TEMPLATE: Final = Path(__file__).parent.parent / "typst" / "reminder.typ"
AT_ONCE: Final = 500
"""Letters of one PDF."""


def head_of(authority: Authority, letterhead: Letterhead) -> dict[str, Any]:
    """What stands on each letter of a run beside its own words, to be kept as JSON."""
    [way] = how_to_pay([authority.pk])
    return {
        "name": authority.name,
        "lines": sender_lines(authority),
        "colour": letterhead.ground,
        "pay": paragraphs(way.treasury.how_to_pay) if way.treasury else [],
        "payfip": way.treasury.payfip if way.treasury else "",
        "treasury": _treasury(way.treasury) if way.treasury else "",
        "known": _known(way),
        "ask": _ask(authority),
        "signed": f"{way.treasury.signatory}, {way.treasury.signatory_capacity}" if way.treasury else "",
    }


def letters_pdf(run: ReminderRun, part: int = 1) -> bytes | None:
    """The `part`-th `AT_ONCE` of them; None where there are none. The same rows give the same bytes."""
    bills = Prefetch("bills", ReminderBill.objects.select_related("invoice").order_by("due_on", "pk"))
    letters = run.reminders.filter(letter=True).order_by("pk").prefetch_related(bills)
    rows = list(letters[(part - 1) * AT_ONCE : part * AT_ONCE]) if part > 0 else []
    if not rows:
        return None
    said = {
        "title": _("Relances du %(day)s") % {"day": day_plain(run.day)},
        "page": _("page"),
        "colour": run.head["colour"],
        "authority": {"name": run.head["name"], "lines": run.head["lines"]},
        "letters": [_letter(run, row, list(row.bills.all())) for row in rows],
    }
    return typeset(TEMPLATE, said, logo=bytes(run.logo), made_at=run.made_at)


def _letter(run: ReminderRun, row: Reminder, bills: Sequence[ReminderBill]) -> dict[str, Any]:
    head = run.head
    return {
        "heading": row.title,
        "addressee": {"name": row.name, "lines": row.lines},
        "facts": [
            (_("Le"), day_plain(run.day)),
            (_("Votre référence") if row.payer_id else _("Dossier famille"), row.reference),
        ],
        "due": [_("Reste à payer"), euros_text(_sum(bills))],
        "hello": _("Madame, Monsieur,"),
        "paragraphs": paragraphs(row.text),
        "columns": [_("Facture"), _("Mois"), _("À payer avant le"), _("Reste à payer")],
        "rows": [
            [
                one.invoice.number,
                str(capfirst(month_text(one.month))),
                day_plain(one.due_on),
                euros_text(one.left),
            ]
            for one in bills
        ],
        "total": [_("Total à payer"), euros_text(_sum(bills))],
        "pay": {
            "title": _("Comment payer"),
            "online": _online(head["payfip"], bills),
            "paragraphs": head["pay"],
            "place": [_("Trésor public"), head["treasury"]] if head["treasury"] else [],
        },
        "ask": {
            "title": _("Une question\u00a0?"),
            "paragraphs": [one for one in (head["ask"], head["known"]) if one],
        },
        "signed": head["signed"],
    }


def _online(payfip: str, bills: Iterable[ReminderBill]) -> dict[str, Any]:
    numbers = [one.invoice.debt_reference for one in bills if one.invoice.debt_reference]
    if not (payfip and numbers):
        return {}
    return {
        "title": _("En ligne"),
        "site": PAYFIP,
        "facts": [
            (_("Identifiant de la collectivité"), payfip),
            (_("Référence de la dette"), join_and(numbers)),
        ],
    }


def _sum(bills: Iterable[ReminderBill]) -> Any:
    return sum((one.left for one in bills), ZERO)


def _treasury(row: Treasury) -> str:
    return ", ".join(filter(None, (row.name, row.address, row.hours, row.phone, row.email)))


def _known(way: HowToPay) -> str:
    if way.known_on is None:
        return ""
    return _(
        "Nous connaissons les paiements jusqu’au %(day)s\u00a0: si vous avez payé depuis, ne tenez pas "
        "compte de cette lettre."
    ) % {"day": day_plain(way.known_on)}


def _ask(authority: Authority) -> str:
    reached = [one for one in (authority.phone, authority.email) if one]
    told = {"name": authority.name, "reached": _(" ou ").join(reached)}
    if not reached:
        return ""
    return _("Sur une facture\u00a0: %(name)s, %(reached)s.") % told
