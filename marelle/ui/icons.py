"""Line icons drawn for Marelle on a 24 × 24 grid: the inside of an `<svg>`, by name."""

from __future__ import annotations

from typing import Final

from django.utils.safestring import SafeString, mark_safe

ICONS: Final[dict[str, str]] = {
    "home": '<path d="M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-5h4v5"/>',
    "menu": '<path d="M4 6.5h16M4 12h16M4 17.5h16"/>',
    "family": '<circle cx="9" cy="8" r="3.2"/><circle cx="17" cy="10" r="2.3"/>'
    '<path d="M3 20c0-3.5 2.7-6 6-6s6 2.5 6 6M15.5 15.2c2.9-.6 5.5 1.5 5.5 4.3"/>',
    "enrolments": '<path d="M5 4h14v16H5zM8.5 9h7M8.5 13h7M8.5 17h4"/>',
    "bookings": '<rect x="4" y="5" width="16" height="15" rx="2"/>'
    '<path d="M4 10h16M9 3v4M15 3v4M9 15l2 2 4-4"/>',
    "invoices": '<path d="M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6"/>',
    "papers": '<path d="M7 3h7l4 4v14H7zM14 3v5h4M12.5 18v-6M10 14.5l2.5-2.5 2.5 2.5"/>',
    "publications": '<path d="M4 6h6l2 2h8v11H4z"/>',
    "history": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "contact": '<path d="M4 5h16v11H9l-5 4z"/>',
    "account": '<circle cx="8" cy="12" r="4"/><path d="M12 12h9M18 12v4M15 12v3"/>',
    "inbox": '<path d="M4 13l3-8h10l3 8v6H4zM4 13h5l1 2.5h4l1-2.5h5"/>',
    "attendance": '<path d="M4 6l1.5 1.5L8 5M4 13l1.5 1.5L8 12M4 20l1.5'
    ' 1.5L8 19M12 6.5h8M12 13.5h8M12 20h8"/>',
    "places": '<path d="M4 20V10l8-6 8 6v10zM10 20v-6h4v6"/>',
    "activities": '<circle cx="12" cy="12" r="8.5"/>'
    '<path d="M12 3.5c3 3 3 14 0 17M3.5 12h17M6 6.5c3.5 2 8.5 2 12 0"/>',
    "figures": '<path d="M4 20h16M7 20v-6M12 20V6M17 20v-9"/>',
    "phone": '<path d="M6 3h3l2 5-2.5 1.8a12 12 0 0 0 5.7 5.7L16'
    ' 13l5 2v3c0 2-1.5 3-3 3C10.5 21 3 13.5 3 6c0-1.5 1-3 3-3z"/>',
    "mail": '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M4 7l8 6 8-6"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l5 5"/>',
    "settings": '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/>'
    '<circle cx="9" cy="17" r="2"/>',
    "empty": '<rect x="9" y="3" width="6" height="5" rx="1.5"/>'
    '<rect x="4.5" y="9.5" width="6" height="5" rx="1.5"/>'
    '<rect x="13.5" y="9.5" width="6" height="5" rx="1.5"/>'
    '<rect x="9" y="16" width="6" height="5" rx="1.5"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5h4"/>',
    "write": '<path d="M5 19l1-4L16.5 4.5l3 3L9 18zM14 7l3 3"/>',
    "health": '<path d="M12 20C5 15.5 3.5 11.8 3.5 9A4.4 4.4 0 0 1 12 7.6 4.4 4.4 0 0 1 20.5 9c0 2.8-1.5'
    ' 6.5-8.5 11z"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.5v.5"/>',
    "ok": '<circle cx="12" cy="12" r="8.5"/><path d="M8 12.5l2.7 2.7 5.3-5.7"/>',
    "warn": '<path d="M5 21V4M5 4h13l-3 4.5 3 4.5H5"/>',
    "error": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5v5.5M12 16v.5"/>',
}


def svg(name: str) -> SafeString:
    """The icon in a page, decorative. An unknown name is a mistake of ours: KeyError."""
    return mark_safe(  # noqa: S308 - constants of this package
        '<svg class="i" viewBox="0 0 24 24" aria-hidden="true" focusable="false">' + ICONS[name] + "</svg>"
    )
