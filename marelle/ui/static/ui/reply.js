"use strict";
// A ready answer put under what is typed, at once. Without it the button sends the form, and the page comes back so filled.
(() => {
  const button = document.querySelector("button[data-insert]");
  const list = button && document.getElementById(button.dataset.insert);
  const field = button?.form.querySelector("textarea");
  if (!list || !field) return;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const reply = list.selectedOptions[0]?.dataset.text;
    if (!reply) return list.focus();
    const typed = field.value.trimEnd();
    const start = typed ? typed.length + 2 : 0;
    field.value = typed ? `${typed}\n\n${reply}` : reply;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
    const left = /\{[^{}\n]*\}/.exec(reply);
    if (left) field.setSelectionRange(start + left.index, start + left.index + left[0].length);
  });
})();
