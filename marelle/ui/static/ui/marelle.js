"use strict";
// Shared behaviour. Everything works without it: it only warns, asks and spares a click.
(() => {
  document.documentElement.classList.add("js");
  const LEAVE = "Vous avez des modifications non enregistrées. Quitter cette page sans les enregistrer\u00a0?";
  const guarded = [...document.querySelectorAll("form[data-guard]")];
  const print = (form) =>
    JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken" && name !== "seen")
      .map(([name, value]) => [name, value instanceof File ? value.name : value]));
  const before = new Map(guarded.map((form) => [form, form.dataset.guard === "dirty" ? null : print(form)]));
  let leaving = false;
  const dirty = () => !leaving && guarded.some((form) => form.dataset.guard === "clean" ? false : print(form) !== before.get(form));

  addEventListener("beforeunload", (event) => {
    if (dirty()) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    // A form that the browser will not send says what lacks, instead of a question about what it holds.
    const lacks = (button) => button.form && !button.formNoValidate && !button.form.noValidate && button.form.matches(":invalid");
    const found = event.target.closest("[data-confirm]");
    const asks = found && !lacks(found) ? found : null;
    if (asks && !confirm(asks.dataset.confirm)) event.preventDefault();
    if (event.defaultPrevented || !link || link.target || link.getAttribute("href").startsWith("#")) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (link.hasAttribute("data-reset")) return;
    if (!dirty()) return;
    if (confirm(LEAVE)) leaving = true;
    else event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || (event.submitter?.formMethod || form.method) === "dialog") return;
    if (event.submitter?.formTarget) return; // It opens beside: the page stays, with what is not saved.
    if (form.dataset.sent) return event.preventDefault();
    if (!form.matches("[data-guard]") && dirty() && !confirm(LEAVE)) return event.preventDefault();
    leaving = true;
    form.dataset.sent = "1";
    if (form.method === "post") {
      for (const button of document.querySelectorAll("button")) {
        if (button.form === form) button.setAttribute("aria-disabled", "true");
      }
    }
  });
  addEventListener("pageshow", () => {
    leaving = false;
    for (const form of document.forms) delete form.dataset.sent;
    for (const button of document.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  });
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
      button.textContent = button.dataset.copied;
    });
  }
  // The tab of the child shown is in view, where the row scrolls.
  const kid = document.querySelector(".kids [aria-current]");
  const row = kid?.closest("ul");
  if (row) row.scrollLeft = kid.offsetLeft - row.offsetLeft - (row.clientWidth - kid.offsetWidth) / 2;
  // After an error the cursor is in the field at fault, in view and unfolded; else where the page says.
  const FIELD = "input:not([type=hidden]), select, textarea";
  const fieldOf = (mark) =>
    mark.matches(FIELD) ? mark : mark.closest(".field, .wrong, fieldset, li, form")?.querySelector(FIELD);
  const marks = [...document.querySelectorAll("[aria-invalid=true], .wrong, .fault, p.error")];
  const fault = marks.map(fieldOf).find((field) => field && !field.disabled);
  for (let fold = fault?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  (fault ?? document.querySelector("[data-focus]"))?.focus();
  fault?.scrollIntoView({ block: "center" });
})();
