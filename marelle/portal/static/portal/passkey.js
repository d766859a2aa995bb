"use strict";
// Passkeys: what the page asks for goes to the browser, and what it signed goes back by the page's own form.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const asked = (form) => {
    const { publicKey } = JSON.parse(form.dataset.options);
    publicKey.challenge = bytes(publicKey.challenge);
    if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
    for (const list of ["excludeCredentials", "allowCredentials"]) {
      for (const one of publicKey[list] ?? []) one.id = bytes(one.id);
    }
    return { publicKey };
  };
  const written = (made) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = text(made.response[name]);
    }
    return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
  };

  if (!window.PublicKeyCredential) return;
  for (const form of document.querySelectorAll("[data-passkey]")) {
    const button = form.querySelector("[data-passkey-button]");
    const status = form.querySelector("[data-passkey-status]");
    form.querySelector("[data-passkey-words]").hidden = true;
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (!form.reportValidity()) return;
      status.textContent = "";
      button.disabled = true;
      try {
        form.elements.passkey.value = written(await navigator.credentials[form.dataset.passkey](asked(form)));
        form.submit();
      } catch {
        status.textContent = status.dataset.failed;
        button.disabled = false;
      }
    });
  }
})();
