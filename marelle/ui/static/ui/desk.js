"use strict";
// The agents' desk by keyboard: one key goes to the next case, decides, undoes. Everything has its button.
(() => {
  const STORED = "marelle.keys";
  const box = document.querySelector("[data-keys]");
  if (!box) return;
  const dialog = box.querySelector("dialog");
  const choice = box.querySelector("[data-keys-on]");
  box.hidden = false;

  // Kept by the browser: whoever dictates or holds keys down turns single keys off (WCAG 2.1.4).
  const isOn = () => localStorage.getItem(STORED) !== "off";
  const show = () => {
    choice.checked = isOn();
    document.documentElement.classList.toggle("keys-on", isOn());
  };
  choice.addEventListener("change", () => {
    localStorage.setItem(STORED, choice.checked ? "on" : "off");
    show();
  });
  box.querySelector("[data-opens]").addEventListener("click", () => dialog.showModal());
  show();

  const links = [...document.querySelectorAll(".q > li > a[href]")];
  const current = links.find((link) => link.parentElement.hasAttribute("aria-current"));
  const pane = current?.closest(".waiting");
  // The list scrolls by itself, where it stands beside the case: the case open is in the middle of it.
  if (pane && getComputedStyle(pane).overflowY === "auto") {
    pane.scrollTop = current.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 2;
  }
  const held = () => {
    const focused = links.indexOf(document.activeElement);
    return focused >= 0 ? focused : links.indexOf(current);
  };
  const step = (by) => {
    const next = links[held() < 0 ? 0 : held() + by];
    if (!next) return;
    if (document.querySelector(".desk")) next.click();
    else next.focus();
  };
  const marked = (key) => document.querySelector(`[data-key="${key}"]`);
  const press = (key) => marked(key)?.click();
  const REASON = '[name$="reason-motif"], [name$="reason"]';
  // Of several changes on one page, the one where the cursor is, else the first.
  const changeAtHand = () => {
    const waiting = [...document.querySelectorAll("section.change")].filter((one) => one.querySelector(REASON));
    return waiting.find((one) => one.contains(document.activeElement)) ?? waiting[0];
  };
  const refuse = () => {
    const mark = marked("r");
    if (!mark) return;
    const details = mark.closest("details");
    if (details) details.open = true;
    const within = changeAtHand() ?? details ?? mark.form ?? mark.closest("form");
    const no = within.querySelector('input[type=radio][value="refuse"]');
    if (no) no.checked = true;
    (within.querySelector(REASON) ?? within.querySelector("input[type=radio], textarea") ?? mark).focus();
  };
  for (const button of document.querySelectorAll("[data-refuses]")) {
    button.hidden = false;
    button.addEventListener("click", refuse);
  }
  const back = document.querySelector(".desk .back a");
  const search = () => {
    const field = marked("/");
    if (field) field.focus();
    else back?.click();
  };
  // No letter decides while somebody answers, in a form that is unfolded or touched, nor while an error stands.
  const untouched = (field) => {
    if (field.type === "hidden" || field.tagName === "BUTTON" || field.tagName === "FIELDSET") return true;
    if (field.type === "checkbox" || field.type === "radio") return field.checked === field.defaultChecked;
    if (field.tagName !== "SELECT") return field.value === field.defaultValue;
    return field.selectedIndex === Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  };
  const isTouched = (form) => ![...form.elements].every(untouched);
  const answering = () =>
    document.querySelector(".decide details[open] form, main .note.error, [aria-invalid=true], .fault")
    || [...document.querySelectorAll(".desk form")].some(isTouched);
  const leave = (field) => {
    const fold = field.closest("details[open]");
    field.blur();
    if (!fold || isTouched(field.form) || fold.querySelector("[aria-invalid=true]")) return;
    fold.open = false;
    fold.querySelector("summary").focus();
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    a: () => press("a"),
    r: refuse,
    u: () => press("u"),
    "/": search,
    "?": () => press("?"),
  };

  // The help tells what the keys do on this very page, and leaves out those that do nothing here.
  const here = { j: links[0], a: marked("a"), r: marked("r"), u: marked("u"), "/": marked("/") ?? back };
  for (const line of dialog.querySelectorAll("[data-help]")) {
    const key = line.dataset.help;
    line.hidden = !here[key];
    const said = here[key]?.dataset.says ?? (key === "a" ? here.a?.firstChild.textContent.trim() : "");
    if (said) line.querySelector("dd").textContent = said;
  }

  // Places follow the group chosen, without another page: a button does the same.
  const group = document.querySelector("select[data-places]");
  group?.addEventListener("change", async () => {
    const chosen = group.value;
    const address = new URL(location.href);
    address.searchParams.set("groupe", chosen);
    const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) group.form.querySelector(".nojs")?.classList.remove("nojs");
    else {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (group.value !== chosen) return;
      for (const part of document.querySelectorAll("[data-by-group]")) {
        part.replaceChildren(...document.adoptNode(page.getElementById(part.id)).childNodes);
      }
    }
  });

  // A PDF shown beside takes the cursor as it opens, and the keys with it: only who tabs or points there gives it.
  // Whoever was writing goes on where it was.
  let tabbed = -Infinity;
  let hand = null;
  document.addEventListener("focusin", (event) => { if (!event.target.matches("iframe")) hand = event.target; });
  const JUST_NOW = 150;
  document.addEventListener("keydown", (event) => { if (event.key === "Tab") tabbed = event.timeStamp; }, true);
  addEventListener("blur", () => setTimeout(() => {
    const frame = document.activeElement;
    if (performance.now() - tabbed < JUST_NOW || !frame?.matches(".viewer iframe:not(:hover)")) return;
    frame.blur();
    focus();
    hand?.focus({ preventScroll: true });
  }));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !isOn() || dialog.open) return;
    const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");
    const act = keys[event.key.toLowerCase()];
    if (typing && event.key === "Escape") leave(typing);
    if (typing || !act || answering()) return;
    event.preventDefault();
    act();
  });
})();
