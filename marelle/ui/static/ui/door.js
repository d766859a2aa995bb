"use strict";
// The door: a touch is answered at once, kept on the device, then sent in its order. Without this script each
// button is a plain form.
(() => {
  const form = document.getElementById("door");
  if (!form) return;
  const { scope, url, version, day, changing } = form.dataset;
  const store = doorStore(scope);
  const clock = doorClock(store);
  const list = doorList(form, clock);
  const { nameOf, openingsOf, rowOf } = list;
  const onTablet = scope === "porte";
  const bar = document.getElementById("door-bar");
  const undoing = document.getElementById("door-undo");
  const more = document.getElementById("door-more");
  const moment = document.getElementById("door-moment");
  let duty = form.dataset.duty || "";
  let sending = false;
  let isOff = !navigator.onLine;
  let isOut = "";
  let isOld = false;
  let isDisputed = false;
  let latest = null;
  // Touches being written, of which the device has nothing yet; those that it keeps and has not sent, null until
  // they are read.
  let writing = 0;
  let wait = null;
  let chosen = null;

  const uuid = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
  const isTimed = (kind) => kind === "arrived" || kind === "left";
  const holder = () => document.getElementById("door-who")?.textContent || form.dataset.who;

  const keep = async (ticks) => {
    for (const tick of ticks) {
      if (duty) tick.duty = duty;
      if (!tick.child) tick.label = holder();
      list.apply(tick);
    }
    list.count();
    writing += 1;
    say();
    await store.add(ticks);
    writing -= 1;
    wait += touches(ticks);
    say();
    flush();
  };
  const ticksOf = (kind, row, extra = {}) => {
    const child = list.childOf(row);
    const touch = uuid();
    const stamp = clock.stamp();
    return openingsOf(row).map((opening) => ({
      id: uuid(), kind, ...stamp, opening, child, after: list.lastOf(opening, child), touch, ...extra,
    }));
  };
  // What was touched: a child once, be it of several slots.
  const touches = (ticks) => new Set(ticks.map(({ id, child, touch }) => (touch ? `${child} ${touch}` : id))).size;
  const mayUndo = (row) => {
    latest = [list.childOf(row), openingsOf(row)[0]];
    undoing.hidden = false;
    undoing.textContent = `Annuler\u00a0: ${nameOf(row)}`;
  };
  const tick = (kind, row, extra) => {
    mayUndo(row);
    keep(ticksOf(kind, row, extra));
  };
  const undo = (row) => {
    const ticks = ticksOf("undone", row)
      .map((one) => ({ ...one, undoes: list.undoable(one.opening, one.child) }))
      .filter((one) => one.undoes);
    undoing.hidden = true;
    if (ticks.length) keep(ticks);
  };

  const isHeld = () => writing > 0 || store.isFull;
  const say = () => {
    if (wait === null) return;
    let text = "Tout est envoyé";
    let css = "ok";
    if (store.isFull) {
      text = `La mémoire est pleine\u00a0: ne fermez pas cette page, ${wait} pointage${wait > 1 ? "s" : ""} à envoyer`;
      css = "error";
    } else if (writing) [text, css] = ["Enregistrement…", "warn"];
    else if (store.isBlind) [text, css] = ["La mémoire de cet appareil ne se lit pas\u00a0: rechargez la page", "error"];
    else if (isOut) [text, css] = [isOut, "error"];
    else if (isOff) {
      text = wait ? `Hors ligne · ${wait} pointage${wait > 1 ? "s" : ""} à envoyer` : "Hors ligne";
      css = "warn";
    } else if (wait) [text, css] = [`${wait} pointage${wait > 1 ? "s" : ""} à envoyer`, "warn"];
    else if (isOld) [text, css] = ["Une nouvelle version est prête\u00a0: rechargez la page", "warn"];
    if (bar.textContent !== text) bar.textContent = text;
    bar.className = `tag ${css}`;
    // A list that is only read has nothing to send.
    bar.closest(".door-bar").hidden = css === "ok" && !form.elements.opening;
  };
  const complain = (tick, text) => {
    const row = tick.child && rowOf(tick.child, tick.opening);
    const lines = document.getElementById("door-said");
    const line = document.createElement("li");
    line.textContent = row ? `${nameOf(row)}\u00a0: ${text}` : `${tick.name || "Pointage"}\u00a0: ${text}`;
    lines.append(line);
    lines.parentElement.hidden = false;
    if (!row) return;
    let said = row.querySelector(".said");
    if (!said) {
      said = document.createElement("p");
      said.className = "said";
      row.append(said);
    }
    said.textContent = text[0].toUpperCase() + text.slice(1);
  };

  const flush = async () => {
    if (sending) return;
    sending = true;
    try {
      for (;;) {
        const waiting = (await store.all()).filter((one) => !one.sent);
        wait = touches(waiting);
        say();
        if (!waiting.length) break;
        if (!(await send(waiting))) break;
      }
    } finally {
      sending = false;
    }
    // What must be known of who was not expected: its allergies, who may come for it; and who said otherwise.
    if (!wait && [list.added(), isDisputed].some(Boolean)) {
      isDisputed = false;
      refresh();
    }
  };
  const send = async (waiting) => {
    const { some: ticks, body: asked } = doorBatch(waiting, clock);
    const body = JSON.stringify({ ...asked, version });
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
    isDisputed ||= found.outcomes.some((one) => one.code === "conflict");
    for (const one of ticks) if (one.child) rowOf(one.child, one.opening)?.classList.remove("wait");
    await store.sent(ticks, found.at);
    await clock.learn(found.at);
    clock.tell();
    if (found.revoked) return revoked();
    return true;
  };
  const revoked = async () => {
    const left = (await store.all()).filter((one) => !one.sent);
    if (left.length || writing || store.isBlind) return true;
    await doorForget();
    await store.erase();
    location.replace(changing);
    return false;
  };

  const slots = (one) => [...(one.elements.opening?.options ?? [])].map((option) => option.value).join();
  // The page read again: what other devices ticked. Never over a touch that waits.
  const refresh = async () => {
    if (document.hidden || more.open || wait || writing || sending || chosen) return;
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
    if (!fresh || wait || writing || sending || more.open || Number(fresh.dataset.at) <= Number(form.dataset.at)) return say();
    isOff = false;
    if (fresh.dataset.day !== day) return location.reload();
    // Written for another moment, or for other slots than it had: it is opened anew.
    if (slots(fresh) !== slots(form)) {
      if (!form.elements.unbooked?.value) location.reload();
      return say();
    }
    list.take(page);
    form.elements.a.value = fresh.elements.a.value;
    form.dataset.at = fresh.dataset.at;
    await replay();
    say();
  };
  // Ticks of this device that the page does not show yet.
  const replay = async () => {
    list.read();
    const all = await store.all();
    const shown = all.filter((one) => one.sent && one.sent <= Number(form.dataset.at));
    if (shown.length) await store.drop(shown);
    const others = all.filter((one) => !shown.includes(one));
    for (const one of others) list.apply(one);
    wait = touches(others.filter((one) => !one.sent));
    list.filter();
    say();
  };
  // Today is over: nothing of its children stays on the screen or on the device.
  const checkDay = async () => {
    clock.tell();
    if (!onTablet || day === clock.today()) return;
    // Not before the server was asked: the clock of the device may be what has changed.
    if ((await clock.ask()) && day === clock.today()) return clock.tell();
    await doorForget(clock.today());
    for (const id of ["door-list", "door-others"]) document.getElementById(id)?.replaceChildren();
    more.close();
    if (!isHeld()) location.replace(changing);
  };
  // The moment that was chosen today; else the one under way, by the clock of the device.
  const pick = () => {
    if (!onTablet || !moment) return;
    const [of, value] = (sessionStorage.getItem("door-moment") ?? "").split(" ");
    const asked = of === day && [...moment.options].some((one) => one.value === value) ? value : list.momentNow();
    if (asked === moment.value || more.open) return;
    moment.value = asked;
    list.turn();
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
    more.querySelector("h2").textContent = [nameOf(row), row.querySelector("small").textContent].filter(Boolean).join(" · ");
    for (const part of [".sg", ".wh"]) {
      more.querySelector(part).innerHTML = row.querySelector(part)?.innerHTML ?? "";
    }
    for (const input of more.querySelectorAll("input:not([type=hidden])")) input.value = "";
    // There is none on a day that is read and not ticked.
    const select = more.querySelector("[name=who]");
    if (select) {
      select.replaceChildren(...[...select.options].slice(0, 3));
      for (const one of row.querySelectorAll("[data-k]")) select.add(new Option(one.textContent, one.dataset.k));
      select.value = "";
    }
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
    if (isTimed(kind)) {
      const input = more.querySelector("[name=hour]");
      const typed = input.value;
      if (!typed && day !== clock.today()) {
        input.setCustomValidity("Ce jour est passé\u00a0: dites l’heure.");
        input.reportValidity();
        return;
      }
      // Who is told to have left is counted no more in an evacuation.
      if (typed && list.isAhead(typed) && !confirm(`Il n’est pas encore ${list.hourSaid(typed)}. Continuer\u00a0?`)) return;
      extra.hour = typed || undefined;
    }
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
    if (!name || !opening) return input.focus();
    const stamp = clock.stamp();
    const found = kind === "unbooked" ? list.enrolled(name) : [];
    if (kind === "unbooked" && found[0]?.name !== name) {
      // A child alone to be called so is proposed, and ticked by a second touch.
      if (found.length === 1) input.value = found[0].name;
      const told = {
        0: "Aucun enfant inscrit de ce nom\u00a0: vérifiez-le, ou notez-le sans inscription.",
        1: "Est-ce bien cet enfant\u00a0? Touchez à nouveau «\u00a0Noter présent\u00a0».",
      };
      input.setCustomValidity(told[found.length] ?? "Plusieurs enfants s’appellent ainsi\u00a0: choisissez dans la liste.");
      input.reportValidity();
      return;
    }
    input.value = "";
    if (kind === "noted") {
      const noted = [{ id: uuid(), kind, ...stamp, opening, name }];
      return keep(noted).then(() => complain({ name }, "noté, le bureau s’en occupe."));
    }
    const [{ child }] = found;
    keep([{ id: uuid(), kind: "present", ...stamp, opening, child, name, after: list.lastOf(opening, child) }]);
    mayUndo(rowOf(child, opening));
  };

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.name !== "t") return;
    event.preventDefault();
    // What Enter presses: in the field of a name alone.
    if (button.hidden && document.activeElement !== form.elements.unbooked) return;
    const [kind, , openings] = button.value.split(" ");
    if (more.contains(button)) return inDialog(kind);
    if (kind === "unbooked" || kind === "noted") return unbooked(kind);
    if (kind.startsWith("call_")) {
      return keep([{ id: uuid(), kind, ...clock.stamp(), opening: Number(openings) }]);
    }
    if (kind === "everyone") {
      const shown = list.rows().filter((row) => !row.hidden && !row.matches(".off, .gone, .away, .own"));
      const touch = uuid();
      const ticks = list.begun(shown).flatMap((row) => ticksOf("present", row, { touch }));
      undoing.hidden = true;
      return keep(ticks.filter((one) => !list.undoable(one.opening, one.child)));
    }
    const row = button.closest("li");
    // Now is no hour of a day that is over.
    if (isTimed(kind) && day !== clock.today()) {
      open(row);
      more.querySelector("[name=hour]").focus();
      return;
    }
    tick(kind, row);
  });
  form.addEventListener("click", () => {
    for (const input of form.querySelectorAll("[name=unbooked], [name=hour]")) input.setCustomValidity("");
  }, true);
  document.getElementById("door-list").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    // Without dialogs the link leads to the same questions on a page of their own.
    if (!link || !more.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.closest("li"));
  });
  more.addEventListener("close", () => { chosen = null; });
  undoing.addEventListener("click", () => {
    const row = rowOf(...latest);
    if (row) undo(row);
  });
  moment?.addEventListener("change", () => {
    if (!onTablet) return;
    if (moment.value === list.momentNow()) sessionStorage.removeItem("door-moment");
    else sessionStorage.setItem("door-moment", `${day} ${moment.value}`);
    list.turn();
  });
  document.getElementById("door-find")?.addEventListener("input", list.filter);
  addEventListener("online", () => { isOff = false; say(); flush(); });
  addEventListener("offline", () => { isOff = true; say(); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    checkDay();
    pick();
    flush();
    refresh();
  });
  addEventListener("beforeunload", (event) => { if (isHeld()) event.preventDefault(); });
  setInterval(checkDay, 60_000);
  setInterval(pick, 20_000);
  setInterval(() => flush(), 5_000);
  setInterval(refresh, 60_000);

  const start = async () => {
    form.classList.add("live");
    await clock.read();
    // A page that no worker hands over has just left the server.
    if (!onTablet || !navigator.serviceWorker?.controller) await clock.learn(Number(form.dataset.at));
    else clock.ask().then(clock.tell);
    await checkDay();
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
    pick();
    if (onTablet) list.turn();
    form.dataset.ready = "1";
    flush();
  };
  start();
})();
