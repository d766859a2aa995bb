"use strict";
// The door: a touch is answered at once, kept on the device, then sent in its order. Without this script each
// button is a plain form.
(() => {
  const form = document.getElementById("door");
  if (!form) return;
  const { scope, url, version, day, changing } = form.dataset;
  const store = doorStore(scope);
  const onTablet = scope === "porte";
  const bar = document.getElementById("door-bar");
  const undoing = document.getElementById("door-undo");
  const more = document.getElementById("door-more");
  const moment = document.getElementById("door-moment");
  const BATCH = 100;
  const SAID = {
    present: "Présent", absent: "Absent", absent_excused: "Absent excusé", arrived: "Arrivé", left: "Parti",
    late: "Retard", undone: "À pointer",
  };
  const CSS = { present: "on", arrived: "on", late: "on", absent: "off", absent_excused: "off", left: "gone", undone: "" };
  let last = new Map();
  let made = new Map();
  let duty = form.dataset.duty || "";
  let sending = false;
  let isOff = !navigator.onLine;
  let isOut = "";
  let isOld = false;
  let latest = null;
  let wait = 0;
  let chosen = null;
  let isNew = false;

  const uuid = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
  const hour = (at) => {
    const there = new Intl.DateTimeFormat("fr-FR", { timeZone: "Europe/Paris", hour: "numeric", minute: "2-digit" });
    return there.format(new Date(at)).replace(":", "\u00a0h\u00a0");
  };
  const rowOf = (child) => document.getElementById(`c${child}`);
  const nameOf = (row) => row.querySelector("a").textContent;
  const rows = () => [...document.querySelectorAll("#door-list > li")];
  const openingsOf = (row) => {
    const all = row.dataset.o.split(",").map(Number);
    const wanted = selected();
    return wanted ? all.filter((opening) => wanted.has(opening)) : all;
  };
  const selected = () =>
    onTablet && moment?.value ? new Set(moment.value.split(",").map(Number)) : null;

  // What the server knew when it wrote the page: the last tick of each, and the one that may be undone.
  const read = () => {
    last = new Map();
    made = new Map();
    for (const part of (form.elements.a?.value ?? "").split(" ").filter(Boolean)) {
      const [pair, known, undoable] = part.split(":");
      last.set(pair, known);
      if (undoable) made.set(pair, [undoable]);
    }
  };

  const told = (tick) => {
    if (tick.kind === "arrived" || tick.kind === "left") {
      const at = tick.hour ? tick.hour.replace(":", "\u00a0h\u00a0") : hour(tick.at);
      return [SAID[tick.kind], at, tick.shown].filter(Boolean).join(" · ");
    }
    return [SAID[tick.kind], tick.shown].filter(Boolean).join(" · ");
  };
  const show = (row, text, css) => {
    const said = row.querySelector(".st");
    row.classList.remove("on", "off", "gone");
    if (css) row.classList.add(css);
    said.textContent = text;
  };
  // A tick on the page, whoever made it and whenever.
  const apply = (tick) => {
    if (tick.kind === "noted") return;
    if (!tick.child) return showCall(tick);
    const pair = `${tick.opening}-${tick.child}`;
    last.set(pair, tick.id);
    const stack = made.get(pair) ?? [];
    if (tick.kind === "undone") made.set(pair, stack.filter((id) => id !== tick.undoes));
    else made.set(pair, [...stack, tick.id]);
    const row = rowOf(tick.child) ?? rowAdded(tick);
    if (tick.kind === "late" && row.classList.contains("on")) {
      const said = row.querySelector(".st");
      if (!said.textContent.includes(SAID.late)) said.textContent += ` · ${SAID.late}`;
    } else show(row, told(tick), CSS[tick.kind]);
    row.classList.toggle("wait", !tick.sent);
  };
  // A child whom nobody expected, until the page is read again.
  const rowAdded = (tick) => {
    const row = document.createElement("li");
    row.id = `c${tick.child}`;
    row.dataset.o = String(tick.opening);
    row.innerHTML = '<div class="id"><a></a><small>Sans réservation</small></div><p class="st"></p><div class="do"></div>';
    row.querySelector("a").textContent = (tick.name || "").replace(/ · [0-9]+$/, "");
    document.getElementById("door-list").append(row);
    isNew = true;
    return row;
  };
  const showCall = (tick) => {
    const line = document.querySelector(`#door-calls [data-call="${tick.opening}"]`);
    if (!line) return;
    const closed = tick.kind === "call_closed";
    line.classList.toggle("shut", closed);
    line.querySelector("span").textContent = closed ? `appel clos à ${hour(tick.at)}` : "appel ouvert";
    const button = line.querySelector("button");
    button.value = `${closed ? "call_reopened" : "call_closed"} - ${tick.opening}`;
    button.textContent = closed ? "Rouvrir" : "Appel clos";
  };

  const keep = async (ticks) => {
    for (const tick of ticks) {
      if (duty) tick.duty = duty;
      apply(tick);
    }
    wait += ticks.length;
    say();
    await store.add(ticks);
    say();
    flush();
  };
  const ticksOf = (kind, row, extra = {}) => {
    const child = Number(row.id.slice(1));
    const at = new Date().toISOString();
    return openingsOf(row).map((opening) => ({
      id: uuid(), kind, at, opening, child, after: last.get(`${opening}-${child}`) || null, ...extra,
    }));
  };
  const tick = (kind, row, extra) => {
    latest = row.id.slice(1);
    undoing.hidden = false;
    undoing.textContent = `Annuler\u00a0: ${nameOf(row)}`;
    keep(ticksOf(kind, row, extra));
  };
  const undo = (row) => {
    const child = Number(row.id.slice(1));
    const at = new Date().toISOString();
    const ticks = [];
    for (const opening of openingsOf(row)) {
      const pair = `${opening}-${child}`;
      const undoes = made.get(pair)?.at(-1);
      if (undoes) ticks.push({ id: uuid(), kind: "undone", at, opening, child, undoes, after: last.get(pair) || null });
    }
    undoing.hidden = true;
    if (ticks.length) keep(ticks);
  };

  const say = () => {
    let text = "Tout est envoyé";
    let css = "ok";
    if (store.isFull) {
      text = `La mémoire est pleine\u00a0: ne fermez pas cette page, ${wait} pointage${wait > 1 ? "s" : ""} à envoyer`;
      css = "error";
    } else if (isOut) [text, css] = [isOut, "error"];
    else if (isOff) {
      text = wait ? `Hors ligne · ${wait} pointage${wait > 1 ? "s" : ""} à envoyer` : "Hors ligne";
      css = "warn";
    } else if (wait) [text, css] = [`${wait} pointage${wait > 1 ? "s" : ""} à envoyer`, "warn"];
    else if (isOld) [text, css] = ["Une nouvelle version est prête\u00a0: rechargez la page", "warn"];
    if (bar.textContent !== text) bar.textContent = text;
    bar.className = `tag ${css}`;
  };
  const complain = (tick, text) => {
    const row = tick.child && rowOf(tick.child);
    const list = document.getElementById("door-said");
    const line = document.createElement("li");
    line.textContent = row ? `${nameOf(row)}\u00a0: ${text}` : `${tick.name || "Pointage"}\u00a0: ${text}`;
    list.append(line);
    list.parentElement.hidden = false;
    if (!row) return;
    let said = row.querySelector(".said");
    if (!said) {
      said = document.createElement("p");
      said.className = "said";
      row.append(said);
    }
    said.textContent = text;
  };

  const flush = async () => {
    if (sending) return;
    sending = true;
    try {
      for (;;) {
        const waiting = (await store.all()).filter((one) => !one.sent);
        wait = waiting.length;
        say();
        if (!waiting.length) break;
        if (!(await send(waiting.slice(0, BATCH)))) break;
      }
    } finally {
      sending = false;
    }
    // What must be known of who was not expected: its allergies, who may come for it.
    if (!isNew || wait) return;
    isNew = false;
    refresh();
  };
  const send = async (ticks) => {
    const body = JSON.stringify({
      sent_at: new Date().toISOString(), version,
      ticks: ticks.map(({ n, shown, sent, ...tick }) => tick),
    });
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    if (form.elements.csrfmiddlewaretoken) headers["X-CSRFToken"] = form.elements.csrfmiddlewaretoken.value;
    let answer;
    try {
      answer = await fetch(url, { method: "POST", headers, body, credentials: "same-origin" });
    } catch {
      isOff = true;
      return false;
    }
    isOff = false;
    if (answer.status >= 500 || answer.status === 429) return false;
    if (!answer.ok || answer.redirected) {
      isOut = "Vous n’êtes plus connecté\u00a0: vos pointages sont gardés, connectez-vous à nouveau";
      return false;
    }
    const found = await answer.json();
    isOut = "";
    isOld = found.reload;
    const byId = new Map(ticks.map((one) => [one.id, one]));
    for (const outcome of found.outcomes) {
      const one = byId.get(outcome.id);
      if (one && outcome.text) complain(one, outcome.text);
    }
    for (const one of ticks) if (one.child) rowOf(one.child)?.classList.remove("wait");
    await store.sent(ticks, found.at);
    if (found.revoked) return revoked();
    return true;
  };
  const revoked = async () => {
    const left = (await store.all()).filter((one) => !one.sent);
    if (left.length) return true;
    await doorForget(true);
    await store.erase();
    location.replace(changing);
    return false;
  };

  // The page read again: what other devices ticked. Never over a touch that waits.
  const refresh = async () => {
    if (document.hidden || more.open || wait || sending || chosen) return;
    let answer;
    try {
      answer = await fetch(location.href, { credentials: "same-origin", headers: { "X-Door-Again": "1" } });
    } catch {
      isOff = true;
      return say();
    }
    if (answer.redirected) isOut = "Ce n’est plus votre page\u00a0: ouvrez-la à nouveau";
    if (!answer.ok || answer.redirected) return say();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("door");
    // One that is not newer is what the device had kept, not what the network says.
    if (!fresh || wait || sending || more.open || Number(fresh.dataset.at) <= Number(form.dataset.at)) return say();
    isOff = false;
    const here = document.activeElement?.closest?.("#door-list > li")?.id;
    const button = [...(document.activeElement?.parentElement?.children ?? [])].indexOf(document.activeElement);
    for (const id of ["door-list", "door-calls", "door-count"]) {
      const [mine, theirs] = [document.getElementById(id), page.getElementById(id)];
      if (mine && theirs) mine.replaceChildren(...theirs.childNodes);
    }
    form.elements.a.value = fresh.elements.a.value;
    form.dataset.at = fresh.dataset.at;
    if (here) document.querySelector(`#${here} .do`)?.children[button]?.focus();
    await replay();
    say();
  };
  // Ticks of this device that the page does not show yet.
  const replay = async () => {
    read();
    const all = await store.all();
    const shown = all.filter((one) => one.sent && one.sent <= Number(form.dataset.at));
    if (shown.length) await store.drop(shown);
    const others = all.filter((one) => !shown.includes(one));
    for (const one of others) {
      if (rowOf(one.child) || !one.child) apply(one);
    }
    wait = others.filter((one) => !one.sent).length;
    filter();
    say();
  };
  const filter = () => {
    const wanted = selected();
    const text = (document.getElementById("door-find")?.value ?? "").trim().toLowerCase();
    for (const row of rows()) {
      const comes = !wanted || openingsOf(row).length > 0;
      row.hidden = !comes || (text !== "" && !nameOf(row).toLowerCase().includes(text));
    }
    for (const line of document.querySelectorAll("#door-calls [data-call]")) {
      line.hidden = Boolean(wanted) && !wanted.has(Number(line.dataset.call));
    }
  };

  // Today is over: nothing of its children stays on the screen or on the device.
  const checkDay = async () => {
    if (!onTablet || day === doorToday()) return;
    await doorForget();
    document.getElementById("door-list").replaceChildren();
    more.close();
    location.replace(changing);
  };

  const who = (value, row) => {
    if (!value) return {};
    if (value === "alone") {
      if (!row.classList.contains("al") && !confirm("Aucune autorisation de partir seul n’est connue. Continuer\u00a0?")) return null;
      return { to: "alone", shown: "seul" };
    }
    if (value !== "other") {
      return { to: "listed", who: value, shown: row.querySelector(`[data-k="${value}"]`)?.textContent };
    }
    const name = more.querySelector("[name=other]").value.trim();
    if (!name) {
      more.querySelector("[name=other]").focus();
      return null;
    }
    const banned = [...row.querySelectorAll(".wh s")].some((one) => one.textContent.toLowerCase() === name.toLowerCase());
    if (banned && !confirm("Un jugement interdit à cette personne de venir chercher l’enfant. Continuer\u00a0?")) return null;
    return { to: "other", who: name, shown: name };
  };
  const open = (row) => {
    chosen = row;
    more.querySelector("h2").textContent = nameOf(row);
    const select = more.querySelector("[name=who]");
    select.replaceChildren(...[...select.options].slice(0, 3));
    for (const one of row.querySelectorAll("[data-k]")) select.add(new Option(one.textContent, one.dataset.k));
    for (const input of more.querySelectorAll("input:not([type=hidden])")) input.value = "";
    select.value = "";
    more.querySelector(".wh").innerHTML = row.querySelector(".wh")?.innerHTML ?? "";
    more.showModal();
  };
  const inDialog = (kind) => {
    const row = chosen;
    const extra = {};
    if (kind === "close") return more.close();
    if (kind === "undone") {
      more.close();
      return undo(row);
    }
    if (kind === "arrived" || kind === "left") extra.hour = more.querySelector("[name=hour]").value || undefined;
    if (kind === "left") {
      const to = who(more.querySelector("[name=who]").value, row);
      if (to === null) return;
      Object.assign(extra, to);
    }
    if (kind === "absent_excused") {
      const reason = more.querySelector("[name=reason]");
      extra.reason = reason.value;
      extra.text = more.querySelector("[name=text]").value;
      extra.shown = reason.selectedOptions[0].textContent;
    }
    more.close();
    tick(kind, row, extra);
  };

  const unbooked = (kind) => {
    const input = form.elements.unbooked;
    const name = input.value.trim();
    const opening = Number(form.elements.opening.value);
    const found = [...document.querySelectorAll("#door-enrolled option")].find((one) => one.value === name);
    if (!name || !opening) return input.focus();
    const at = new Date().toISOString();
    if (kind === "unbooked" && !found) {
      input.setCustomValidity("Choisissez un nom de la liste, ou notez-le sans inscription.");
      input.reportValidity();
      return;
    }
    const noted = kind === "noted";
    const child = found ? Number(found.dataset.c) : 0;
    input.value = "";
    if (noted) {
      keep([{ id: uuid(), kind: "noted", at, opening, name }]);
      return complain({ name }, "noté, le bureau s’en occupe.");
    }
    keep([{ id: uuid(), kind: "present", at, opening, child, name, after: last.get(`${opening}-${child}`) || null }]);
  };

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.name !== "t") return;
    event.preventDefault();
    const [kind, child, openings] = button.value.split(" ");
    if (more.contains(button)) return inDialog(kind);
    if (kind === "unbooked" || kind === "noted") return unbooked(kind);
    if (kind.startsWith("call_")) {
      return keep([{ id: uuid(), kind, at: new Date().toISOString(), opening: Number(openings) }]);
    }
    if (kind === "everyone") {
      const unticked = rows().filter((row) => !row.hidden && !row.matches(".on, .off, .gone, .away, .own"));
      undoing.hidden = true;
      return keep(unticked.flatMap((row) => ticksOf("present", row)));
    }
    tick(kind, rowOf(child));
  });
  form.elements.unbooked?.addEventListener("input", (event) => event.target.setCustomValidity(""));
  document.getElementById("door-list").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.closest("li"));
  });
  more.addEventListener("close", () => { chosen = null; });
  undoing.addEventListener("click", () => latest && undo(rowOf(latest)));
  moment?.addEventListener("change", () => {
    if (!onTablet) return;
    sessionStorage.setItem("door-moment", moment.value);
    filter();
  });
  document.getElementById("door-find")?.addEventListener("input", filter);
  addEventListener("online", () => { isOff = false; say(); flush(); });
  addEventListener("offline", () => { isOff = true; say(); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    checkDay();
    flush();
    refresh();
  });
  setInterval(checkDay, 60_000);
  setInterval(() => flush(), 5_000);
  setInterval(refresh, 60_000);

  const start = async () => {
    form.classList.add("live");
    await checkDay();
    if (onTablet && moment) moment.value = sessionStorage.getItem("door-moment") ?? moment.value;
    if (onTablet && moment && moment.selectedIndex < 0) moment.selectedIndex = 0;
    if (onTablet) {
      // Who took the tablet without the network goes before whom the page was written for.
      const typed = await store.get("candidate");
      const taken = await store.get("current");
      if (taken === null && !typed) return location.replace(changing);
      if (taken && taken.day === day && !typed) {
        duty = taken.token;
        document.getElementById("door-who").textContent = taken.label;
      }
    }
    await replay();
    form.dataset.ready = "1";
    flush();
  };
  start();
})();
