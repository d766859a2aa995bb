"""Two browsers and the mails between them: what the tutorial's walk is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from playwright.sync_api import Page

from marelle.mail.models import Message
from tests.papers.files import picture
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
        sent = Message.objects.filter(to=to).order_by("-pk")
        found = next((one for one in sent if subject.lower() in one.subject.lower()), None)
        assert found is not None, (subject, list(Message.objects.values_list("to", "subject")))
        for text in words:
            assert text in found.text
        return found.text

    def queue(self, line: str) -> None:
        """The office opens what waits."""
        self.desk.page.goto("/agents/")
        self.desk.look(line)
        self.desk.follow(line)


def link_in(text: str) -> str:
    """Where the one link of a mail leads, without the site that the settings name."""
    found = re.search(r"https?://[^/\s]+(/[^\s)\]]+)", text)
    assert found is not None
    return found[1]


def uploaded(file: Any) -> dict[str, Any]:
    return {"name": file.name, "mimeType": file.content_type, "buffer": file.read()}


Step = tuple[str, Callable[[Walk], None]]
STEPS: list[Step] = []


def step(title: str) -> Callable[[Callable[[Walk], None]], Callable[[Walk], None]]:
    """Registers a step under the title of its section."""

    def keep(walks: Callable[[Walk], None]) -> Callable[[Walk], None]:
        STEPS.append((title, walks))
        return walks

    return keep


def send(walk: Walk, title: str) -> None:
    """A picture, for the document of that title in the list shown."""
    walk.home.follow(title)
    walk.home.look("Envoyer ce document", title)
    walk.page.locator("input[type=file]").first.set_input_files([uploaded(picture("page.jpg"))])
    walk.home.press("Envoyer")
    walk.home.look("Votre document est envoyé. Le service va le vérifier.")


def walked(walk: Walk, steps: Sequence[Step]) -> None:
    """Each step in turn; a failure says in which section of the tutorial."""
    for title, walks in steps:
        try:
            walks(walk)
        except Exception as error:
            error.add_note(f"In « {title} », at {walk.page.url}; the office at {walk.desk.page.url}")
            raise
