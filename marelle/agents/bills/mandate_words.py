"""Mandates in French, as an office reads them: an account is shown by its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.billing.labels import MANDATE_TONES, account_told
from marelle.billing.mandates.selectors import Life
from marelle.billing.models import Mandate
from marelle.core.french import day_plain, instant_long_year


@dataclass(frozen=True, slots=True)
class MandateRow:
    title: str
    detail: str
    state: str
    tone: str
    url: str


def mandate_row(one: Mandate, *, named: bool, several: bool) -> MandateRow:
    """`named`: the home is; `several`: authorities, of which each is."""
    whose = _("Famille %(name)s") % {"name": one.family.name} if named else ""
    told = {
        "how": Mandate.How(one.how).label,
        "at": instant_long_year(one.noted_at),
        "who": one.noted_by,
    }
    detail = _("%(how)s, reçu le %(at)s par %(who)s") % told
    return MandateRow(
        " · ".join(filter(None, (whose, account_told(one.last_digits)))),
        " · ".join(filter(None, (one.rum, detail, one.authority.short_name if several else ""))),
        str(Mandate.State(one.state).label),
        MANDATE_TONES[one.state],
        reverse("agents_bills:mandate", args=[one.family_id, one.pk]),
    )


def mandate_facts(one: Mandate, life: Life) -> list[tuple[str, str]]:
    town = f"{one.postal_code} {one.city}"
    ended = one.state == Mandate.State.ENDED
    rows = [
        (_("Collectivité"), one.authority.name),
        (_("Titulaire"), one.holder),
        (_("Adresse"), ", ".join(filter(None, (one.street, town, one.country)))),
        (_("Compte"), account_told(one.last_digits)),
        (_("Référence (RUM)"), one.rum),
        (_("Créancier"), _("%(name)s, ICS %(ics)s") % {"name": one.creditor, "ics": one.ics}),
        (_("Signé le"), day_plain(one.signed_on)),
        (_("Reçu"), _who(one.noted_at, one.noted_by)),
        (_("En vigueur depuis"), instant_long_year(one.started_at) if one.started_at else ""),
        (_("Vérifié par"), one.checked_by),
        (_("Dernier prélèvement"), day_plain(life.drawn_on) if life.drawn_on else ""),
        (_("Sans prélèvement, il prend fin le"), "" if ended else day_plain(life.lapses_on)),
        (_("Arrêté"), _who(one.ended_at, one.ended_by) if one.ended_at else ""),
        (_("Pourquoi"), str(Mandate.End(one.end).label) if one.end else ""),
        (_("Motif"), one.reason),
    ]
    return [(term, str(value)) for term, value in rows if value]


def _who(at: datetime, who: str) -> str:
    return _("le %(at)s, par %(who)s") % {"at": instant_long_year(at), "who": who}
