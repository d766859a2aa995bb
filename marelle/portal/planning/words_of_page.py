"""What the page says around its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.bookings.planning import Planning
from marelle.core.french import join_and
from marelle.portal.menus import is_there
from marelle.portal.planning.address import Address
from marelle.ui.planning import Grid, GridCell

ENROLMENTS = "/inscriptions/"
FAMILY = "/famille/"


@dataclass(frozen=True, slots=True)
class Nothing:
    """Instead of a table: what is missing, and what to do next."""

    title: str
    text: str
    action_label: str = ""
    action_url: str = ""


def nothing(found: Planning, address: Address) -> Nothing | None:
    if any(shown.columns for shown in found.shown):
        return None
    if not found.children:
        return Nothing(
            _("Aucun enfant dans votre dossier"),
            _("Les réservations se font pour les enfants de votre famille : ajoutez d’abord le vôtre."),
            *_link(_("Voir ma famille"), FAMILY),
        )
    if address.activity is not None:
        everything = reverse("planning") + replace(address, activity=None).query
        return Nothing(
            _("Rien à réserver dans cette activité sur cette période"),
            _("Changez de date, ou regardez toutes les activités."),
            _("Voir toutes les activités"),
            everything,
        )
    names = join_and([shown.child.first_name for shown in found.shown])
    return Nothing(
        _("Rien à réserver pour %s sur cette période") % names,
        _("Changez de date. Un enfant qui n’est pas encore inscrit à une activité doit d’abord l’être."),
        *_link(_("Voir mes inscriptions"), ENROLMENTS),
    )


def notes(found: Planning) -> list[str]:
    """For whom the account may look and not book; who has nothing to book beside those who have."""
    said = []
    readers = [s.child.first_name for s in found.shown if s.columns and not s.child.may_book]
    if readers:
        said.append(_("Vous pouvez voir les réservations de %s, mais pas les modifier.") % join_and(readers))
    idle = [s.child.first_name for s in found.shown if not s.columns]
    if idle and len(idle) < len(found.shown):
        said.append(_("Rien à réserver pour %s sur cette période.") % join_and(idle))
    return said


def lead(tables: Iterable[Grid], *, asks_reason: bool) -> str:
    """What is done on the page; hours are chosen, and no case is clicked."""
    if asks_reason:
        return _("Une case dont le délai est passé s’enregistre avec un motif de dérogation.")
    chosen = [cell.hours is not None for cell in _editable(tables)]
    if not chosen:
        return _("Jour par jour, ce qui est réservé et ce qui peut l’être.")
    if all(chosen):
        return _("Choisissez l’arrivée et le départ pour réserver, remettez les deux sur « – » pour annuler.")
    return _("Cliquez sur une case blanche pour réserver, cliquez à nouveau pour annuler.")


def can_save(tables: Iterable[Grid]) -> bool:
    return next(_editable(tables), None) is not None


def _editable(tables: Iterable[Grid]) -> Iterator[GridCell]:
    return (
        cell
        for table in tables
        for row in table.rows
        for cell in row.cells
        if cell is not None and cell.editable
    )


def _link(label: str, url: str) -> tuple[str, str]:
    return (label, url) if is_there(url) else ("", "")
