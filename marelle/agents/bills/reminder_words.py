"""Who is late and what is sent to them, in French."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.billing.models import Deferral, Reminder, ReminderRun, ReminderStep
from marelle.billing.reminders.letters import AT_ONCE
from marelle.billing.reminders.mails import paragraphs
from marelle.billing.reminders.report import Debtor, Late, Report
from marelle.billing.reminders.rules import Hold, Way, Why, is_old
from marelle.billing.reminders.selectors import Reminded
from marelle.billing.selectors import HowToPay
from marelle.core.french import day_plain, euros_text, instant_long_year, join_and
from marelle.core.money import ZERO
from marelle.core.refusals import No

REFUSALS: Final[Mapping[str, str | Promise]] = {
    "nothing": gettext_lazy("Cochez au moins un foyer."),
    "changed": gettext_lazy("Tout ce que vous aviez choisi a changé entre-temps\u00a0: rien n’est parti."),
    "days": gettext_lazy("Une autre étape est déjà prévue ce jour-là."),
    "many": gettext_lazy("Il y a déjà beaucoup d’étapes\u00a0: modifiez-en une."),
    "until": gettext_lazy("Donnez un jour à partir d’aujourd’hui, dans les deux ans."),
    "own": gettext_lazy("C’est le dossier de votre propre famille\u00a0: un collègue s’en occupe."),
    "ended": gettext_lazy("Ce délai est déjà terminé."),
}
HELD: Final[Mapping[Hold, str | Promise]] = {
    Hold.CONTESTED: gettext_lazy("une ligne est contestée, et attend une réponse"),
    Hold.REFUSED: gettext_lazy("rejetée ou annulée par le Trésor, à renvoyer ou à corriger"),
    Hold.DEBITED: gettext_lazy("un prélèvement est annoncé"),
    Hold.DEFERRED: gettext_lazy("délai accordé jusqu’au %(day)s"),
    Hold.BROUGHT: gettext_lazy(
        "reprise d’un autre logiciel\u00a0: dites dans «\u00a0Factures\u00a0» si elle se relance"
    ),
}


def refusal_text(refusal: No) -> str:
    return str(REFUSALS[refusal.code])


@dataclass(frozen=True, slots=True)
class DebtorLine:
    """`notes`: the last reminder, what is left aside of it."""

    key: str
    name: str
    url: str
    detail: str
    step: str
    way: str
    notes: tuple[str, ...]


def page_shown(report: Report, way: HowToPay, today: date) -> dict[str, Any]:
    known, is_warned = known_shown(way, today)
    return {
        "known": known,
        "known_tone": "warn" if is_warned else "info",
        "due": [due_line(one) for one in report.due],
        "waiting": [_waiting_line(one) for one in report.waiting],
        "held": [_held_line(one) for one in report.held],
        "has_steps": report.has_steps,
        "hidden": hidden_text(report.hidden),
        "sums": _sums(report),
    }


def known_shown(way: HowToPay, today: date) -> tuple[str, bool]:
    """Until when payments are known, and whether that is too long ago to remind of any."""
    if way.known_on is None:
        return _("Aucun état des paiements n’est encore importé\u00a0: importez-le avant de relancer."), True
    known = _("Paiements connus jusqu’au %(day)s.") % {"day": day_plain(way.known_on)}
    if not is_old(way.known_on, today):
        return known, False
    more = _("C’est ancien\u00a0: relancer qui a déjà payé fâche. Importez d’abord les derniers paiements.")
    return f"{known} {more}", True


def _sums(report: Report) -> list[tuple[str, str]]:
    everybody = [*report.due, *report.waiting, *report.held]
    due = sum((late.bill.left for one in report.due for late in one.due), ZERO)
    left = sum((one.left for one in everybody), ZERO)
    return [
        (_("En retard"), _debtors(len(everybody), left)),
        (_("À relancer aujourd’hui"), _debtors(len(report.due), due)),
    ]


def _debtors(count: int, left: Decimal) -> str:
    if not count:
        return _("personne")
    told = ngettext("%(n)d foyer ou payeur", "%(n)d foyers et payeurs", count) % {"n": count}
    return f"{told}, {euros_text(left)}"


def hidden_text(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "%(n)d foyer vous est proche\u00a0: un collègue s’en occupe.",
        "%(n)d foyers vous sont proches\u00a0: un collègue s’en occupe.",
        count,
    ) % {"n": count}


def due_line(one: Debtor) -> DebtorLine:
    left = sum((late.bill.left for late in one.due), ZERO)
    return DebtorLine(
        one.key,
        one.name,
        _url(one),
        f"{_bills(len(one.due))}, {euros_text(left)}",
        one.step.title if one.step else "",
        way_text(*one.ways),
        tuple(filter(None, (_why_letter(one), _last(one), *_aside(one)))),
    )


def _why_letter(one: Debtor) -> str:
    """Why a home gets a letter where its step is a mail."""
    if one.family is None or one.step is None or one.step.way == Way.LETTER or one.ways[0]:
        return ""
    if one.lost:
        return _("Le courriel n’a pu être remis à personne\u00a0: une lettre part à sa place.")
    return _("Personne du foyer n’a d’adresse de courriel\u00a0: une lettre part à sa place.")


def _waiting_line(one: Debtor) -> DebtorLine:
    soonest = one.soonest
    if soonest and soonest.step and soonest.on:
        told = {"title": soonest.step.title, "day": day_plain(soonest.on)}
        comes = _("%(title)s, à partir du %(day)s") % told
    elif any(late.next.why is Why.DONE for late in one.bills):
        comes = _("toutes les étapes sont passées\u00a0: au Trésor public de recouvrer")
    else:
        comes = _("aucune étape n’est prévue")
    notes = tuple(filter(None, (_last(one), *_aside(one))))
    return DebtorLine(one.key, one.name, _url(one), _late(one), comes, "", notes)


def _held_line(one: Debtor) -> DebtorLine:
    return DebtorLine(one.key, one.name, _url(one), _late(one), "", "", tuple(_aside(one)))


def _url(one: Debtor) -> str:
    if one.family is not None:
        return reverse("agents_bills:months", args=[one.family.pk])
    return reverse("agents_bills:payer", args=[one.payer.pk if one.payer else 0])


def _late(one: Debtor) -> str:
    return f"{_bills(len(one.bills))}, {euros_text(one.left)}"


def _bills(count: int) -> str:
    return ngettext("%(n)d facture en retard", "%(n)d factures en retard", count) % {"n": count}


def _last(one: Debtor) -> str:
    return _("Dernière relance le %(day)s") % {"day": day_plain(one.last.on)} if one.last else ""


def _aside(one: Debtor) -> Iterator[str]:
    """Its bills that are held back, by the reason why."""
    found: dict[str, list[Late]] = {}
    for late in one.bills:
        if late.hold is not None:
            found.setdefault(held_text(late), []).append(late)
    for why, lates in found.items():
        numbers = join_and([late.bill.number for late in lates])
        yield ngettext(
            "%(numbers)s, laissée de côté\u00a0: %(why)s",
            "%(numbers)s, laissées de côté\u00a0: %(why)s",
            len(lates),
        ) % {"numbers": numbers, "why": why}


def held_text(late: Late) -> str:
    if late.hold is None:
        return ""
    day = day_plain(late.deferred_until) if late.deferred_until else ""
    return str(HELD[late.hold]) % {"day": day}


def way_text(mailed: bool, letter: bool) -> str:
    return str(Way.BOTH.label if mailed and letter else Way.MAIL.label if mailed else Way.LETTER.label)


# What is about to leave


def leaving_shown(debtors: Sequence[Debtor], mails: int, letters: int) -> dict[str, Any]:
    return {
        "lines": [due_line(one) for one in debtors],
        "count": mails_letters(mails, letters),
        "seen": " ".join(f"{one.key}:{one.digest}" for one in debtors),
    }


def seen_read(posted: str) -> dict[str, str]:
    """What a page carried of whom it showed; what makes no sense is nobody."""
    pairs = (token.partition(":") for token in posted.split())
    return {key: digest for key, _sign, digest in pairs if key and digest}


def mails_letters(mails: int, letters: int) -> str:
    """ "12 par courriel et 3 par lettre"."""
    told = [
        *([_("%(n)d par courriel") % {"n": mails}] if mails else []),
        *([_("%(n)d par lettre") % {"n": letters}] if letters else []),
    ]
    return join_and(told)


def gone_text(count: int) -> str:
    return ngettext(
        "%(n)d foyer choisi a changé entre-temps\u00a0: il est laissé de côté.",
        "%(n)d foyers choisis ont changé entre-temps\u00a0: ils sont laissés de côté.",
        count,
    ) % {"n": count}


# What has left


@dataclass(frozen=True, slots=True)
class RunLine:
    url: str
    title: str
    detail: str


def run_line(run: ReminderRun) -> RunLine:
    told = {"who": run.made_by, "at": instant_long_year(run.made_at)}
    return RunLine(
        reverse("agents_bills:reminder_run", args=[run.pk]),
        _("Relances du %(day)s") % {"day": day_plain(run.day)},
        f"{mails_letters(run.mails, run.letters)} · {_('envoyées le %(at)s, par %(who)s') % told}",
    )


def letter_parts(run: ReminderRun) -> list[tuple[str, str]]:
    """The title of each PDF to print, and its address."""
    found = []
    for part, first in enumerate(range(1, run.letters + 1, AT_ONCE), 1):
        told = {"first": first, "last": min(first + AT_ONCE - 1, run.letters)}
        alone = run.letters <= AT_ONCE
        title = _("Imprimer les lettres") if alone else _("Imprimer les lettres %(first)d à %(last)d") % told
        found.append((title, reverse("agents_bills:reminder_letters", args=[run.pk, part])))
    return found


def sent_line(row: Reminder, own: Collection[int], lost: Collection[int]) -> DebtorLine:
    """`row`: with its bills; one of `lost` reached nobody. Of a home of `own`, which a colleague sees to, no
    name."""
    if row.family_id in own:
        return DebtorLine("", _("Un foyer qui vous est proche"), "", "", row.title, "", ())
    bills = list(row.bills.all())
    left = sum((one.left for one in bills), ZERO)
    url = (
        reverse("agents_bills:months", args=[row.family_id])
        if row.family_id
        else reverse("agents_bills:payer", args=[row.payer_id])
    )
    return DebtorLine(
        "", row.name, url, f"{_bills(len(bills))}, {euros_text(left)}", row.title,
        way_text(row.mailed, row.letter),
        tuple(_sent_notes(row, is_lost=row.pk in lost)),
    )  # fmt: skip


def _sent_notes(row: Reminder, *, is_lost: bool) -> Iterator[str]:
    if row.letter and not row.lines:
        yield _("Son dossier n’a pas d’adresse\u00a0: remettez la lettre autrement.")
    if is_lost:
        yield _(
            "Le courriel n’a pu être remis à personne\u00a0: tant que la facture est en retard, "
            "«\u00a0Relances\u00a0» propose une lettre à sa place."
        )


# Steps


@dataclass(frozen=True, slots=True)
class StepLine:
    url: str
    title: str
    detail: str


def step_line(row: ReminderStep) -> StepLine:
    days = ngettext("%(n)d jour après l’échéance", "%(n)d jours après l’échéance", row.days) % {"n": row.days}
    return StepLine(
        reverse("agents_bills:reminder_step", args=[row.pk]),
        row.title,
        f"{days} · {row.get_way_display()}",
    )


def preview(row: ReminderStep) -> list[str]:
    return paragraphs(row.text)


# Delays


@dataclass(frozen=True, slots=True)
class DeferralLine:
    """`may_end`: it still holds."""

    id: int
    title: str
    detail: str
    state: str
    tone: str
    may_end: bool


def deferral_line(row: Deferral, today: date, *, several: bool) -> DeferralLine:
    """`several`: authorities, of which each is named."""
    until = _("Jusqu’au %(day)s") % {"day": day_plain(row.until)}
    told = {"who": row.granted_by, "at": instant_long_year(row.granted_at), "reason": row.reason}
    holds = row.ended_at is None and row.until >= today
    state, tone = (_("en cours"), "ok") if holds else (_("terminé"), "plain")
    if row.ended_at is not None:
        state = _("arrêté le %(at)s") % {"at": instant_long_year(row.ended_at)}
    return DeferralLine(
        row.pk,
        f"{until} · {row.authority.short_name}" if several else until,
        _("%(reason)s, noté le %(at)s par %(who)s") % told,
        state,
        tone,
        holds,
    )


def reminded_text(reminded: Iterable[Reminded]) -> str:
    """ "Relances : Premier rappel le 3 décembre 2026"; "" for none."""
    told = [_("%(title)s le %(day)s") % {"title": title, "day": day_plain(on)} for title, on in reminded]
    return _("Relances\u00a0: %(told)s") % {"told": join_and(told)} if told else ""


def deferred_text(authority: str, until: date) -> str:
    return _("%(name)s\u00a0: délai accordé jusqu’au %(day)s.") % {"name": authority, "day": day_plain(until)}
