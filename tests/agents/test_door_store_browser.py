"""What a device keeps of the door, its storage slow or broken: the bar says no more than it knows."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from marelle.attendance.models import Tick
from marelle.attendance.tablets import tablet_revoke
from marelle.flows.actor.actors import actor_for
from tests.agents.tablets import BAR, LEAVING, SEEN_AGAIN, TOUCH, Today, ready, tablet_opened

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WRITING = "Enregistrement…"
SENT = "Tout est envoyé"
BLIND = "La mémoire de cet appareil ne se lit pas : rechargez la page"
# Another connection writes there, and those who come after wait for it: as long as a slow disk makes them.
BUSY = """() => new Promise((resolve) => {
    let busy = true;
    window.rested = () => { busy = false; };
    indexedDB.open("marelle-porte").onsuccess = ({ target }) => {
        const ticks = target.result.transaction("ticks", "readwrite").objectStore("ticks");
        const again = () => { if (busy) ticks.get(0).onsuccess = again; else target.result.close(); };
        ticks.get(0).onsuccess = () => { again(); resolve(); };
    };
})"""
LISTENING = """() => {
    const bar = document.querySelector("#door-bar");
    window.said = [];
    new MutationObserver(() => said.push(bar.textContent)).observe(bar, { childList: true });
}"""
BROKEN = """
    for (const name of ["getAll", "add"]) {
        const real = IDBObjectStore.prototype[name];
        IDBObjectStore.prototype[name] = function (...given) {
            if (sessionStorage.getItem("broken")) throw new DOMException("", "UnknownError");
            return real.apply(this, given);
        };
    }
"""


def touched(page: Page, row: str) -> None:
    assert page.evaluate(TOUCH, [row, "present"])[1] == "Présent"


def test_a_touch_that_is_being_written_is_not_said_to_be_kept_nor_sent(open_page, lay_cable):
    world = Today()
    cable = lay_cable()
    page, _tablet = tablet_opened(open_page, cable, world)
    zoe, leo, ana = map(world.row, world.children)
    bar = page.locator(BAR)
    cable.cut(page.context)
    page.evaluate(BUSY)
    touched(page, zoe)
    assert bar.text_content() == WRITING
    assert page.evaluate(LEAVING)
    page.get_by_label("Nom de l’enfant").fill("Inconnu")
    page.get_by_role("button", name="Enfant sans inscription").click()
    expect(page.locator("#door-said li")).to_have_count(0)
    page.evaluate("rested()")
    expect(bar).to_have_text("Hors ligne · 2 pointages à envoyer")
    expect(page.locator("#door-said")).to_contain_text("Inconnu : noté")
    assert not page.evaluate(LEAVING)
    # What was read before the touch holds nothing that waits, and is known after it.
    cable.mend(page.context)
    expect(bar).to_have_text(SENT)
    page.evaluate(LISTENING)
    page.evaluate(BUSY)
    page.evaluate(SEEN_AGAIN)
    touched(page, leo)
    page.evaluate("rested()")
    expect(bar).to_have_text(SENT)
    assert page.evaluate("said") == [WRITING, "1 pointage à envoyer", SENT]
    assert Tick.objects.count() == 3
    # Closed as soon as the bar counts it, it is there when the page is opened again.
    cable.cut(page.context)
    touched(page, ana)
    expect(bar).to_have_text("Hors ligne · 1 pointage à envoyer")
    page.reload()
    ready(page)
    expect(bar).to_have_text("Hors ligne · 1 pointage à envoyer")


def test_a_storage_that_cannot_be_read_is_neither_said_to_be_sent_nor_erased(open_page, lay_cable):
    world = Today()
    cable = lay_cable()
    page, tablet = tablet_opened(open_page, cable, world)
    page.context.add_init_script(BROKEN)
    page.reload()
    ready(page)
    cable.cut(page.context)
    touched(page, world.row(world.children[0]))
    expect(page.locator(BAR)).to_have_text("Hors ligne · 1 pointage à envoyer")
    page.evaluate("sessionStorage.setItem('broken', '1')")
    # Who read before it broke has tried by then, and found no network.
    expect(page.locator(BAR)).to_have_text(BLIND)
    cable.mend(page.context)
    tablet_revoke(actor=actor_for(world.director), tablet_id=tablet.pk, now=timezone.now())
    with page.expect_response("**/porte/pointages/"):
        touched(page, world.row(world.children[1]))
    expect(page.locator(BAR)).to_have_text(BLIND)
    page.goto("/porte/")
    expect(page.get_by_label("Code de la tablette")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert "marelle-porte" in page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")
    page.evaluate("sessionStorage.removeItem('broken')")
    page.reload()
    page.locator("html[data-erased]").wait_for(state="attached")
    assert [tick.outcome for tick in Tick.objects.all()] == ["revoked", "revoked"]
