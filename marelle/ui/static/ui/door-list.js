"use strict";
// The list of the door as the page shows it: rows, calls and counts follow each tick, whoever made it and whenever.
window.doorList = (form, clock) => {
  const list = document.getElementById("door-list");
  // On a tablet the script shows a part of the day; elsewhere the page was written for the moment chosen.
  const moment = document.getElementById("door-moment");
  const SAID = {
    present: "Présent", absent: "Absent", absent_excused: "Absent excusé", arrived: "Arrivé", left: "Parti",
    late: "Retard", undone: "À pointer",
  };
  const CSS = { present: "on", arrived: "on", late: "on", absent: "off", absent_excused: "off", left: "gone" };
  const STATES = ["on", "off", "gone", "away"];
  const HOLE = 30 * 60_000;
  const NOTHING = { text: "", css: "" };
  let openings = new Map();
  let keys = new Map();
  let last = new Map();
  let made = new Map();
  let stands = new Map();
  let wholes = new Map();
  const befores = new Map();
  let isNew = false;

  // A row is a child at one stay of its day; it is named after the child and the first opening of the stay.
  const keyOf = (row) => row.id.slice(1);
  const childOf = (row) => parseInt(keyOf(row), 10);
  const rowOf = (child, opening) => document.getElementById(`c${keys.get(`${opening}-${child}`)}`);
  const nameOf = (row) => row.querySelector("a").textContent;
  const rows = () => [...list.children];
  const calls = () => [...document.querySelectorAll("#door-calls [data-call]")];
  const selected = () => (moment?.value ? new Set(moment.value.split(",").map(Number)) : null);
  const openingsOf = (row) => {
    const all = openings.get(keyOf(row)) ?? [];
    const wanted = selected();
    return wanted ? all.filter((opening) => wanted.has(opening)) : all;
  };
  const comes = (row) => !selected() || openingsOf(row).length > 0;
  // None on a day that is read and not ticked.
  const ticked = new Map([...(form.elements.opening?.options ?? [])].map((one) => [Number(one.value), Number(one.dataset.from)]));

  const hour = (at) => {
    const there = new Intl.DateTimeFormat("fr-FR", { timeZone: "Europe/Paris", hour: "numeric", minute: "2-digit" });
    return there.format(new Date(at)).replace(":", "\u00a0h\u00a0");
  };

  // An hour as it is typed, "07:05", and as it is told, "7 h 05"; whether it is still to come.
  const hourSaid = (typed) => `${Number(typed.slice(0, 2))}\u00a0h\u00a0${typed.slice(3, 5)}`;
  const isAhead = (typed) => {
    const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris", hour: "2-digit", minute: "2-digit" });
    return form.dataset.day === clock.today() && typed > shown.format(new Date(clock.now()));
  };

  // What the server knew when it wrote the page.
  const read = () => {
    openings = new Map();
    keys = new Map();
    last = new Map();
    made = new Map();
    stands = new Map();
    for (const part of (form.elements.a?.value ?? "").split(" ").filter(Boolean)) {
      const [child, places] = part.split(":");
      const key = `${child}-${parseInt(places, 10)}`;
      openings.set(key, places.split(",").map((place) => {
        const [opening, known, undoable] = place.split(".");
        const pair = `${opening}-${child}`;
        keys.set(pair, key);
        if (known) last.set(pair, known);
        if (undoable !== undefined) made.set(pair, [undoable || known]);
        return Number(opening);
      }));
    }
    wholes = new Map(rows().map((row) => {
      const css = STATES.find((state) => row.classList.contains(state)) ?? "";
      return [keyOf(row), { text: row.querySelector(".st").textContent, css }];
    }));
    for (const one of list.querySelectorAll("[data-o]")) {
      const pair = `${one.dataset.o}-${childOf(one.closest("li"))}`;
      stands.set(pair, { text: one.textContent, css: one.dataset.s });
    }
    // Who comes to one moment may come to another without a booking, and is found by its name too.
    const box = document.getElementById("door-enrolled");
    for (const one of box?.querySelectorAll("[data-here]") ?? []) one.remove();
    for (const [child, name] of new Map(box ? rows().map((row) => [childOf(row), nameOf(row)]) : [])) {
      const option = new Option(name);
      option.dataset.here = "";
      option.dataset.n = child;
      box.append(option);
    }
  };

  // Where a child stands on one opening; unless it is told apart, as on the others of the stay that were ticked.
  const standOn = (opening, child) => {
    const pair = `${opening}-${child}`;
    const key = keys.get(pair);
    const isTold = last.has(pair) || !openings.get(key)?.some((one) => last.has(`${one}-${child}`));
    return stands.get(pair) ?? (isTold ? wholes.get(key) : NOTHING) ?? NOTHING;
  };
  const standing = (row) => {
    const child = childOf(row);
    if (!selected()) return wholes.get(keyOf(row)) ?? NOTHING;
    const there = openingsOf(row);
    return standOn(there.find((one) => last.has(`${one}-${child}`)) ?? there[0], child);
  };
  const show = (row) => {
    const { text, css } = standing(row);
    row.classList.remove(...STATES);
    if (css) row.classList.add(css);
    row.querySelector(".st").textContent = text;
  };
  const after = (tick, before) => {
    if (tick.kind === "undone") return befores.get(tick.undoes) ?? { text: SAID.undone, css: "" };
    if (tick.kind === "late") {
      const isThere = before.css === "on" || before.css === "gone";
      const text = isThere ? before.text : SAID.present;
      return { text: text.includes(SAID.late) ? text : `${text} · ${SAID.late}`, css: isThere ? before.css : "on" };
    }
    const isTimed = tick.kind === "arrived" || tick.kind === "left";
    const at = isTimed && (tick.hour ? hourSaid(tick.hour) : !tick.own && hour(tick.at));
    return { text: [SAID[tick.kind], at, tick.shown].filter(Boolean).join(" · "), css: CSS[tick.kind] };
  };

  const apply = (tick) => {
    if (tick.kind === "noted") return;
    if (!tick.child) return showCall(tick);
    if (!ticked.has(tick.opening)) return;
    const { opening, child } = tick;
    const pair = `${opening}-${child}`;
    const row = rowOf(child, opening) ?? rowAdded(tick);
    if (!row) return;
    const before = standOn(opening, child);
    befores.set(tick.id, before);
    stands.set(pair, after(tick, before));
    wholes.set(keyOf(row), stands.get(pair));
    last.set(pair, tick.id);
    const stack = made.get(pair) ?? [];
    made.set(pair, tick.kind === "undone" ? stack.filter((id) => id !== tick.undoes) : [...stack, tick.id]);
    show(row);
    row.classList.toggle("wait", !tick.sent);
  };
  // A child whom nobody expected there, as the server would write it: an empty row of its own, and what it wrote
  // of each child that may come, or of the same child at another stay.
  const rowAdded = (tick) => {
    const { child, opening } = tick;
    const known = rows().find((one) => childOf(one) === child);
    if (!known && !tick.name) return null;
    const [blanks, care] = ["door-blank", "door-care"].map((id) => document.getElementById(id)?.content);
    const blank = [...blanks.children].find((one) => one.dataset.o.split(",").includes(String(opening)));
    const row = blank.firstElementChild.cloneNode(true);
    const head = row.querySelector(".id");
    const key = `${child}-${opening}`;
    row.id = `c${key}`;
    head.id = `n${key}`;
    head.querySelector("a").textContent = known ? nameOf(known) : tick.name;
    openings.set(key, [opening]);
    keys.set(`${opening}-${child}`, key);
    row.querySelector(".do").setAttribute("aria-labelledby", head.id);
    const told = care?.querySelector(`[data-c="${child}"]`)?.cloneNode(true);
    if (told) {
      if (told.dataset.m === undefined) row.querySelector(".said")?.remove();
      row.querySelector("i").textContent = told.dataset.i;
      row.classList.add(...told.classList);
      row.querySelector(".id").after(...told.childNodes);
    }
    if (known) {
      row.querySelector(".said")?.remove();
      row.querySelector("i").textContent = known.querySelector("i").textContent;
      row.classList.toggle("al", known.classList.contains("al"));
      row.querySelector(".id").after(...[...known.querySelectorAll(".sg, .wh")].map((one) => one.cloneNode(true)));
    }
    list.append(row);
    isNew = true;
    return row;
  };
  // Names are found without their accents and capitals, by a part of each word, in any order.
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const wordsOf = (text) => plain(text).split(/\s+/).filter(Boolean);
  const isNamed = (name, words) => words.every((word) => plain(name).includes(word));
  const enrolled = (typed) => {
    const all = [...document.querySelectorAll("#door-enrolled option")];
    const words = wordsOf(typed);
    const same = all.filter((one) => one.value === typed);
    const found = same.length ? same : all.filter((one) => isNamed(one.value, words));
    return found.map((one) => ({ name: one.value, child: Number(one.dataset.n) }));
  };

  const showCall = (tick) => {
    const line = calls().find((one) => Number(one.dataset.call) === tick.opening);
    if (!line) return;
    const closed = tick.kind === "call_closed";
    const by = tick.label ? ` par ${tick.label}` : "";
    const at = tick.own ? "" : ` à ${hour(tick.at)}`;
    line.classList.toggle("shut", closed);
    line.querySelector("span").textContent = closed ? `appel clos${at}${by}` : "appel ouvert";
    const button = line.querySelector("button");
    button.value = `${closed ? "call_reopened" : "call_closed"} - ${tick.opening}`;
    button.textContent = closed ? "Rouvrir" : "Appel clos";
  };
  // The counts are of children, and with the summary of the calls of what the moment chosen shows.
  const count = () => {
    const shown = rows().filter(comes);
    for (const one of document.querySelectorAll("#door-count [data-of]")) {
      const n = new Set(shown.filter((row) => row.matches(one.dataset.of)).map(childOf)).size;
      one.textContent = `${n}\u00a0${n > 1 ? one.dataset.many : one.dataset.one}`;
    }
    const lines = calls().filter((line) => !line.hidden);
    for (const one of document.querySelectorAll("#door-calls summary b")) {
      one.textContent = (one.dataset.of ? lines.filter((line) => line.matches(one.dataset.of)) : lines).length;
    }
    return lines.length;
  };
  const filter = () => {
    const wanted = selected();
    const words = wordsOf(document.getElementById("door-find")?.value ?? "");
    for (const row of rows()) {
      row.hidden = !comes(row) || !isNamed(nameOf(row), words);
      if (moment) show(row);
    }
    for (const line of calls()) line.hidden = Boolean(wanted) && !wanted.has(Number(line.dataset.call));
    count();
  };
  // Another moment is chosen.
  const turn = () => {
    filter();
    const box = document.getElementById("door-calls");
    if (box) box.open = count() <= Number(box.dataset.few);
    const [first] = selected() ?? [];
    if (first && form.elements.opening) form.elements.opening.value = first;
  };

  // Nobody is present at a stay that is to come: those of `some` that have begun, or will within half an hour;
  // before all of them, those that come first. See `attendance.stays.begun`.
  const begun = (some) => {
    const from = new Map(some.map((row) => [row, Math.min(...openingsOf(row).map((one) => ticked.get(one)))]));
    const limit = Math.max(clock.now() + HOLE, Math.min(...from.values()));
    return some.filter((row) => from.get(row) <= limit);
  };
  // On a tablet: the stay under way, else the next to begin, else the last. See `attendance.stays.stay_now`.
  const momentNow = () => {
    const stays = [...(moment?.options ?? [])].filter((one) => one.dataset.until);
    return (stays.find((one) => clock.now() <= Number(one.dataset.until)) ?? stays[stays.length - 1])?.value ?? "";
  };

  // The same page written later; the focus stays where it was.
  const take = (page) => {
    const TOUCHED = "a, button, summary";
    const active = document.activeElement;
    const box = active?.closest("#door-list > li, #door-calls");
    const place = [...(box?.querySelectorAll(TOUCHED) ?? [])].indexOf(active);
    for (const id of ["door-list", "door-calls", "door-count", "door-others"]) {
      const [mine, theirs] = [document.getElementById(id), page.getElementById(id)];
      if (id === "door-others" && active === form.elements.unbooked) continue;
      if (mine && theirs) mine.replaceChildren(...theirs.childNodes);
    }
    if (box) document.getElementById(box.id)?.querySelectorAll(TOUCHED)[place]?.focus();
  };

  return {
    apply, begun, childOf, count, enrolled, filter, hourSaid, isAhead, momentNow, nameOf, openingsOf, read, rowOf,
    rows, take, turn,
    lastOf: (opening, child) => last.get(`${opening}-${child}`) ?? null,
    undoable: (opening, child) => (made.get(`${opening}-${child}`) ?? []).slice(-1)[0],
    // Whether a row was drawn here since the last time that one asked: what the server knows of it is to be read.
    added: () => {
      const found = isNew;
      isNew = false;
      return found;
    },
  };
};
