"""What surrounds a page: names, menu, account. Built above, drawn by `ui/base.html`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

PORTAL_NAME: Final = _("Espace famille")


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry of a menu. `icon` is a name of `marelle.ui.icons`; `badge` is what waits there, or "".

    `section` is the title that it shares with its neighbours, where a menu is long.
    """

    label: Text
    url: str
    icon: str = ""
    current: bool = False
    badge: Text = ""
    section: Text = ""


LEGAL: Final = (
    MenuEntry(_("Accessibilité"), "/accessibilite/"),
    MenuEntry(_("Données personnelles"), "/donnees-personnelles/"),
    MenuEntry(_("Mentions légales"), "/mentions-legales/"),
)
"""The footer's links, there even on an error page that reads nothing."""


@dataclass(frozen=True, slots=True)
class Shell:
    """All that the shells show around a page.

    Every field has a default, so that an error page on which no context processor ran still has a header.
    `acting_for` is the label of the family in whose name an agent acts; `stop_acting_url` takes the POST
    that ends it.
    """

    portal_name: Text = PORTAL_NAME
    organisation: Text = ""
    account_label: str = ""
    home_url: str = "/"
    is_staff: bool = False
    is_family: bool = False
    acting_for: str = ""
    menu: tuple[MenuEntry, ...] = ()
    demo: bool = False
    account_url: str = ""
    logout_url: str = ""
    login_url: str = ""
    stop_acting_url: str = ""
    legal: tuple[MenuEntry, ...] = LEGAL

    @property
    def sections(self) -> list[tuple[str, list[MenuEntry]]]:
        """The menu by titles, each with its entries, in the menu's order."""
        found = groupby(self.menu, key=lambda entry: str(entry.section))
        return [(title, list(entries)) for title, entries in found]
