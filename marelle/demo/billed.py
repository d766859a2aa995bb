"""The last months of the demo, billed by Marelle: previewed, issued, paid or not, one home beside another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from marelle.accounts.models import User
from marelle.billing.addressed import Addressed, PayerKind
from marelle.billing.contests import contest_open, lines_to_contest
from marelle.billing.covering import Way
from marelle.billing.mails import PAYER_BILLS
from marelle.billing.models import (
    BillingRun,
    BillingTerms,
    ExportedBill,
    Invoice,
    Payer,
    PayerAccess,
    Payment,
    TresorTerms,
)
from marelle.billing.payers import NewCoverage, coverage_take, payer_set
from marelle.billing.runs.refusals import RunRefused
from marelle.billing.runs.services import NewRun, run_confirm
from marelle.billing.selectors import readable
from marelle.billing.tresor.keys import PeriodRule
from marelle.billing.tresor.texts import latin
from marelle.core.actor import Actor, Guest
from marelle.demo.apart import joined, months_before
from marelle.demo.closed import close_last
from marelle.demo.debits import CREDITORS, debit
from marelle.demo.invoices import billed_months, payments_of, sent_at, settle
from marelle.demo.places import Places
from marelle.demo.returned import come_back, send
from marelle.demo.stays import VACANCES
from marelle.demo.year import SchoolYear
from marelle.families.models import Member
from marelle.flows.actor.actors import actor_for
from marelle.flows.bills.working import bills_run, run_advance
from marelle.mail.models import Message

TO_THE_TRESOR: Final[dict[str, Any]] = {
    "post": "021030",
    "collection": "217",
    "period": PeriodRule.LAST_DIGIT,
    "budgets": {"": "01"},
    "products": {"": "ENFA"},
}
MADE_HERE: Final = 3
"""How many of the last months; those before came by files."""

TOLD: Final = ("durand", "martin", "petit", "bernard")
"""Homes whose bills a tour of the demo tells of."""

DEPARTMENT: Final = Addressed(
    "Département du Val d’Ouche, aide sociale à l’enfance", "", kind=PayerKind.DEPARTMENT,
    street="1 rue de la Préfecture", postal_code="21900", city="Dijon-sur-Ouche", siret="21990000800018",
)  # fmt: skip
CAF: Final = Addressed(
    "Caisse d’allocations familiales du Val d’Ouche", "", kind=PayerKind.CAF,
    street="4 rue de l’Écluse", postal_code="21900", city="Dijon-sur-Ouche", siret="77990000000018",
)  # fmt: skip

CONTESTED: Final = "%(name)s n’est pas venue ce jour-là : nous avions prévenu la veille, par téléphone."


def months_made_here(year: SchoolYear) -> list[date]:
    """The oldest first: none before the school year, of which there are no bookings."""
    return sorted(
        month for month in billed_months(year.today)[:MADE_HERE] if month >= year.first_day.replace(day=1)
    )


def bill_here(places: Places, year: SchoolYear, random: Random) -> None:
    months = months_made_here(year)
    since = months[0] if months else year.first_day.replace(day=1)
    office = actor_for(User.objects.get(identifier="guichet"))
    for code, authority in places.authorities.items():
        BillingTerms.objects.create(authority=authority, since=since)
        TresorTerms.objects.create(
            authority=authority,
            acronym=latin(authority.short_name)[:32],
            ics=CREDITORS[code],
            **TO_THE_TRESOR,
        )
    payer = _department(office, places, since)
    close_last(office, places.authorities["cc"], year.today, but=TOLD)
    if not months:
        return
    _cover(office, places, since, payer)
    debit(office, places.authorities["cc"].pk, sent_at(since) - timedelta(days=20), year.morning)
    for month in months:
        for authority in places.authorities.values():
            _bill(office, authority.pk, month)
    past = months[-2] if len(months) > 1 else None
    sent = send(office, places.authorities["village"].pk, past) if past else {}
    _pay(office, months, sent, year.today, random)
    _contest(year.today)


def _contest(today: date) -> None:
    """A parent who does not agree with a day of a bill, and waits for the answer."""
    camille = User.objects.get(identifier="durand")
    actor = actor_for(camille)
    bills = readable(actor).filter(run__isnull=False, kind=Invoice.Kind.MONTHLY).order_by("-month", "pk")
    for bill in bills:
        at = sent_at(bill.month) + timedelta(days=2)
        lines = list(bill.lines.select_related("child"))
        may = lines_to_contest(actor, bill, lines)
        line = next((one for one in lines if one.pk in may and one.child is not None), None)
        if line is not None and line.child is not None and at.date() < today:
            contest_open(
                actor=actor,
                invoice_id=bill.pk,
                line_id=line.pk,
                days=[date.fromisoformat(line.days[-1])],
                words=CONTESTED % {"name": line.child.first_name},
                now=at,
            )
            return


def _department(office: Actor, places: Places, since: date) -> Payer:
    """Who pays for a child in its care; somebody there reads its bills."""
    at = sent_at(since) - timedelta(days=20)
    payer = payer_set(actor=office, authority_id=places.authorities["cc"].pk, addressed=DEPARTMENT, now=at)
    for user in User.objects.filter(guest=Guest.PAYER):
        PayerAccess.objects.create(payer=payer, account=user, given_at=at, given_by=office.label)
    return payer


def _cover(office: Actor, places: Places, since: date, payer: Payer) -> None:
    """The département pays for a child in its care, the CAF a part of a home's holidays; two homes share what
    one of them books."""
    authority = places.authorities["cc"]
    at = sent_at(since) - timedelta(days=20)
    in_care = joined(places, "mercredis-brisecombe").filter(starts_on__lte=since).first()
    if in_care is not None:
        coverage_take(
            actor=office,
            family_id=in_care.family_id,
            new=NewCoverage(
                authority.pk, since, "Ordonnance de placement", payer_id=payer.pk, child_id=in_care.person_id
            ),
            now=at,
        )
    in_holidays = joined(places, "vacances-brisecombe").first()
    if in_holidays is not None:
        caf = payer_set(actor=office, authority_id=authority.pk, addressed=CAF, now=at)
        coverage_take(
            actor=office,
            family_id=in_holidays.family_id,
            new=NewCoverage(
                authority.pk, since, "Aide aux vacances de l’année", way=Way.AMOUNT, figure=Decimal(6),
                until=months_before(since, -12) - timedelta(days=1), payer_id=caf.pk, most=Decimal(90),
                activity_ids=[places.activities[key].pk for key in VACANCES],
            ),
            now=at,
        )  # fmt: skip
    petit, martin = (
        User.objects.get(identifier=name).person.memberships.get().family for name in ("petit", "martin")
    )
    shared = Member.objects.get(family=petit, kind=Member.Kind.CHILD, person__memberships__family=martin)
    coverage_take(
        actor=office,
        family_id=petit.pk,
        new=NewCoverage(
            authority.pk, since, "Accord des deux parents", figure=Decimal(50), payer_home_id=martin.pk,
            child_id=shared.person_id,
        ),
        now=at,
    )  # fmt: skip


def _bill(office: Actor, authority_id: int, month: date) -> None:
    at = sent_at(month)
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    new = NewRun(month=month, cutoff=last, issued_on=at.date())
    try:
        run = bills_run(actor=office, authority_id=authority_id, new=new, now=at)
    except RunRefused:
        return
    for state in (BillingRun.State.PREVIEWED, BillingRun.State.ISSUED):
        while run.state != state:
            run_advance(run, now=at)
            run.refresh_from_db()
        if state == BillingRun.State.PREVIEWED:
            run_confirm(actor=office, run_id=run.pk, now=at)
            run.refresh_from_db()


def _pay(
    office: Actor,
    months: Sequence[date],
    sent: Mapping[int, ExportedBill],
    today: date,
    random: Random,
) -> None:
    """As families pay: the latest month in part. Mails of the months before have long been read."""
    homes = {
        row.family_id: row.person.account.identifier
        for row in Member.objects.filter(person__account__isnull=False).select_related("person__account")
        if row.person.account
    }
    invoices = list(Invoice.objects.filter(run__isnull=False, kind=Invoice.Kind.MONTHLY).order_by("pk"))
    for invoice in invoices:
        age = len(months) - 1 - months.index(invoice.month)
        settle(invoice, age, homes.get(invoice.family_id, ""), today, random)
    by_state = [one for one in invoices if one.pk not in sent]
    Invoice.objects.bulk_update(by_state, ["paid", "paid_on"])
    Payment.objects.bulk_create(payments_of(by_state))
    by_return = [one for one in invoices if one.pk in sent]
    told = [pk for pk, name in homes.items() if name in TOLD]
    come_back(office, by_return, sent, told=told, today=today)
    read = Message.objects.filter(kind__in=("billing/invoice_there", PAYER_BILLS))
    read.filter(created_at__lt=sent_at(months[-1])).delete()
