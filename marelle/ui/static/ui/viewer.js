"use strict";
// A picture beside a decision: turned by quarters, and made larger, where it stands. Without it, a link opens it.
(() => {
  const LARGEST = 3;
  for (const part of document.querySelectorAll(".viewer section")) {
    const picture = part.querySelector("figure img");
    if (!picture) continue;
    const on = (name, act) => {
      const button = part.querySelector(name);
      button.hidden = false;
      button.addEventListener("click", act);
    };
    on("[data-turn]", () => { picture.dataset.turned = ((Number(picture.dataset.turned) || 0) + 1) % 4; });
    on("[data-zoom]", () => { picture.dataset.zoomed = ((Number(picture.dataset.zoomed) || 1) % LARGEST) + 1; });
  }
})();
