"""« Mes factures » in French: cards, the page of one invoice, how to pay."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.billing.contests import days_standing
from marelle.billing.due import Charge, Correction, Covered
from marelle.billing.labels import (
    by_child,
    debit_told,
    line_cells,
    payment_term,
    payment_text,
    state_and_tone,
)
from marelle.billing.models import Contest, Invoice, InvoiceLine, Treasury
from marelle.billing.reminders.rules import Hold
from marelle.billing.reminders.selectors import Reminded
from marelle.billing.rules import UNPAID, InvoiceState, is_overdue
from marelle.billing.selectors import HowToPay, InvoicePage
from marelle.core.french import day_plain, days_in, days_text, euros_text, join_and, month_text
from marelle.flows.bills.explained import BillExplained
from marelle.portal.invoices.contest_words import ContestShown, shown
from marelle.pricing.explained import LineTold, line_told, whole_span_told
from marelle.pricing.lines import Line as PricedLine

Pairs = list[tuple[str, str]]
LEFT: Final[Mapping[str, str | Promise]] = {
    "": gettext_lazy("Reste à payer"),
    Hold.DEBITED: gettext_lazy("Reste à prélever"),
    Hold.REFUSED: gettext_lazy("Reste dû, rien à payer pour le moment"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One invoice of the list. `late` says gently that its date is past, "" when it is not; `deferred`, that
    a delay was granted; `reminded`, on which days it was."""

    id: int
    number: str
    title: str
    detail: str
    amount: str
    state: str
    tone: str
    late: str
    deferred: str
    reminded: str


@dataclass(frozen=True, slots=True)
class Why:
    """How something of a line was counted; `when` says that it is so each day, or before, or now."""

    when: str
    told: LineTold


@dataclass(frozen=True, slots=True)
class Line:
    """`contest_url`: where it is contested, "" where it may not be."""

    what: str
    quantity: str
    price: str
    amount: str
    days: str
    reason: str
    why: tuple[Why, ...]
    id: int
    contests: tuple[ContestShown, ...] = ()
    contest_url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    lines: tuple[Line, ...]
    total: str


@dataclass(frozen=True, slots=True)
class Way:
    """How to pay the invoices of one authority. `pay` and `contest` are paragraphs; `by_hand`: something is
    to be paid so."""

    authority: str
    pairs: Pairs
    pay: list[str]
    contest: list[str]
    payfip: str
    known: str
    email: str
    phone: str
    by_hand: bool = True


def card(
    invoice: Invoice,
    day: date,
    *,
    reminded: Sequence[Reminded] = (),
    deferred_until: date | None = None,
    held: str = "",
) -> Card:
    """`deferred_until`: of a delay that was granted the home of who reads, be it past; `held`: see
    `late.held`."""
    state = invoice.state
    deferred = deferred_until if state in UNPAID and deferred_until and deferred_until >= day else None
    waits = held if state in UNPAID else ""
    is_late = not (deferred or waits) and is_overdue(state, invoice.due_on, day)
    said, tone = state_and_tone(state, held=waits, is_late=is_late)
    return Card(
        id=invoice.pk,
        number=invoice.number,
        title=title(invoice),
        detail=_detail(invoice, waits, is_late=is_late),
        amount=euros_text(invoice.total),
        state=said,
        tone=tone,
        late=_("La date du %(day)s est passée.") % {"day": day_plain(invoice.due_on)} if is_late else "",
        deferred=_("Délai accordé jusqu’au %(day)s.") % {"day": day_plain(deferred)} if deferred else "",
        reminded=_reminded(reminded) if state in UNPAID else "",
    )


def title(invoice: Invoice) -> str:
    """ "Novembre 2026"; another invoice than a monthly one says which."""
    told = {"month": month_text(invoice.month).capitalize(), "kind": Invoice.Kind(invoice.kind).label}
    return str(told["month"]) if invoice.kind == Invoice.Kind.MONTHLY else _("%(month)s, %(kind)s") % told


def pairs(page: InvoicePage) -> Pairs:
    invoice = page.invoice
    by_hand = invoice.state is not InvoiceState.CREDIT and not held_now(invoice, page.held)
    rows = [
        (_("Numéro"), invoice.number),
        (_("Référence de la dette"), invoice.debt_reference if by_hand else ""),
        (_("Collectivité"), invoice.authority.name),
        (_("Structure"), invoice.structure.name if invoice.structure else ""),
        (_("Famille"), _("%(name)s, dossier %(number)s") % _home(invoice)),
        (_("Adressée à"), addressed_text(invoice)),
        (_("Émise le"), day_plain(invoice.issued_on)),
        (_("À payer avant le"), day_plain(invoice.due_on) if by_hand else ""),
        (_("Corrige la facture"), invoice.corrects.number if invoice.corrects else ""),
        (_("Motif"), invoice.reason),
    ]
    return [(term, value) for term, value in rows if value]


def held_now(invoice: Invoice, held: str) -> str:
    """`held` (`late.held`) as far as it is to be told: of what is settled, or takes back, the Trésor refused
    nothing that its home is to know."""
    return "" if held == Hold.REFUSED and invoice.state not in UNPAID else held


def held_told(invoice: Invoice, held: str) -> str:
    """Why nothing is to be paid by hand, or what became of a debit that the bill announced; "" for one that
    announced none, or is settled."""
    if held == Hold.REFUSED:
        return _(
            "Vous n’avez rien à payer pour le moment\u00a0: le Trésor public nous a renvoyé cette facture, "
            "et le service la corrige."
        )
    if not hasattr(invoice, "debit") or invoice.state not in UNPAID:
        return ""
    if held == Hold.DEBITED:
        return _("%(debit)s. Vous n’avez rien à faire.") % {"debit": debit_told(invoice)}
    return _("Le prélèvement annoncé n’aura pas lieu\u00a0: elle est à payer par vous.")


def groups(
    page: InvoicePage,
    explained: BillExplained | None,
    contests: Mapping[int, Sequence[Contest]],
    may_contest: Collection[int],
    may_withdraw: Collection[int],
    *,
    shows_health: bool,
) -> list[Group]:
    """`shows_health`: the home's own; an agent in its name learns of no PAI. `may_contest`: the ids of lines
    that the home may contest; `may_withdraw`: those of contests that it may take back."""
    return [
        Group(
            group.name,
            tuple(
                _with_contests(
                    line,
                    _line(line, explained, page.invoice, shows_health=shows_health),
                    contests.get(line.pk, ()),
                    may_contest,
                    may_withdraw,
                )
                for line in group.lines
            ),
            euros_text(group.total),
        )
        for group in by_child(page.lines)
    ]


def _with_contests(
    line: InvoiceLine,
    told: Line,
    contests: Sequence[Contest],
    may_contest: Collection[int],
    may_withdraw: Collection[int],
) -> Line:
    left = {date.fromisoformat(day) for day in line.days} - days_standing(contests)
    may = bool(left) and line.pk in may_contest
    url = reverse("invoices:contest", args=[line.invoice_id, line.pk]) if may else ""
    return replace(told, contests=shown(contests, may_withdraw), contest_url=url)


def contested_pairs(line: InvoiceLine) -> Pairs:
    what, quantity, price, amount = line_cells(line)
    told = {"quantity": quantity, "price": price, "amount": amount}
    return [
        (_("Pour"), str(line.child) if line.child else _("le foyer")),
        (_("Prestation"), what),
        (_("Jours"), days_text([date.fromisoformat(day) for day in line.days])),
        (_("Montant"), _("%(quantity)s × %(price)s, %(amount)s") % told),
    ]


def _line(
    line: InvoiceLine, explained: BillExplained | None, invoice: Invoice, *, shows_health: bool
) -> Line:
    authority = invoice.authority.name
    days = days_in([date.fromisoformat(day) for day in line.days], invoice.month) if line.days else ""
    known = explained.lines.get(line.order) if explained else None
    if explained is None or known is None:
        return Line(*line_cells(line), days, "", (), line.pk)

    def why(when: str, one: PricedLine) -> Why:
        told = line_told(one, explained.book, explained.slots, shows_health=shows_health, authority=authority)
        return Why(when, told)

    each = _("Chaque jour") if len(known.days) > 1 else ""
    if isinstance(known.item, Charge):
        days = whole_span_told(known.item.line, known.days, explained.book) or days
    match known.item:
        case Covered(charge=charge, part=part):
            reason = explained.reasons.get(part.coverage_id, "")
            return Line(*line_cells(line), days, reason, (why(each, charge.line),), line.pk)
        case Correction(before=before, after=after):
            told = (
                *(why(_("Facturé avant"), one) for one in before),
                *(why(_("Maintenant"), one) for one in after),
            )
            return Line(*line_cells(line), days, "", told, line.pk)
        case charge:
            return Line(*line_cells(line), days, "", (why(each, charge.line),), line.pk)


def total(page: InvoicePage) -> Pairs:
    """The total, each payment, what is left."""
    invoice = page.invoice
    rows = [(_("Total"), euros_text(invoice.total))]
    if invoice.credited and invoice.cancelled_on is None:
        rows.append((_("Retiré par un avoir"), euros_text(-invoice.credited)))
    rows += [(payment_term(one), payment_text(one)) for one in page.payments]
    if invoice.cancelled_on is not None:
        rows.append((_("Annulée le"), day_plain(invoice.cancelled_on)))
    elif invoice.state in UNPAID:
        rows.append((str(LEFT[page.held]), euros_text(invoice.left)))
    return rows


def way_to_pay(way: HowToPay) -> Way:
    treasury = way.treasury
    return Way(
        authority=way.authority.name,
        pairs=_treasury_pairs(treasury) if treasury else [],
        pay=_paragraphs(treasury.how_to_pay)
        if treasury
        else [_("Les moyens de paiement sont indiqués sur la facture que vous avez reçue par courrier.")],
        contest=[*_paragraphs(treasury.how_to_contest), *_court(treasury)]
        if treasury
        else [_("Les délais et les voies de recours sont indiqués sur la facture reçue par courrier.")],
        payfip=treasury.payfip if treasury else "",
        known=_("Paiements connus ici jusqu’au %(day)s.") % {"day": day_plain(way.known_on)}
        if way.known_on
        else "",
        email=way.authority.email,
        phone=way.authority.phone,
    )


def _court(treasury: Treasury) -> Iterator[str]:
    if treasury.court:
        yield _("À saisir\u00a0: %(court)s.") % {"court": treasury.court}


def way_of_credit(way: HowToPay) -> Way:
    """Of a credit note: nothing of it is to be paid."""
    becomes = _(
        "Cet avoir est retiré de ce qui reste à payer de la facture qu’il corrige\u00a0; "
        "si elle est déjà payée, le Trésor public vous le rend."
    )
    return replace(way_to_pay(way), pairs=[], pay=[becomes], payfip="", known="")


def way_of_held(way: HowToPay) -> Way:
    """Of what is not to be paid by hand (`late.held`): whom to ask, and how to contest it."""
    return replace(way_to_pay(way), pay=[], payfip="", known="", by_hand=False)


def _detail(invoice: Invoice, held: str, *, is_late: bool) -> str:
    who = invoice.structure.name if invoice.structure else invoice.authority.name
    if invoice.state in UNPAID:
        told = {"who": who, "day": day_plain(invoice.due_on)}
        if held == Hold.REFUSED:
            return _("%(who)s · rien à payer pour le moment, le service la corrige") % told
        if held == Hold.DEBITED:
            return _("%(who)s · prélevée le %(day)s, ou peu après") % told
        if is_late:
            return _("%(who)s · était à payer avant le %(day)s") % told
        return _("%(who)s · à payer avant le %(day)s") % told
    if invoice.state is InvoiceState.PAID and invoice.paid_on:
        return _("%(who)s · payée le %(day)s") % {"who": who, "day": day_plain(invoice.paid_on)}
    return who


def _reminded(reminded: Sequence[Reminded]) -> str:
    if not reminded:
        return ""
    days = join_and([day_plain(one.on) for one in reminded])
    return _("Elle vous a été rappelée le %(days)s.") % {"days": days}


def addressed_text(invoice: Invoice) -> str:
    """As it was frozen, of a bill made here."""
    if not hasattr(invoice, "addressee"):
        return ""
    text = invoice.addressee.text
    return ", ".join((text.name, *text.place))


def _home(invoice: Invoice) -> dict[str, str]:
    return {"name": invoice.family.name, "number": invoice.family.number}


def _treasury_pairs(treasury: Treasury) -> Pairs:
    rows = [
        (_("Trésorerie"), treasury.name),
        (_("Adresse"), treasury.address),
        (_("Ouverture"), treasury.hours),
        (_("Téléphone"), treasury.phone),
        (_("Courriel"), treasury.email),
    ]
    return [(term, value) for term, value in rows if value]


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
