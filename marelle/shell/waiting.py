"""The page of the waiting room. Made once a minute in each process, then two words are put into it: it costs
nothing while thousands ask for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.core.french import number_text
from marelle.core.kept import revision_once
from marelle.shell.context import shell_of_nobody
from marelle.ui.shell import Shell

MADE_EVERY: Final = 60.0
"""Seconds for which a page that was made is shown."""

AHEAD: Final = "%devant%"
WAIT: Final = "%attente%"
"""Where the words go."""

logger = logging.getLogger(__name__)


class WaitingPage:
    """`clock` counts seconds, from wherever."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._made: dict[bool, tuple[float, str]] = {}

    def __call__(self, ahead: int, minutes: int | None, writes: bool) -> bytes:
        page = self._page(writes)
        return page.replace(AHEAD, ahead_text(ahead)).replace(WAIT, wait_text(minutes)).encode()

    def _page(self, writes: bool) -> str:
        held = self._made.get(writes)
        if held is not None and self.clock() - held[0] < MADE_EVERY:
            return held[1]
        try:
            with revision_once():
                page = _rendered(shell_of_nobody(), writes)
        except Exception:
            # The database may be away: who waits is told so all the same, by the last page or a bare one.
            logger.exception("The page of the waiting room could not be made anew")
            page = held[1] if held is not None else _rendered(Shell(), writes)
        self._made[writes] = self.clock(), page
        return page


def _rendered(shell: Shell, writes: bool) -> str:
    context = {"shell": shell, "ahead": AHEAD, "wait": WAIT, "writes": writes}
    return render_to_string("ui/waiting.html", context)


def ahead_text(ahead: int) -> str:
    """ "c’est à vous", "12 personnes"."""
    if not ahead:
        return _("personne, c’est à vous dans un instant")
    return ngettext("%s personne", "%s personnes", ahead) % number_text(ahead)


def wait_text(minutes: int | None) -> str:
    """ "environ 5 minutes"."""
    if minutes is None:
        return _("pas encore connue")
    return _("moins d’une minute") if minutes <= 1 else _("environ %s minutes") % number_text(minutes)
