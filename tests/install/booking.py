"""From the first agent's invitation to a booked meal, through nginx, with a browser and a mailbox."""

from __future__ import annotations

import email
import re
import time
from datetime import date, datetime, timedelta
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser import chromium_path

PASSWORD = "Une-cantine-a-Fontaine-2026"
PARENT = "camille.durand@exemple.test"


def a_family_books(root: Path, portal: str, admin: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox", f"--host-resolver-rules=MAP {portal} 127.0.0.1"],
        )
        desk, home = (
            browser.new_context(
                base_url=f"https://{portal}", ignore_https_errors=True, locale="fr-FR"
            ).new_page()
            for _ in range(2)
        )
        desk.goto(link_of(root, admin))
        opened(desk, "secretariat")
        desk.goto("/agents/familles/nouvelle/")
        for name, value in {
            "adulte1-first_name": "Camille", "adulte1-last_name": "Durand", "adulte1-email": PARENT,
            "enfant1-first_name": "Léo",
            "enfant1-birth_date": (today() - timedelta(days=6 * 365)).isoformat(),
        }.items():  # fmt: skip
            desk.locator(f"[name={name}]").fill(value)
        desk.locator("[name=adulte1-link]").select_option("mother")
        desk.get_by_role("button", name="Créer", exact=False).first.click()
        says(desk, "Durand")
        home.goto(link_of(root, PARENT))
        opened(home, "camille")
        home.goto("/inscriptions/")
        home.get_by_role("main").get_by_role("link", name="Léo").first.click()
        home.get_by_role("main").get_by_role("link", name="Demander : Cantine").click()
        pressed(home, "ENREGISTRER")
        says(home, "Votre demande est maintenant envoyée")
        desk.goto("/agents/")
        desk.get_by_role("main").get_by_role("link", name="Cantine").first.click()
        pressed(desk, "Accepter")
        says(desk, "Inscription acceptée")
        home.goto("/inscriptions/")
        home.get_by_role("main").get_by_role("link", name="Léo").first.click()
        home.get_by_role("main").get_by_role("link", name="Étape 2").click()
        booked(home)
        browser.close()


def today() -> date:
    return datetime.now(tz=ZoneInfo("Europe/Paris")).date()


def booked(page: Page) -> None:
    """The first meal that may still be booked, be it some weeks away: of holidays none is."""
    for weeks in range(6):
        day = today() + timedelta(days=7 * weeks + 3)
        page.goto(re.sub(r"&date=[^&]*|$", f"&date={day}", page.url, count=1))
        cells = page.get_by_role("checkbox", name="Repas").and_(page.locator(":not([disabled])"))
        if cells.count():
            cells.last.check(force=True)
            pressed(page, "ENREGISTRER")
            says(page, "Réservé")
            return
    raise SystemExit("No meal could be booked within six weeks.")


def opened(page: Page, identifier: str) -> None:
    page.get_by_label("Identifiant").fill(identifier)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_label("Le même mot de passe").fill(PASSWORD)
    pressed(page, "J’ouvre mon accès")
    expect(page.get_by_role("button", name="Se déconnecter").first).to_be_visible()


def pressed(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).locator("visible=true").first.click()


def says(page: Page, text: str) -> None:
    expect(page.get_by_role("main")).to_contain_text(text)


def link_of(root: Path, to: str) -> str:
    """Of the invitation that the mail server received, within two minutes."""
    for _ in range(240):
        for path in (root / "home/boite/Maildir/new").glob("*"):
            mail = email.message_from_bytes(path.read_bytes(), policy=default)
            body = mail.get_body(("plain",))
            found = re.search(r"https://\S+/\S+", body.get_content()) if body else None
            if found and to in str(mail["To"]):
                return found[0].rstrip(".,)")
        time.sleep(0.5)
    raise SystemExit(f"No invitation for {to} came by mail.")
