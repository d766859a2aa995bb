"use strict";
// A search that answers as one types: form[data-find] names the element that holds its list, data-told the
// one that says how many. Arrows go from the field to the links of the list and back. Without it, the form is sent as any other.
(() => {
  const form = document.querySelector("form[data-find]");
  const list = form && document.getElementById(form.dataset.find);
  const told = form && document.getElementById(form.dataset.told);
  const field = form?.querySelector("input[type=search]");
  if (!list || !told || !field) return;
  const PAUSE = 120;
  let timer = 0, asked = null, shown = field.value.trim();

  const address = (query, part) => {
    const url = new URL(form.getAttribute("action") || location.pathname, location.href);
    url.searchParams.set(field.name, query);
    if (part) url.searchParams.set("part", form.dataset.find);
    return url;
  };
  const find = async () => {
    const query = field.value.trim();
    asked?.abort();
    if (query === shown) return;
    asked = new AbortController();
    const { signal } = asked;
    try {
      const answer = await fetch(address(query, true), { signal });
      const page = await answer.text();
      if (signal.aborted) return;
      // Logged out meanwhile: the page that says so is the whole page's to show.
      if (answer.redirected || !answer.ok) return location.assign(address(query, false));
      list.innerHTML = page;
      told.textContent = list.firstElementChild.dataset.count;
      shown = query;
      history.replaceState(null, "", address(query, false));
    } catch (error) {
      if (error.name === "AbortError") return;
      told.textContent = told.dataset.failed;
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, PAUSE);
  });
  const links = () => [...list.querySelectorAll("li a[href]")];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = links(), here = all.indexOf(document.activeElement);
    if (here < 0 && document.activeElement !== field) return;
    const next = here + (event.key === "ArrowDown" ? 1 : -1);
    if (next >= all.length) return;
    event.preventDefault();
    (next < 0 ? field : all[next]).focus();
  });
  form.addEventListener("submit", (event) => {
    // Enter opens the family when one alone is left, as its name was typed.
    const all = links();
    if (all.length === 1 && field.value.trim() === shown && document.activeElement === field) {
      event.preventDefault();
      location.assign(all[0].href);
    }
  });
})();
