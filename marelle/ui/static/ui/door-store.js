"use strict";
// What a device keeps of the door: the ticks that wait to be sent, in their order, and who opened it today.
// When nothing more can be written they stay in memory, and the page says so. The service worker reads it too.
self.doorStore = (scope) => {
  const name = `marelle-${scope}`;
  let memory = [];
  let opened = null;
  let isBlind = false;

  const base = () => (opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("ticks", { keyPath: "n", autoIncrement: true });
      asked.result.createObjectStore("kept");
    };
    asked.onsuccess = () => {
      // Who erases it waits for nobody.
      asked.result.onversionchange = () => {
        asked.result.close();
        opened = null;
      };
      asked.result.onclose = () => { opened = null; };
      resolve(asked.result);
    };
    asked.onerror = () => {
      opened = null;
      reject(asked.error);
    };
  }));
  const run = async (store, mode, work) => {
    const transaction = (await base()).transaction(store, mode, { durability: "strict" });
    const asked = work(transaction.objectStore(store));
    // Else it ends only once this page has heard of each request, and a page closed before would abort it.
    transaction.commit?.();
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  };

  return {
    // Whether some ticks are in memory alone: closing the page would lose them.
    get isFull() { return memory.some((tick) => !tick.sent); },
    // Whether what was kept could not be read: nobody knows what waits.
    get isBlind() { return isBlind; },
    add: async (ticks) => {
      try {
        await run("ticks", "readwrite", (store) => { for (const tick of ticks) store.add(tick); });
      } catch {
        memory.push(...ticks);
      }
    },
    all: async () => {
      const kept = await run("ticks", "readonly", (store) => store.getAll()).catch(() => null);
      isBlind = kept === null;
      return [...(kept ?? []), ...memory];
    },
    // Those that the server has: kept until a page read after `at` shows them.
    sent: async (ticks, at) => {
      for (const tick of ticks) tick.sent = at;
      const kept = ticks.filter((tick) => tick.n !== undefined);
      if (kept.length) await run("ticks", "readwrite", (store) => { for (const tick of kept) store.put(tick); });
    },
    drop: async (ticks) => {
      memory = memory.filter((tick) => !ticks.includes(tick));
      const kept = ticks.filter((tick) => tick.n !== undefined);
      if (kept.length) await run("ticks", "readwrite", (store) => { for (const tick of kept) store.delete(tick.n); });
    },
    get: (key) => run("kept", "readonly", (store) => store.get(key)).catch(() => undefined),
    set: (key, value) => run("kept", "readwrite", (store) => store.put(value, key)).catch(() => undefined),
    forget: (key) => run("kept", "readwrite", (store) => store.delete(key)).catch(() => undefined),
    erase: async () => {
      const held = await base().catch(() => null);
      held?.close();
      opened = null;
      memory = [];
      indexedDB.deleteDatabase(name);
    },
  };
};
// The ticks to send first, as they are sent: at most so many, of one clock (see `doorClock`).
self.doorBatch = (ticks, clock, most = 100) => {
  const some = ticks.filter((one) => Boolean(one.own) === Boolean(ticks[0].own)).slice(0, most);
  return {
    some,
    body: { sent_at: clock.sentAt(some[0].own), ticks: some.map(({ n, shown, sent, label, own, touch, ...tick }) => tick) },
  };
};
// Pages of another day are no longer on the device; none at all without `day`.
self.doorForget = async (day) => {
  if (!self.caches) return;
  for (const name of await caches.keys()) {
    if (name.startsWith("marelle-porte-page-") && !(day && name.endsWith(day))) await caches.delete(name);
  }
};
