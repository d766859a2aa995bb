"""Two browsers and the mails between them: what the tutorial's walk is made of."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from marelle.mail.models import Message
from tests.road.commune import Commune
from tests.road.walker import Axe, Walker


def unchecked(_page: Page) -> list[str]:
    """For the office's pages, the second time that they are walked through."""
    return []


class Walk:
    """Hugo with one browser, the office with another, and the mails between them."""

    def __init__(self, open_page: Any, axe: Axe, width: int, *, javascript: bool = True) -> None:
        self.world = Commune()
        self.home = Walker(open_page(width=width, javascript=javascript), axe, javascript=javascript)
        self.desk = Walker(open_page(width=1280), axe if width == 1280 else unchecked)
        self.page = self.home.page

    def mail(self, subject: str, *words: str, to: str = "") -> str:
        """The text of the last mail so called, which went to Hugo; it holds `words`."""
        to = to or self.world.hugo.email
        found = Message.objects.filter(subject__icontains=subject, to=to).order_by("pk").last()
        assert found is not None, (subject, list(Message.objects.values_list("to", "subject")))
        for text in words:
            assert text in found.text
        return found.text

    def queue(self, line: str) -> None:
        """The office opens what waits."""
        self.desk.page.goto("/agents/")
        self.desk.look(line)
        self.desk.follow(line)
