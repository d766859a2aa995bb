"""Runs in French."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.billing.bill_lines import WrittenLine
from marelle.billing.doubts import DoubtCode
from marelle.billing.labels import number_text, price_text
from marelle.billing.mentions import Mention, missing
from marelle.billing.models import Assessment, BillingRun, BillingTerms, RunDoubt, Share, Treasury
from marelle.billing.runs.selectors import (
    Doubts,
    HomeOwes,
    Printing,
    Progress,
    Sums,
    first_names,
    lines_of,
)
from marelle.billing.terms import exercise_of
from marelle.core.french import day_plain, days_in, euros_text, instant_long_year, month_text
from marelle.core.refusals import No
from marelle.core.sealed import CannotOpen
from marelle.places.models import Authority
from marelle.pricing.labels import decimal_text

State = BillingRun.State

TONES: Final = {
    State.PREVIEWING: "plain",
    State.PREVIEWED: "warn",
    State.ISSUING: "plain",
    State.ISSUED: "ok",
    State.CANCELLED: "plain",
}
REFUSALS: Final[Mapping[str, str | Promise]] = {
    "imported": gettext_lazy(
        "Les factures de ce mois sont importées par fichier\u00a0: changez d’abord la façon de facturer."
    ),
    "live": gettext_lazy(
        "Une facturation de cette collectivité est déjà en cours\u00a0: terminez-la d’abord."
    ),
    "nobody": gettext_lazy("Aucun foyer n’a rien à facturer pour ce mois."),
    "days": gettext_lazy("Donnez une date à partir d’aujourd’hui, dans les deux mois."),
    "structures": gettext_lazy("Choisissez des structures de cette collectivité."),
    "state": gettext_lazy("Cette facturation en est à une autre étape\u00a0: voici où elle en est."),
    "billed": gettext_lazy("Ce mois est déjà facturé\u00a0: choisissez-en un plus tard."),
    "same": gettext_lazy("Rien n’a changé depuis cette facture\u00a0: il n’y a rien à corriger."),
    "small": gettext_lazy(
        "Ce qui a changé est sous le montant qui attend\u00a0: ce sera sur la prochaine facture."
    ),
    "by_file": gettext_lazy("Cette facture est venue par un fichier\u00a0: un fichier la corrige."),
}
FIELDS: Final = {"imported": "month", "nobody": "month", "days": "issued_on", "structures": "structures"}
DOUBTS: Final[Mapping[DoubtCode, str | Promise]] = {
    DoubtCode.NO_TARIFF: gettext_lazy(
        "Aucun tarif ne convient, ou fiche sanitaire illisible\u00a0: ce n’est pas facturé"
    ),
    DoubtCode.UNREAD: gettext_lazy(
        "Revenus illisibles, aucune clé ne les ouvre : rien n’est facturé de ces mois"
    ),
    DoubtCode.MERGED: gettext_lazy(
        "Dossiers réunis : les mois facturés avant restent tels quels, corrigez à la main ce qui doit l’être"
    ),
    DoubtCode.NO_INCOME: gettext_lazy("Quotient ou ressources inconnus\u00a0: au prix le plus haut"),
    DoubtCode.NOBODY: gettext_lazy("Venu sans réservation, un jour qui n’est d’aucun de ses foyers"),
    DoubtCode.OPEN_CALL: gettext_lazy("Appels qui ne sont pas clos"),
    DoubtCode.UNANSWERED: gettext_lazy(
        "Réservations demandées, sans réponse\u00a0: facturées comme acceptées"
    ),
    DoubtCode.NEGATIVE: gettext_lazy("Montant à rendre\u00a0: il sera retiré de la facture suivante"),
    DoubtCode.MORE: gettext_lazy("Plus du double des mois précédents"),
    DoubtCode.LESS: gettext_lazy("Moins de la moitié des mois précédents"),
    DoubtCode.NO_ADDRESS: gettext_lazy("Pas d’adresse"),
}
AT_ONCE: Final = 1000
"""Bills of one PDF to print."""

MENTIONS: Final[Mapping[Mention, tuple[str | Promise, str]]] = {
    Mention.TREASURY: (
        gettext_lazy("La trésorerie, la façon de payer et de contester, le signataire"),
        "agents_invoices:treasury",
    ),
    Mention.COURT: (gettext_lazy("Le tribunal devant lequel contester"), "agents_invoices:treasury"),
    Mention.DELAY: (gettext_lazy("Le délai de deux mois pour contester"), "agents_invoices:treasury"),
    Mention.SIRET: (gettext_lazy("Le SIRET de la collectivité"), "agents_authorities:authority"),
    Mention.ADDRESS: (gettext_lazy("L’adresse de la collectivité"), "agents_authorities:authority"),
}
"""What the law wants on a bill, and where it is written."""

SHARES: Final = {
    Share.State.READY: (gettext_lazy("à envoyer"), "ok"),
    Share.State.WAITING: (gettext_lazy("attend la suivante"), "plain"),
    Share.State.NIL: (gettext_lazy("à zéro, pas envoyée"), "plain"),
    Share.State.BILLED: (gettext_lazy("envoyée"), "ok"),
}


@dataclass(frozen=True, slots=True)
class RunLine:
    url: str
    title: str
    detail: str
    state: str
    tone: str


def run_line(run: BillingRun) -> RunLine:
    told = {"who": run.started_by, "at": instant_long_year(run.started_at), "of": run.authority.short_name}
    month = str(capfirst(month_text(run.month)))
    return RunLine(
        reverse("agents_bills:run", args=[run.pk]),
        _("%(month)s, correction") % {"month": month} if run.is_correction else month,
        _("%(of)s · commencée le %(at)s, par %(who)s") % told,
        _("arrêtée") if run.paused else str(State(run.state).label),
        "warn" if run.paused else TONES[State(run.state)],
    )


def first_said(today: date) -> dict[str, Any]:
    """The month that has just ended, whole."""
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return {"month": f"{month:%m/%Y}", "issued_on": today}


def terms_said(held: Sequence[BillingTerms], today: date) -> dict[str, Any]:
    """What the last one says, from next month on."""
    month = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    said: dict[str, Any] = {
        "since": f"{month:%m/%Y}",
        "made_here": "here",
        "threshold": "15,00",
        "months_back": 3,
        "days_to_pay": 30,
    }
    if held:
        last = held[0]
        said |= {
            "made_here": "here" if last.made_here else "files",
            "threshold": str(last.threshold).replace(".", ","),
            "months_back": last.months_back,
            "days_to_pay": last.days_to_pay,
            "by_regie": last.by_regie,
        }
    return said


def terms_lines(
    authorities: Iterable[Authority], rows: Sequence[BillingTerms], today: date
) -> list[tuple[str, str, str]]:
    """Of each authority, how it bills now, and where to change it."""
    found = []
    for one in authorities:
        own = [row for row in rows if row.authority_id == one.pk]
        now = next((row for row in own if row.since <= today), None)
        said = terms_text(now) if now else _("Factures importées par fichier")
        to_come = [terms_text(row) for row in own if row.since > today]
        told = "\u00a0; ".join([said, *reversed(to_come)])
        found.append((one.name, told, reverse("agents_bills:terms", args=[one.pk])))
    return found


def terms_text(row: BillingTerms) -> str:
    values = {"month": month_text(row.since), "amount": euros_text(row.threshold), "n": row.months_back}
    if not row.made_here:
        return _("Factures importées par fichier, à compter de %(month)s") % values
    said = _("Factures faites par Marelle, à compter de %(month)s (attendent sous %(amount)s)") % values
    return _("%(said)s, une par régie") % {"said": said} if row.by_regie else said


def refusal_text(refusal: No) -> str:
    return str(REFUSALS[refusal.code])


def field_of(refusal: No) -> str | None:
    return FIELDS.get(refusal.code)


def run_page(run: BillingRun, progress: Progress, sums: Sums, printed: Printing) -> dict[str, Any]:
    line, printing = run_line(run), print_shown(run, printed)
    named = [one.name for one in run.structures.all()]
    pairs = [
        (_("Collectivité"), run.authority.name),
        (_("Structures"), ", ".join(named) if named else _("toutes")),
        (_("Dernier jour facturé"), day_plain(run.cutoff)),
        (_("Date des factures"), day_plain(run.issued_on)),
        (_("À payer avant le"), day_plain(run.due_on)),
        (_("Exercice"), _exercise(run)),
        *([(_("Motif de la correction"), run.reason)] if run.is_correction else []),
    ]
    return {
        "run": run,
        "line": line,
        "pairs": pairs,
        "progress": progress,
        "goes_on": run.state in (State.PREVIEWING, State.ISSUING),
        "follows": (run.state in (State.PREVIEWING, State.ISSUING) and not run.paused)
        or bool(printing and printing.waiting),
        "printing": printing,
        "may_cancel": run.state in (State.PREVIEWING, State.PREVIEWED),
        "may_issue": run.state == State.PREVIEWED,
        "sums": _sums(sums),
        "issue": _issue(run, sums),
    }


def _exercise(run: BillingRun) -> str:
    usual = exercise_of(run.month, run.issued_on)
    if run.exercise == usual:
        return str(usual)
    told = {"year": run.exercise, "closed": usual}
    return _("%(year)d, parce que l’exercice %(closed)d est clos") % told


def _issue(run: BillingRun, sums: Sums) -> str:
    number, amount = sums.billed
    if not run.is_correction:
        return ngettext("Émettre %(n)d facture", "Émettre %(n)d factures", number) % {"n": number}
    told = {"amount": euros_text(abs(amount))}
    if amount < 0:
        return _("Émettre l’avoir de %(amount)s") % told
    return _("Émettre la facture complémentaire de %(amount)s") % told


def _sums(sums: Sums) -> list[tuple[str, str]]:
    told = [(_("Factures"), _counted(*sums.billed))]
    if sums.brought[0]:
        told.append((_("Dont ce qui attendait depuis un mois d’avant"), euros_text(sums.brought[1])))
    told.append((_("Attendent la suivante, sous le seuil"), _counted(*sums.waiting)))
    if sums.nil[0]:
        told.append((_("À zéro, pas envoyées"), str(sums.nil[0])))
    told.append((_("En tout pour ce mois, envoyé ou en attente"), euros_text(sums.month)))
    if sums.left_out:
        told.append((_("Foyers laissés de côté, parce qu’ils ont changé"), str(sums.left_out)))
    return told


def _counted(number: int, amount: Decimal) -> str:
    return _("%(n)d, pour %(amount)s") % {"n": number, "amount": euros_text(amount)}


@dataclass(frozen=True, slots=True)
class DoubtLine:
    name: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class DoubtGroup:
    """Of one kind; `beyond`: how many more than the lines there are, in words."""

    title: str
    lines: tuple[DoubtLine, ...]
    beyond: str


def doubt_groups(doubts: Mapping[DoubtCode, Doubts]) -> list[DoubtGroup]:
    """What is to be looked at, the worst first."""
    return [_group(str(DOUBTS[code]), doubts[code]) for code in DOUBTS if code in doubts]


def mentions_group(run: BillingRun, treasury: Treasury | None) -> list[DoubtGroup]:
    """What its bills would lack, as long as they may still be made whole."""
    lacking = set(missing(run.authority, treasury)) if run.state == State.PREVIEWED else set()
    if not lacking:
        return []
    told = [MENTIONS[one] for one in MENTIONS if one in lacking]
    lines = [DoubtLine(str(name), "", reverse(url, args=[run.authority_id])) for name, url in told]
    return [DoubtGroup(_("Il manque une mention obligatoire sur les factures"), tuple(lines), "")]


def _group(title: str, found: Doubts) -> DoubtGroup:
    beyond = found.count - len(found.rows)
    return DoubtGroup(
        f"{title} ({found.count})",
        tuple(_doubt(one) for one in found.rows),
        ngettext("et %(n)d autre", "et %(n)d autres", beyond) % {"n": beyond} if beyond else "",
    )


def _doubt(one: RunDoubt) -> DoubtLine:
    since = _("depuis le %(day)s") % {"day": day_plain(one.day)} if one.day else ""
    if one.assessment is None:
        detail = ngettext("%(n)d appel", "%(n)d appels", one.number) % {"n": one.number}
        url = reverse("agents_attendance:sheet")
        if one.code == DoubtCode.UNANSWERED:
            detail = ngettext("%(n)d demande", "%(n)d demandes", one.number) % {"n": one.number}
            url = reverse("requests:queue")
        name = one.structure.name if one.structure else ""
        return DoubtLine(name, ", ".join(filter(None, (detail, since))), url)
    family = one.assessment.family
    child = one.child.first_name if one.child else ""
    where = "agents_bills:months" if one.code == DoubtCode.MERGED else "agents_families:family"
    url = reverse(where, args=[family.pk])
    return DoubtLine(family.name, " · ".join(filter(None, (child, since))), url)


def total_rows(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str, str, str, str]]:
    return [
        (
            row["structure__name"] or _("Commun"),
            row["activity__name"] or "—",
            row["account"] or "—",
            _bracket(row["bracket"]),
            number_text(row["quantity_sum"]),
            euros_text(row["amount_sum"]),
        )
        for row in rows
    ]


def _bracket(bounds: str) -> str:
    if not bounds:
        return "—"
    low, _dash, high = bounds.partition("-")
    if not high:
        return _("%(low)s et plus") % {"low": decimal_text(Decimal(low))}
    if not Decimal(low):
        return _("moins de %(high)s") % {"high": decimal_text(Decimal(high))}
    told = {"low": decimal_text(Decimal(low)), "high": decimal_text(Decimal(high))}
    return _("%(low)s à moins de %(high)s") % told


@dataclass(frozen=True, slots=True)
class PrintShown:
    """`waiting` says how far they are; the ways to print are there once all are made."""

    waiting: str
    bills: int
    ready: int
    stacks: tuple[tuple[str, str], ...]
    archive: str
    apart: str


def print_shown(run: BillingRun, found: Printing) -> PrintShown | None:
    if run.state != State.ISSUED or not found.bills:
        return None
    told = {"ready": found.ready, "bills": found.bills}
    apart = ngettext(
        "%(n)d facture est d’un foyer qui vous est proche\u00a0: un collègue l’imprime.",
        "%(n)d factures sont de foyers qui vous sont proches\u00a0: un collègue les imprime.",
        found.apart,
    )
    return PrintShown(
        "" if found.is_ready else _("%(ready)d PDF faits sur %(bills)d.") % told,
        found.bills,
        found.ready,
        tuple(_stacks(run, found.bills - found.apart)) if found.is_ready else (),
        reverse("agents_bills:zip", args=[run.pk]),
        apart % {"n": found.apart} if found.apart else "",
    )


def _stacks(run: BillingRun, bills: int) -> Iterator[tuple[str, str]]:
    """The title of each PDF to print, and its address."""
    for part, first in enumerate(range(1, bills + 1, AT_ONCE), 1):
        told = {"first": first, "last": min(first + AT_ONCE - 1, bills)}
        title = (
            _("Imprimer (PDF)") if bills <= AT_ONCE else _("Imprimer de %(first)d à %(last)d (PDF)") % told
        )
        yield title, reverse("agents_bills:print", args=[run.pk, part])


@dataclass(frozen=True, slots=True)
class HomeLine:
    url: str
    name: str
    number: str
    amount: str
    state: str
    tone: str


def home_line(run: BillingRun, owes: HomeOwes) -> HomeLine:
    row = owes.assessment
    state, tone = _home_state(owes)
    return HomeLine(
        reverse("agents_bills:home", args=[run.pk, row.pk]),
        row.family.name,
        row.family.number,
        euros_text(owes.total),
        state,
        tone,
    )


def _home_state(owes: HomeOwes) -> tuple[str, str]:
    if owes.assessment.state == Assessment.State.LEFT_OUT:
        return _("laissé de côté"), "warn"
    states = {Share.State(share.state) for share in owes.shares}
    first = next((state for state in SHARES if state in states), Share.State.NIL)
    text, tone = SHARES[first]
    return str(text), tone


def home_page(run: BillingRun, owes: HomeOwes) -> dict[str, Any]:
    """The lines of each bill to come; none where no key opens them."""
    row = owes.assessment
    try:
        lines = lines_of(owes.shares)
        lost = False
    except CannotOpen:
        lines, lost = [()] * len(owes.shares), True
    names = first_names(line for them in lines for line in them)
    return {
        "run": run,
        "line": run_line(run),
        "home": home_line(run, owes),
        "family_url": reverse("agents_families:family", args=[row.family_id]),
        "lost": lost,
        "left_out": row.state == Assessment.State.LEFT_OUT,
        "brought": euros_text(owes.brought) if owes.brought else "",
        "bills": [_bill(run, share, them, names) for share, them in zip(owes.shares, lines, strict=True)],
    }


def _payer(share: Share) -> str:
    if share.payer is not None:
        return str(share.payer)
    return _("l’autre foyer") if share.payer_home_id else ""


def _bill(
    run: BillingRun, share: Share, lines: Iterable[WrittenLine], names: Mapping[int, str]
) -> dict[str, Any]:
    text, tone = SHARES[Share.State(share.state)]
    return {
        "title": " · ".join(filter(None, (share.regie or _("Facture"), _payer(share)))),
        "number": share.invoice.number if share.invoice else "",
        "state": str(text),
        "tone": tone,
        "total": euros_text(share.total),
        "lines": [
            (
                names.get(line.child_id or 0, _("Pour le foyer")),
                f"{line.activity}\u00a0: {line.label}",
                days_in(line.days, run.month),
                number_text(line.quantity),
                price_text(line.unit_price),
                euros_text(line.amount),
            )
            for line in lines
        ],
    }
