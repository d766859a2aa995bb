"use strict";
importScripts({{ scripts|safe }});
// Keeps the door's pages of today for when the network drops, and the files they are made of. Never more.
const FILES = "marelle-porte-files-{{ version }}";
const PAGE = "marelle-porte-page-";
const ASSETS = {{ assets|safe }};
const KEPT = ["/porte/", "/porte/presences/", "/porte/urgence/"];
const PATIENCE = 4000;
const clock = doorClock(doorStore("porte"), "worker-clock");
const GONE = `<!doctype html><html lang="fr"><meta charset="utf-8"><title>Hors ligne</title>
<h1>Pas de réseau</h1><p>La liste d’un autre jour a été effacée de la tablette. Vos pointages sont gardés\u00a0:
ils partiront au retour du réseau. <a href="/porte/">Réessayer</a></p></html>`;

const forget = async () => {
  await clock.read();
  await doorForget(clock.today());
  for (const name of await caches.keys()) {
    if (name.startsWith("marelle-porte-files-") && name !== FILES) await caches.delete(name);
  }
};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(ASSETS)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(forget().then(() => self.clients.claim()));
});

// Opening a cache would make an empty one, after a tablet that was taken out has dropped it.
const kept = (path) => caches.match(path, { cacheName: PAGE + clock.today(), ignoreVary: true });

const asked = async (request, path) => {
  const answer = await fetch(request);
  const at = Number(answer.headers.get("X-Door-At"));
  if (at) await clock.learn(at);
  if (answer.headers.get("X-Door-Forget")) await doorForget();
  else if (answer.ok && !answer.redirected && answer.headers.get("X-Door-Day") === clock.today()) {
    await (await caches.open(PAGE + clock.today())).put(path, answer.clone());
  }
  return answer;
};

const page = async (request, path) => {
  await forget();
  const network = asked(request, path);
  const slow = new Promise((resolve) => setTimeout(resolve, PATIENCE)).then(() => kept(path));
  try {
    return (await Promise.race([network, slow])) ?? (await network);
  } catch {
    const gone = { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } };
    return (await kept(path)) ?? new Response(GONE, gone);
  }
};

const file = async (request) => {
  const found = await caches.match(request, { ignoreVary: true });
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(FILES)).put(request, answer.clone());
  return answer;
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (KEPT.includes(pathname)) event.respondWith(page(request, pathname));
  else if (ASSETS.includes(pathname) || pathname.startsWith("/static/")) event.respondWith(file(request));
});
