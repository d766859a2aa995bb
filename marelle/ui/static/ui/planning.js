"use strict";
// Shows on the cells and in the save bar what is not saved yet. The server alone decides.
(() => {
  const form = document.getElementById("planning");
  const summary = document.querySelector("[data-summary]");
  if (!form || !summary) return;
  const words = document.getElementById("plan-words").dataset;
  const seen = new Set((form.elements.seen?.value ?? "").split(" ").filter(Boolean));
  const bar = summary.closest(".save");
  const idle = summary.textContent.trim();

  const cells = [...form.querySelectorAll("td.c")].map((td) => {
    const box = td.querySelector("input[name=c]");
    const selects = [...td.querySelectorAll("select")];
    if (!box && !selects.length) return null;
    const data = (box ?? td.firstElementChild).dataset;
    const word = td.querySelector(".b b");
    let small = td.querySelector(".b small");
    if (!small) {
      small = document.createElement("small");
      word.after(small);
    }
    const css = td.classList[td.classList.length - 1];
    const value = () => (box ? box.checked : selects.map((select) => select.value).join(" "));
    const was = "k" in data && !data.o
      ? { css: data.k, word: data.w, detail: data.d }
      : { css, word: word.textContent, detail: small.textContent };
    was.value = box ? seen.has(box.value) : data.h ?? value();
    return { td, box, selects, word, small, css, was, value, shown: css, limit: Number(data.t ?? 0), bundle: data.b, back: data.p, opens: Number(data.o ?? 0) };
  }).filter(Boolean);

  const nature = (cell) => {
    const now = cell.value();
    if (now === cell.was.value) return "";
    if (cell.box) return now ? "add" : "del";
    if (!now.trim()) return "del";
    return cell.was.value.trim() ? "change" : "add";
  };
  const draw = (cell) => {
    const kind = nature(cell);
    const css = kind === "change" ? "add" : kind || cell.was.css;
    cell.td.classList.remove(cell.shown);
    cell.td.classList.add(css);
    cell.shown = css;
    cell.word.textContent = kind === "add" ? words.add : kind === "change" ? words.change : cell.was.word;
    cell.small.textContent =
      kind === "del" ? [words.cancel, cell.back].filter(Boolean).join(" · ") : kind === "add" && cell.was.css === "full" ? words.queue : cell.was.detail;
  };

  // What the changes cost: asked once they rest, and forgotten when another is made meanwhile.
  let asking = null;
  let waiting = 0;
  const price = () => {
    clearTimeout(waiting);
    asking?.abort();
    if (!form.dataset.prices) return;
    waiting = setTimeout(async () => {
      const asked = (asking = new AbortController());
      try {
        const answer = await fetch(form.dataset.prices, { method: "POST", body: new FormData(form), signal: asked.signal });
        const said = answer.ok && !answer.redirected ? await answer.json() : {};
        const title = summary.querySelector("b");
        if (asked !== asking || !title || !said.change) return;
        const change = document.createElement("span");
        change.textContent = ` · ${said.change}`;
        title.after(change);
        if (!said.total) return;
        const total = document.createElement("small");
        total.textContent = said.total;
        change.after(" ", total);
      } catch { /* No price is said: the server says it once saved. */ }
    }, 300);
  };

  const limitWords = JSON.parse(words.limits);
  const counted = (count, forms) => (count ? [`${count} ${forms.split("|")[count > 1 ? 1 : 0]}`] : []);
  const refresh = () => {
    const changed = cells.filter(nature);
    form.dataset.guard = changed.length ? "dirty" : "clean";
    // Nothing to save: the bar is not there, but for those who are told when it says something.
    bar.classList.toggle("idle", !changed.length);
    if (!changed.length) {
      asking?.abort();
      clearTimeout(waiting);
      summary.textContent = idle;
      return;
    }
    const number = (kind) => changed.filter((cell) => nature(cell) === kind).length;
    const title = document.createElement("b");
    title.textContent = [
      ...counted(number("add"), words.added),
      ...counted(number("change"), words.changed),
      ...counted(number("del"), words.cancelled),
    ].join(", ");
    const limits = new Map();
    for (const cell of changed.filter((each) => each.limit).sort((a, b) => a.limit - b.limit)) {
      const day = cell.td.parentElement.querySelector(".tall").textContent.split(" · ")[0].toLowerCase();
      limits.set(cell.limit, limits.get(cell.limit) ?? day);
    }
    const small = document.createElement("small");
    const parts = [...limits].slice(0, 2).map(([limit, day]) => words.before.replace("{limit}", limitWords[limit]).replace("{day}", day));
    if (parts.length) small.textContent = `${words.save} ${parts.join(", ")}`;
    summary.replaceChildren(title, " ", small);
    price();
  };

  form.addEventListener("change", (event) => {
    const cell = cells.find((each) => each.box === event.target || each.selects.includes(event.target));
    if (!cell) return;
    const tied = cell.bundle ? cells.filter((each) => each.bundle === cell.bundle && each.box && !each.box.disabled) : [];
    for (const each of tied) each.box.checked = cell.box.checked;
    for (const each of [cell, ...tied]) draw(each);
    refresh();
  });
  document.querySelector("[data-reset]")?.addEventListener("click", (event) => {
    event.preventDefault();
    for (const cell of cells) {
      if (cell.box) cell.box.checked = cell.was.value;
      else cell.was.value.split(" ").forEach((value, place) => { cell.selects[place].value = value; });
      draw(cell);
    }
    refresh();
  });
  // Cells open at an instant of the server's clock, which went on since it made the page: nothing is asked of it.
  const began = performance.now();
  const atServer = () => Number(words.now) + (performance.now() - began) / 1000;
  const opening = document.getElementById("opening");
  let ticking = 0;
  const openCells = () => {
    clearTimeout(ticking);
    const closed = cells.filter((cell) => cell.opens);
    if (!closed.length) return;
    const due = closed.filter((cell) => cell.opens <= atServer());
    for (const cell of due) {
      const data = cell.box.dataset;
      cell.opens = 0;
      cell.box.disabled = false;
      cell.was = { css: data.k, word: data.w, detail: data.d, value: false };
      draw(cell);
    }
    if (due.length === closed.length) {
      if (opening) opening.querySelector("span").textContent = opening.dataset.opened;
      opening?.querySelector("a")?.remove();
      return;
    }
    const next = Math.min(...closed.filter((cell) => cell.opens).map((cell) => cell.opens));
    ticking = setTimeout(openCells, Math.min(Math.max(next - atServer(), 0) * 1000 + 20, 30000));
  };
  openCells();
  document.addEventListener("visibilitychange", openCells);

  // A browser that comes back to the page may have kept the boxes as they were ticked.
  for (const cell of cells) if (nature(cell)) draw(cell);
  refresh();
  form.classList.add("live"); // From here on the cells say it themselves; until then the style sheet does.
})();
