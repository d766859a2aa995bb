"""What surrounds a page: names, menu, account. Built above, drawn by `ui/base.html`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

PORTAL_NAME: Final = _("Espace famille")
STAFF_FRAME: Final = "ui/staff.html"


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry of a menu. `icon` is a name of `marelle.ui.icons`; `badge` is what waits there, or "", and
    `heard` what it counts, for those who hear the page."""

    label: Text
    url: str
    icon: str = ""
    current: bool = False
    badge: Text = ""
    heard: Text = ""


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
    `description` is told to search engines, "" for what the portal is to families. `home_label` names the
    page of `home_url`, "" for the menu.
    `frame` is the template in which errors stand: an agent keeps its menu.
    `acting_for` is the label of the family in whose name an agent acts; `stop_acting_url` takes the POST
    that ends it, `judged_url` the file of a family that a judge keeps away from one of its children, "" for
    another. `tabs` are the pages beside this one under the same entry of the menu,
    `above` the one of them under which this one is. `dock` is the few
    entries that stay at the bottom of a phone. `theme_url` is a style sheet with the authority's colours;
    `logo_size` is in pixels. `search_url` is the page that answers the search above each page of an agent,
    "" for who may not open it.
    """

    portal_name: Text = PORTAL_NAME
    organisation: Text = ""
    description: Text = ""
    account_label: str = ""
    home_url: str = "/"
    home_label: Text = ""
    is_staff: bool = False
    is_family: bool = False
    frame: str = "ui/base.html"
    acting_for: str = ""
    judged_url: str = ""
    menu: tuple[MenuEntry, ...] = ()
    tabs: tuple[MenuEntry, ...] = ()
    above: MenuEntry | None = None
    dock: tuple[MenuEntry, ...] = ()
    demo: bool = False
    rehearsal: bool = False
    account_url: str = ""
    logout_url: str = ""
    login_url: str = ""
    stop_acting_url: str = ""
    legal: tuple[MenuEntry, ...] = LEGAL
    theme_url: str = ""
    logo_url: str = ""
    logo_size: tuple[int, int] = (0, 0)
    search_url: str = ""

    @property
    def speaks_to_staff(self) -> bool:
        return self.frame == STAFF_FRAME
