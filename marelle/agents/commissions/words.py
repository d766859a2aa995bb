"""Commissions in French, for an agent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.campaigns.commissions.labels import (
    STATE_TONES,
    ages_text,
    criteria_texts,
    outcome_text,
    place_text,
    places_text,
)
from marelle.campaigns.commissions.receipts import missed_texts, receipt_pairs
from marelle.campaigns.models import Commission, CommissionSheet
from marelle.core.french import day_long_year, day_plain, instant_long_year, join_and
from marelle.relay.labels import child_text, weekly_text
from marelle.relay.models import CareRequest

State, Outcome, Answer = Commission.State, CommissionSheet.Outcome, CommissionSheet.Answer


@dataclass(frozen=True, slots=True)
class Line:
    """`part` is what a button that takes it away names; "" where none does."""

    name: str
    detail: str
    state: str = ""
    tone: str = ""
    url: str = ""
    part: str = ""


def lines(commissions: Iterable[Commission]) -> list[Line]:
    return [
        Line(
            one.name,
            day_long_year(one.sits_on).capitalize(),
            str(State(one.state).label),
            STATE_TONES[State(one.state)],
            reverse("agents_commissions:commission", args=[one.pk]),
        )
        for one in commissions
    ]


def pairs(commission: Commission) -> list[tuple[str, str]]:
    found = [
        (_("Relais"), commission.structure.name),
        (_("Séance"), day_long_year(commission.sits_on).capitalize()),
        (_("Pour répondre"), days_text(commission.answer_days)),
        (_("Nombre public"), commission.public_number or commission.public_source),
        (_("Empreinte de la graine"), commission.promise),
    ]
    if commission.members:
        found.append((_("Ont siégé"), " · ".join(members_of(commission))))
    if commission.fingerprint:
        found.append((_("Empreinte du fichier"), commission.fingerprint))
    return found


def days_text(days: int) -> str:
    return ngettext("%(n)d jour", "%(n)d jours", days) % {"n": days}


def members_of(commission: Commission) -> list[str]:
    return [line for line in map(str.strip, commission.members.splitlines()) if line]


def next_text(commission: Commission) -> str:
    """What is to be done next, in a sentence."""
    return {
        State.DRAFT: _(
            "Donnez les places et les critères, choisissez les demandes, complétez leurs fiches. Le jour de"
            " la séance, le nombre public fait le classement."
        ),
        State.PROPOSED: _(
            "Le classement est une proposition : relisez chaque fiche, changez-la avec une raison s’il le"
            " faut, puis envoyez les réponses."
        ),
        State.SENT: _("Les réponses sont parties. Une place rendue se propose à une fiche en attente."),
    }[State(commission.state)]


def section_lines(commission: Commission) -> list[Line]:
    return [
        Line(
            str(one),
            _("%(ages)s, à partir du %(start)s · %(places)s")
            % {"ages": ages_text(one), "start": day_plain(one.starts_on), "places": places_text(one)},
            part=f"sections.{one.pk}",
        )
        for one in commission.sections.select_related("structure")
    ]


def criterion_lines(commission: Commission) -> list[Line]:
    return [
        Line(one.label, f"{gives} · {one.proof}", part=f"criteria.{one.pk}")
        for one, gives in criteria_texts(commission.criteria.all())
    ]


def sheet_title(sheet: CommissionSheet) -> str:
    return _("Fiche n° %(number)d · %(child)s") % {
        "number": sheet.number,
        "child": child_text(sheet.request),
    }


def sheet_lines(sheets: Iterable[CommissionSheet], today: date) -> list[Line]:
    found = []
    for one in sheets:
        state, tone = outcome_text(one, today)
        detail = one.request.asker_name
        if one.turn is not None:
            told = {"turn": one.turn + 1, "tier": (one.tier or 0) + 1, "points": one.points}
            detail += _(" · tour %(turn)d, priorité %(tier)d, points : %(points)d") % told
        if one.section is not None:
            detail += f" · {one.section}"
        found.append(
            Line(sheet_title(one), detail, state, tone, reverse("agents_commissions:sheet", args=[one.pk]))
        )
    return found


def demand_text(row: CareRequest) -> str:
    return _("%(child)s, demandé par %(asker)s, à partir du %(start)s, %(weekly)s") % {
        "child": child_text(row),
        "asker": row.asker_name,
        "start": day_plain(row.starts_on),
        "weekly": weekly_text(row),
    }


def chosen_text(many: int) -> str:
    if not many:
        return _("La commission ne regarde aucune demande.")
    return ngettext("La commission regarde %(n)d demande.", "La commission regarde %(n)d demandes.", many) % {
        "n": many
    }


def sent_text(unreached: Sequence[CommissionSheet]) -> str:
    if not unreached:
        return _("Les réponses sont parties, par courriel ou dans « Courriers à imprimer ».")
    names = join_and([f"{one.request.asker_name} ({one.request.phone})" for one in unreached])
    return _("Les réponses sont parties. À appeler, sans adresse : %(names)s.") % {"names": names}


def sheet_pairs(sheet: CommissionSheet, turns: Mapping[int, int]) -> list[tuple[str, str]]:
    """What the commission has before it, and what became of it."""
    request = sheet.request
    found = [
        (_("Demande"), f"{request.reference} · {instant_long_year(request.received_at)}"),
        (_("Demandée par"), request.asker_name),
        (_("Enfant"), child_text(request)),
        (_("Recherche"), request.get_care_display()),
        (_("À partir du"), day_plain(request.starts_on)),
        (_("Jours souhaités"), weekly_text(request)),
        (_("Précisions"), request.remarks),
        *receipt_pairs(sheet, turns.get(sheet.commission_id, 0)),
    ]
    if sheet.turn is not None:
        proposed = place_text(sheet.proposed, sheet) if sheet.proposed else _("en attente")
        found.append((_("Le classement propose"), proposed))
    if sheet.section is not None:
        found.append((_("Place proposée"), place_text(sheet.section, sheet)))
    found += [(_("Raison"), sheet.reason), (_("Décidée par"), sheet.decided_by)]
    if sheet.answer_until is not None:
        found.append((_("À accepter jusqu’au"), day_plain(sheet.answer_until)))
    if sheet.answered_at is not None:
        told = f"{sheet.get_answer_display()} · {instant_long_year(sheet.answered_at)} · {sheet.answered_by}"
        found.append((_("Réponse de la famille"), told))
    return [(name, text) for name, text in found if text]


def proof_lines(sheet: CommissionSheet, is_read: bool) -> list[str]:
    """The proofs that were seen; none where a form shows them."""
    if not is_read:
        return []
    return [
        _("%(criterion)s\u00a0: %(seen)s, vu le %(day)s par %(by)s")
        % {
            "criterion": one.criterion.label,
            "seen": one.seen,
            "day": instant_long_year(one.seen_at),
            "by": one.seen_by,
        }
        for one in sheet.proofs.select_related("criterion")
    ]


__all__ = ["missed_texts", "outcome_text"]
