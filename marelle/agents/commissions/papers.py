"""What a commission prints: a sheet for each demand, and its minutes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.agents.commissions import words
from marelle.campaigns.commissions.labels import criteria_texts, outcome_text, place_text
from marelle.campaigns.commissions.receipts import missed_texts, names_of, turns_of
from marelle.campaigns.models import Commission, CommissionSheet
from marelle.core.french import day_long_year, instant_long_year
from marelle.core.listing import Cell, Column, Listing, Weight, cell
from marelle.relay.labels import child_text


def sheet_listings(
    commission: Commission, sheets: Sequence[CommissionSheet], today: date, now: datetime
) -> list[Listing]:
    """A page for each demand: what it asks, what was seen, its right and why, what was decided."""
    turns, names = turns_of([commission.pk]), names_of([commission.pk])
    criteria = criteria_texts(commission.criteria.all())
    found = []
    for sheet in sheets:
        seen = {one.criterion_id: one.seen for one in sheet.proofs.all()}
        rows = [_row(name, text) for name, text in words.sheet_pairs(sheet, turns)]
        rows += [
            _row(f"{one.label} ({gives})", seen.get(one.pk) or _("pièce non vue : %s") % one.proof)
            for one, gives in criteria
        ]
        rows += [_row(_("Ce qui a manqué"), text) for text in missed_texts(sheet, names)]
        rows.append(_row(_("Décision"), outcome_text(sheet, today)[0]))
        found.append(
            Listing(
                title=words.sheet_title(sheet),
                name=f"fiches-{commission.pk}",
                facts=(f"{commission.name} · {day_long_year(commission.sits_on)}",),
                columns=(Column(_("La demande"), 2), Column(_("Ce qu’on en sait"), 5)),
                rows=tuple(rows),
                notes=(),
                footer=_footer(commission, now),
                author=commission.structure.name,
            )
        )
    return found


def minutes_listing(
    commission: Commission,
    sheets: Sequence[CommissionSheet],
    today: date,
    now: datetime,
    *,
    named: bool,
    apart: Collection[int],
) -> Listing:
    """Who sat, what was given, each decision. Without `named`, sheets are known by their numbers; a home that
    is closed to who asks (`apart`) always is."""
    columns = [
        Column(_("Fiche"), 1),
        Column(_("Billet"), 3),
        Column(_("Priorité, points"), 2),
        Column(_("Tour"), 1),
        Column(_("Classement"), 4),
        Column(_("Décision"), 4),
        Column(_("Raison"), 4),
    ]
    if named:
        columns.insert(1, Column(_("Enfant"), 4))
    rows = []
    for sheet in sheets:
        own = [
            cell(str(sheet.number)),
            cell(sheet.ticket),
            cell(_right_text(sheet)),
            cell("" if sheet.turn is None else str(sheet.turn + 1)),
            cell(_proposed_text(sheet)),
            cell(_decided_text(sheet, today)),
            cell(sheet.reason),
        ]
        if named:
            shown = sheet.request.family_id not in apart
            own.insert(1, cell(child_text(sheet.request), sheet.request.asker_name) if shown else cell(""))
        rows.append(tuple(own))
    return Listing(
        title=_("Procès-verbal · %(name)s") % {"name": commission.name},
        name=f"proces-verbal-{commission.pk}",
        facts=_facts(commission),
        columns=tuple(columns),
        rows=tuple(rows),
        notes=(_("Signatures :"),),
        footer=_footer(commission, now),
        author=commission.structure.name,
        wide=True,
    )


def _facts(commission: Commission) -> tuple[str, ...]:
    sat = " · ".join(words.members_of(commission)) or _("à compléter")
    found = [
        _("Séance du %(day)s, pour %(relay)s.")
        % {"day": day_long_year(commission.sits_on), "relay": commission.structure.name},
        _("Ont siégé : %(sat)s.") % {"sat": sat},
        *(
            _("Places : %(name)s, %(detail)s.") % {"name": one.name, "detail": one.detail}
            for one in words.section_lines(commission)
        ),
        *(
            _("Critère : %(name)s, %(detail)s.") % {"name": one.name, "detail": one.detail}
            for one in words.criterion_lines(commission)
        ),
        _(
            "Tirage entre fiches égales : graine %(seed)s, promise sous l’empreinte %(promise)s ; nombre"
            " public %(number)s (%(source)s)."
        )
        % {
            "seed": commission.seed,
            "promise": commission.promise,
            "number": commission.public_number,
            "source": commission.public_source,
        },
        _("Classement vérifié par un autre programme, empreinte du fichier %(print)s.")
        % {"print": commission.fingerprint},
    ]
    return tuple(found)


def _right_text(sheet: CommissionSheet) -> str:
    if sheet.tier is None:
        return ""
    points = ngettext("%(n)d point", "%(n)d points", sheet.points or 0) % {"n": sheet.points or 0}
    return _("priorité %(tier)d, %(points)s") % {"tier": sheet.tier + 1, "points": points}


def _proposed_text(sheet: CommissionSheet) -> str:
    if sheet.turn is None:
        return ""
    return place_text(sheet.proposed, sheet) if sheet.proposed is not None else _("en attente")


def _decided_text(sheet: CommissionSheet, today: date) -> str:
    state = outcome_text(sheet, today)[0]
    return f"{state} · {place_text(sheet.section, sheet)}" if sheet.section is not None else state


def _row(name: str, text: str) -> tuple[Cell, Cell]:
    return cell(name, weight=Weight.STRONG), cell(text)


def _footer(commission: Commission, now: datetime) -> str:
    return f"{commission.structure.name} · {instant_long_year(now)}"
