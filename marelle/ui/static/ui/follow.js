"use strict";
// A part of a page that work in the background changes: `data-follow` on an element with an id. It is read again
// every two seconds, until the server gives it back without the mark. Without it, a link does the same.
(() => {
  const EVERY = 2000;
  const read = async (id) => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
  };
  const follow = async (id) => {
    const shown = document.getElementById(id);
    if (!document.hidden && !shown.contains(document.activeElement)) {
      const next = await read(id).catch(() => undefined);
      if (next === null) return;
      if (next) shown.replaceWith(document.adoptNode(next));
    }
    if (document.getElementById(id).hasAttribute("data-follow")) setTimeout(follow, EVERY, id);
  };
  for (const part of document.querySelectorAll("[data-follow][id]")) setTimeout(follow, EVERY, part.id);
})();
