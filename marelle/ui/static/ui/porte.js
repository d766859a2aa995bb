"use strict";
// A tablet of the door: its service worker, who holds it, and what it drops when it is no longer of the team.
(() => {
  const store = doorStore("porte");
  const clock = doorClock(store);
  const timed = clock.read();
  const names = document.getElementById("names");
  const claim = document.getElementById("claim");
  const door = document.getElementById("door");
  const ROUNDS = 300_000;
  const TRIES = 5;
  const LOCKED = 15 * 60_000;
  const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const digest = async (pin, salt) => {
    if (!crypto.subtle) return "";
    const text = new TextEncoder();
    const key = await crypto.subtle.importKey("raw", text.encode(pin), "PBKDF2", false, ["deriveBits"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt: text.encode(salt), iterations: ROUNDS };
    return hex(await crypto.subtle.deriveBits(how, key, 256));
  };

  if (navigator.serviceWorker) {
    navigator.serviceWorker.register("/porte/service-worker.js", { scope: "/porte/" });
    // What must open without the network is kept as soon as the worker is there.
    navigator.serviceWorker.ready.then(async () => {
      if (!door || !window.caches) return;
      await timed;
      for (const path of ["/porte/", "/porte/presences/", "/porte/urgence/"]) {
        try {
          const answer = await fetch(path, { credentials: "same-origin", headers: { "X-Door-Again": "1" } });
          if (!answer.ok || answer.redirected || answer.headers.get("X-Door-Day") !== door.dataset.day) continue;
          await (await caches.open(`marelle-porte-page-${door.dataset.day}`)).put(path, answer);
        } catch {
          return;
        }
      }
      document.documentElement.dataset.kept = "1";
    });
  }
  timed.then(() => doorForget(clock.today()));

  // Who opened the tablet with the network may take it again without, today.
  const opened = async () => {
    const { account, duty, day } = door.dataset;
    const typed = await store.get("candidate");
    if (!typed || typed.account !== account || typed.day !== day) return;
    const label = document.getElementById("door-who").textContent;
    const held = (await store.get("duties")) ?? {};
    const today = held.day === day ? held.people : {};
    today[account] = { label, token: duty, salt: typed.salt, hash: typed.hash };
    await store.set("duties", { day, people: today });
    await store.set("current", { account, label, token: duty, day });
    await store.forget("candidate");
  };
  const said = (text) => {
    const place = document.getElementById("names-said");
    place.innerHTML = '<div class="note error"><div><p></p></div></div>';
    place.querySelector("p").textContent = text;
  };
  const opens = async () => {
    const account = names.elements.account.value;
    const pin = names.elements.pin.value;
    const isReached = await clock.ask();
    const day = clock.today();
    if (isReached) {
      const salt = hex(crypto.getRandomValues(new Uint8Array(16)));
      await store.set("candidate", { account, day, salt, hash: await digest(pin, salt) });
      names.submit();
      return;
    }
    const held = await store.get("duties");
    const one = held?.day === day ? held.people[account] : null;
    const tried = (await store.get("tried")) ?? { n: 0, until: 0 };
    names.elements.pin.value = "";
    if (!one?.hash) return said("Sans réseau, seuls ceux qui ont déjà ouvert cette tablette aujourd’hui peuvent la reprendre.");
    if (tried.until > Date.now()) return said("Trop de codes faux\u00a0: attendez quinze minutes.");
    if ((await digest(pin, one.salt)) !== one.hash) {
      const n = tried.n + 1;
      await store.set("tried", n >= TRIES ? { n: 0, until: Date.now() + LOCKED } : { n, until: 0 });
      return said("Ce code n’est pas le bon.");
    }
    await store.forget("tried");
    await store.set("current", { account, label: one.label, token: one.token, day });
    location.assign(names.dataset.sheet);
  };
  // A tablet that was taken out hands in what it kept, then keeps nothing.
  const handIn = async () => {
    for (;;) {
      const waiting = (await store.all()).filter((one) => !one.sent);
      if (!waiting.length) break;
      const { some, body } = doorBatch(waiting, clock);
      const answer = await fetch(claim.dataset.revoked, {
        method: "POST", headers: { "Content-Type": "application/json" }, credentials: "same-origin",
        body: JSON.stringify(body),
      });
      if (!answer.ok) return;
      await store.sent(some, Date.now());
    }
    if (store.isBlind) return;
    await doorForget();
    await store.erase();
    document.documentElement.dataset.erased = "1";
  };

  if (door) opened();
  if (claim?.dataset.revoked) timed.then(handIn).catch(() => undefined);
  if (names) {
    store.set("current", null);
    timed.then(clock.ask).then(clock.tell);
    // Who takes the tablet sees the moment under way, whatever was looked at before.
    sessionStorage.removeItem("door-moment");
    names.addEventListener("submit", (event) => {
      event.preventDefault();
      opens();
    });
  }
})();
