"""The pictures of these documents, taken again from a running demo: `make demo`, then `make pictures`.

`make pictures PORT=8080` asks another port. Nothing is saved in the demo, but that a tablet takes its
code: forms are filled in and left, the door is ticked without the network. Make those of the door on a day of
school.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from marelle.core.clock import PARIS
from tests.browser import FLAGS, NO_CHROMIUM, chromium_path

IMAGES: Final = Path(__file__).resolve().parent / "images"
WIDTH: Final = 1280
COLOURS: Final = 128
"""Of a picture's palette: enough for flat screens, and a third of the size."""

PASSWORD: Final = "Marelle-demo-2026"  # noqa: S105 - public on purpose
PIN: Final = "2026"
CLICKS: Final = 2
"""White cells taken before the picture, so that it shows what waits for ENREGISTRER."""

PDF_DRAWN: Final = 6_000
"""Milliseconds that Chromium takes to draw a PDF, at most: it says nothing when it is done."""

WEDNESDAYS: Final = "Mercredis de Brisecombe"


WEDNESDAY: Final = 2
TOUCHES: Final = ("Arrivée|Présent", "Arrivée|Présent", "Absent")
"""Of the first children of the list, before the picture of the tablet."""


class Picture(NamedTuple):
    """The file `name`.png: whose screen, how to come to it, its height and width in pixels."""

    name: str
    account: str
    come: Callable[[Page], None]
    height: int = 900
    width: int = WIDTH


def next_wednesday() -> date:
    """Today, when it is one."""
    today = datetime.now(PARIS).date()
    return today + timedelta(days=(WEDNESDAY - today.weekday()) % 7)


def planning(page: Page) -> None:
    """The first week of the eldest Durand that a closing touches, with two cells taken and not saved yet."""
    page.goto("/reservations/")
    while not page.locator(".plan tbody", has_text="par la structure").count():
        page.get_by_role("link", name="suivant").first.click()
    for _ in range(CLICKS):
        page.locator("td.free").get_by_role("checkbox", name="Matin").first.check(force=True)


def desk(page: Page) -> None:
    """A request, with what its decision needs, beside all that waits."""
    page.goto("/agents/")
    page.get_by_role("link", name=re.compile("Inscription · Mercredis")).first.click()


def search(page: Page) -> None:
    """A family found in spite of a mistake."""
    page.goto("/agents/familles/")
    page.get_by_role("searchbox").fill("duran camile")
    page.get_by_role("link", name="Durand").first.wait_for()


def family(page: Page) -> None:
    search(page)
    page.get_by_role("link", name="Durand").first.click()


def merging(page: Page) -> None:
    """The two files of the Bernard home, and what will be kept of each."""
    page.goto("/agents/familles/")
    page.get_by_role("searchbox").fill("F00004")
    page.get_by_role("link", name="Bernard").first.click()
    page.get_by_role("link", name="Réunir").click()
    page.get_by_role("link", name="Comparer").first.click()
    page.get_by_role("button", name="Continuer").click()


def importing(page: Page) -> None:
    """What became of the list that the demo has imported."""
    page.goto("/agents/familles/importer/")
    page.get_by_role("link", name="familles-brisecombe").click()


def activity(page: Page) -> None:
    page.goto("/agents/activites/")
    page.get_by_role("link", name=WEDNESDAYS).first.click()


def next_year(page: Page) -> None:
    """The steps of the next school year, and where each stands."""
    page.goto("/agents/activites/annee/")


def paper(page: Page) -> None:
    """A paper's pages beside the decision on it."""
    page.goto("/agents/documents/")
    page.get_by_role("link", name="Camille Durand").first.click()
    page.wait_for_timeout(PDF_DRAWN)


def missing(page: Page) -> None:
    page.goto("/agents/documents/manquants/")


def closing(page: Page) -> None:
    """Whom the snow would touch on the second Wednesday to come."""
    page.goto("/agents/fermetures/")
    day = next_wednesday() + timedelta(days=7)
    page.get_by_label("Premier jour").fill(day.isoformat())
    page.get_by_role("button", name="Voir qui est touché").click()


def occupation(page: Page) -> None:
    page.goto("/agents/places/")
    page.get_by_role("link", name="suivant").first.click()


def staff(page: Page) -> None:
    """The first month where somebody is still to be found: the page opens on it."""
    page.goto("/agents/places/personnel/")


def waiting(page: Page) -> None:
    """A queue whose order was changed."""
    page.goto("/agents/places/attente/")
    page.get_by_role("link", name="6–12 ans").first.click()


def team(page: Page) -> None:
    page.goto("/agents/reglages/agents/")


def news(page: Page) -> None:
    """Who would be sent a piece of news, counted first."""
    page.goto("/agents/actualites/")
    page.get_by_role("link", name="Envoyer").first.click()


def team_place() -> str:
    """The structure of the demo's team where children come today."""
    is_wednesday = datetime.now(PARIS).weekday() == WEDNESDAY
    return "Accueil de loisirs de Brisecombe" if is_wednesday else "Périscolaire d’Arelle"


def of_structure(page: Page, address: str, structure: str) -> None:
    """The page at `address`, of a structure that it lets one choose."""
    page.goto(address)
    place = page.locator("select[name=structure] option", has_text=structure)
    page.goto(f"{address}?structure={place.get_attribute('value')}")


def door(page: Page) -> None:
    """The list of today at the door."""
    of_structure(page, "/agents/presences/", team_place())
    page.locator("#door[data-ready]").wait_for()


def tablet(page: Page) -> None:
    """The same on a tablet that has lost the network, some children ticked."""
    page.goto("/agents/presences/tablettes/")
    listed = page.get_by_role("listitem").filter(has_text=team_place())
    listed.get_by_role("button", name="Nouveau code").click()
    code = page.locator(".door-code").inner_text()
    page.context.clear_cookies()
    page.goto("/porte/")
    page.get_by_label("Code de la tablette").fill(code)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Samir Lenoir").check()
    page.get_by_label("Votre code").fill(PIN)
    page.get_by_role("button", name="Ouvrir la liste").click()
    page.locator("#door[data-ready]").wait_for()
    page.context.set_offline(True)
    for row, word in zip(page.locator("#door-list > li:visible").all(), TOUCHES, strict=False):
        row.get_by_role("button", name=re.compile(word)).click()
    page.get_by_text(re.compile("Hors ligne ·")).wait_for()


def lists(page: Page) -> None:
    """Who may fetch each child of the next Wednesday, to be signed."""
    page.goto(f"/agents/presences/listes/?liste=feuille-de-sortie&jour={next_wednesday().isoformat()}")


def meals(page: Page) -> None:
    """A week of a kitchen that is ordered, with what moved since."""
    today = datetime.now(PARIS).date()
    of_structure(page, "/agents/presences/repas/", "Restaurant scolaire")
    page.goto(f"{page.url}&jour={today.isoformat()}")


def figures(page: Page) -> None:
    """Those of all the structures, of a whole school year."""
    page.goto("/agents/chiffres/?structure=toutes&de=9&a=8&par=structure")


PICTURES: Final = (
    Picture("planning", "durand", planning, 1080),
    Picture("bureau", "guichet", desk, 1240),
    Picture("recherche", "guichet", search, 620),
    Picture("famille", "guichet", family, 1100),
    Picture("reunir", "guichet", merging, 900),
    Picture("import", "guichet", importing, 760),
    Picture("document", "guichet", paper, 900),
    Picture("manquants", "guichet", missing, 800),
    Picture("agents", "guichet", team, 700),
    Picture("repas", "guichet", meals, 1040),
    Picture("chiffres", "guichet", figures, 1000),
    Picture("activite", "direction", activity, 1100),
    Picture("annee", "direction", next_year, 1260),
    Picture("fermeture", "direction", closing, 1180),
    Picture("occupation", "direction", occupation, 900),
    Picture("personnel", "direction", staff, 860),
    Picture("attente", "direction", waiting, 760),
    Picture("actualite", "direction", news, 760),
    Picture("presences", "direction", door, 1180),
    Picture("listes", "direction", lists, 860),
    # The last of its account: what it ticked leaves with the browser, as long as the network is cut.
    Picture("tablette", "direction", tablet, 1112, 834),
)


def log_in(page: Page, identifier: str) -> None:
    page.goto("/connexion/")
    page.locator("input[name=identifier]").fill(identifier)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/connexion/" not in url)


def take(page: Page, picture: Picture) -> None:
    """Come to the screen, and write what it shows with a small palette."""
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    picture.come(page)
    page.wait_for_load_state()
    page.mouse.move(0, 0)
    page.evaluate("window.scrollTo(0, 0)")
    shown = Image.open(BytesIO(page.screenshot())).convert("RGB")
    small = shown.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(IMAGES / f"{picture.name}.png", optimize=True)


def take_all(browser: Browser, url: str, names: list[str]) -> None:
    """Those of `names`, or all; one login an account."""
    wanted = [one for one in PICTURES if not names or one.name in names]
    for account, pictures in groupby(wanted, key=lambda one: one.account):
        context = browser.new_context(base_url=url, locale="fr-FR", timezone_id="Europe/Paris")
        page = context.new_page()
        log_in(page, account)
        for picture in pictures:
            take(page, picture)
        context.close()


def main(url: str, *names: str) -> None:
    path = chromium_path(whole=True)
    if path is None:
        sys.exit(f"No pictures: {NO_CHROMIUM}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        take_all(browser, url, list(names))
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
