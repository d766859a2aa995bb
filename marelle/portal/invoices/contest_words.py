"""Contests in French, for the home that reads its bill."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from marelle.billing.models import Contest
from marelle.core.clock import local
from marelle.core.french import day_plain, days_text
from marelle.core.refusals import Refusal
from marelle.enrolments.labels import already_decided_text

State = Contest.State

REFUSALS: Final[dict[str, Promise]] = {
    "days": gettext_lazy("Choisissez parmi les jours de la ligne."),
    "words": gettext_lazy("Dites pourquoi : c’est ce que l’agent lira."),
    "open": gettext_lazy("Un de ces jours est déjà contesté : attendez la réponse."),
    "waived": gettext_lazy("Un de ces jours n’est déjà plus dû."),
}
STANDS: Final[dict[str, Promise]] = {
    State.OPEN: gettext_lazy("%(days)s : votre message du %(asked)s attend une réponse."),
    State.ACCEPTED: gettext_lazy(
        "%(days)s : ce n’est plus dû. Une prochaine facture, ou un avoir, le retire."
    ),
    State.REFUSED: gettext_lazy("%(days)s : ce qui est facturé reste dû."),
    State.TAKEN_BACK: gettext_lazy("%(days)s : la contestation était acceptée, puis revue le %(decided)s."),
    State.WITHDRAWN: gettext_lazy("%(days)s\u00a0: vous avez retiré votre contestation le %(decided)s."),
}
TONES: Final[dict[str, tuple[str, Promise]]] = {
    State.OPEN: ("warn", gettext_lazy("contestée")),
    State.ACCEPTED: ("ok", gettext_lazy("plus due")),
    State.REFUSED: ("plain", gettext_lazy("contestation non retenue")),
    State.TAKEN_BACK: ("plain", gettext_lazy("de nouveau due")),
    State.WITHDRAWN: ("plain", gettext_lazy("contestation retirée")),
}


@dataclass(frozen=True, slots=True)
class ContestShown:
    """`words`: the home's own; `answer`: the agent's, "" where there is none. `withdraw_url`: where it is
    taken back, "" where it may not be. `days`: which."""

    tag: str
    tone: str
    text: str
    days: str
    words: str
    answer: str
    withdraw_url: str


def refusal_text(refusal: Refusal) -> str:
    if refusal.code == "already_decided":
        return already_decided_text(refusal.data)
    return str(REFUSALS[refusal.code])


def shown(rows: Iterable[Contest], may_withdraw: Collection[int] = ()) -> tuple[ContestShown, ...]:
    """`may_withdraw`: the ids of those that the home may take back here."""
    return tuple(_shown(row, may_withdraw) for row in rows)


def _shown(row: Contest, may_withdraw: Collection[int]) -> ContestShown:
    tone, tag = TONES[row.state]
    days = days_text(row.dates)
    told = {
        "days": days.capitalize(),
        "asked": day_plain(local(row.asked_at).date()),
        "decided": day_plain(local(row.decided_at).date()) if row.decided_at else "",
    }
    url = reverse("invoices:withdraw", args=[row.line.invoice_id, row.pk]) if row.pk in may_withdraw else ""
    return ContestShown(str(tag), tone, str(STANDS[row.state]) % told, days, row.words, row.reason, url)
