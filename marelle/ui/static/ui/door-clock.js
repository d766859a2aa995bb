"use strict";
// What time it is, on a device whose clock may be wrong: the server says so as it answers, and is believed. Without
// network the device goes on from there. Days are those of Paris, whatever its zone.
self.doorClock = (store, key = "clock") => {
  const TRUSTED = 120_000;
  const PARIS = { timeZone: "Europe/Paris" };
  const days = new Intl.DateTimeFormat("sv-SE", PARIS);
  const dates = new Intl.DateTimeFormat("fr-FR", { ...PARIS, dateStyle: "long" });
  const hours = new Intl.DateTimeFormat("fr-FR", { ...PARIS, timeStyle: "short" });
  // How much it is late, and what the server said last.
  let off = 0;
  let told = 0;

  const dayOf = (at) => days.format(new Date(at));
  const own = () => Date.now();
  const words = (at) => `${dates.format(at)}, ${hours.format(at).replace(/^0/, "").replace(":", "\u00a0h\u00a0")}`;
  // Put right since, without network: its own day is that of the server again.
  const right = () => (dayOf(own() + off) !== dayOf(told) && dayOf(own()) === dayOf(told) ? own() : own() + off);
  // Time does not go back: a device that has started again without its date knows no hour.
  const isLost = () => right() < told - TRUSTED;
  const now = () => (isLost() ? told : right());
  const iso = (at) => new Date(at).toISOString();
  const learn = (at) => {
    const wrong = at - own();
    off = Math.abs(wrong) > TRUSTED ? wrong : 0;
    told = at;
    return store.set(key, { off, told });
  };

  return {
    now,
    learn,
    today: () => dayOf(now()),
    read: async () => { ({ off, told } = (await store.get(key)) ?? { off, told }); },
    // Whether the server answers, and what time it is there.
    ask: async () => {
      try {
        const signal = AbortSignal.timeout?.(10_000);
        const answer = await fetch("/porte/service-worker.js", { method: "HEAD", cache: "no-store", signal });
        const at = Number(answer.headers.get("X-Door-At"));
        if (at) await learn(at);
        return true;
      } catch {
        return false;
      }
    },
    // Of a tick, when it is made: `own` where nothing better than the clock of the device is known, which the server
    // sets right by what that clock says as the tick is sent.
    stamp: () => (isLost() ? { at: iso(own()), own: true } : { at: iso(now()) }),
    sentAt: (isOwn) => (isOwn ? iso(own()) : isLost() ? null : iso(now())),
    // A clock that is wrong is said so, where the page has a place for it.
    tell: () => {
      const place = document.getElementById("door-clock");
      if (!place) return;
      const said = `L’horloge de cet appareil n’est pas à l’heure\u00a0: elle dit «\u00a0${words(own())}\u00a0».`;
      const taken = `Nous sommes le ${words(now())}\u00a0: c’est l’heure qui compte ici.`;
      const unknown = "Sans réseau, personne ne sait l’heure\u00a0: celle de vos pointages sera à vérifier par le bureau.";
      place.hidden = Math.abs(now() - own()) <= TRUSTED;
      place.querySelector("p").textContent = `${said} ${isLost() ? unknown : taken} Pensez à régler l’appareil.`;
    },
  };
};
