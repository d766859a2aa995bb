"""The emergency sheet of a tablet, written by a function as the list of `door`: frozen data in, rows out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Number:
    """A phone to touch, and as it is read."""

    dialled: str
    shown: str


@dataclass(frozen=True, slots=True)
class CallLine:
    who: str
    numbers: tuple[Number, ...]
    is_banned: bool = False


@dataclass(frozen=True, slots=True)
class EmergencyLine:
    """A child. `alerts` are what nobody may overlook, `notes` the rest of what helps."""

    initials: str
    name: str
    detail: str
    is_absent: bool
    alerts: tuple[str, ...]
    called: tuple[CallLine, ...]
    doctor: CallLine | None
    notes: tuple[str, ...]


def render_emergency(lines: Iterable[EmergencyLine]) -> SafeString:
    """Every text is escaped here."""
    none, banned, doctor = _("pas de téléphone"), _("INTERDIT de venir chercher"), _("Médecin\u00a0:")
    parts: list[str] = []
    for line in lines:
        away = ' class="away"' if line.is_absent else ""
        parts += [
            f'<li{away}><div class="id"><i aria-hidden="true">{escape(line.initials)}</i>',
            f"<b>{escape(line.name)}</b><small>{escape(line.detail)}</small></div>",
            *(f'<p class="said">{escape(alert)}</p>' for alert in line.alerts),
        ]
        if line.called:
            parts.append('<ol class="calls">')
            for one in line.called:
                no = f' <b class="said">{escape(banned)}</b>' if one.is_banned else ""
                parts.append(f"<li>{escape(one.who)}\u00a0: {_links(one.numbers) or escape(none)}{no}</li>")
            parts.append("</ol>")
        if line.doctor:
            parts.append(f"<p>{escape(doctor)} {escape(line.doctor.who)} {_links(line.doctor.numbers)}</p>")
        parts += [*(f"<p>{escape(note)}</p>" for note in line.notes), "</li>"]
    return mark_safe("".join(parts))  # noqa: S308 - each text is escaped above


def _links(numbers: Sequence[Number]) -> str:
    return " ".join(f'<a href="tel:{escape(one.dialled)}">{escape(one.shown)}</a>' for one in numbers)
