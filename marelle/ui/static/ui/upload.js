"use strict";
// File fields: the camera, what was chosen, and how far the sending is. Without it they are plain inputs.
(() => {
  const LONGEST = 3000;
  const told = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const sizeText = (bytes) =>
    bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} Ko` : `${(bytes / 1048576).toFixed(1).replace(".", ",")} Mo`;
  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const drawn = (picture, side) => {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = element("canvas", { width: picture.width * scale, height: picture.height * scale });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas;
  };
  // A phone's picture may be heavier than what is taken, and needs not be.
  const lighter = async (file, limit) => {
    if (file.size <= limit || !file.type.startsWith("image/")) return file;
    try {
      const canvas = drawn(await createImageBitmap(file), LONGEST);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
    } catch {
      return file;
    }
  };

  class Upload {
    constructor(box) {
      this.words = box.dataset;
      this.input = box.querySelector("input[type=file]");
      this.files = [];
      this.problem = element("p", { className: "problem", role: "alert" });
      this.list = element("ul", { className: "sent" });
      this.list.setAttribute("aria-label", this.words.list);
      this.progress = element("progress", { max: 100, hidden: true });
      this.progress.setAttribute("aria-label", this.words.checking);
      this.status = element("p", { className: "help", role: "status" });
      box.append(this.problem, this.list, this.progress, this.status);
      if (matchMedia("(pointer: coarse)").matches) this.addCamera();
      this.input.addEventListener("change", () => this.add([...this.input.files]));
      if (this.input.files.length) this.add([...this.input.files]);
    }
    addCamera() {
      const camera = element("input", { type: "file", accept: "image/*", hidden: true });
      camera.setAttribute("capture", "environment");
      const button = element("button", { type: "button", className: "btn", textContent: this.words.camera });
      button.addEventListener("click", () => camera.click());
      camera.addEventListener("change", () => {
        this.add([...camera.files]);
        camera.value = "";
      });
      this.input.after(button, camera);
    }
    async add(chosen) {
      const words = this.words;
      const problems = [];
      if (Number(words.files) === 1 && chosen.length) this.files = [];
      for (const original of chosen) {
        const file = await lighter(original, Number(words.bytes));
        const same = (each) => each.name === file.name && each.size === file.size && each.lastModified === file.lastModified;
        const sum = this.files.reduce((total, each) => total + each.size, file.size);
        if (this.files.some(same)) continue;
        if (!file.size) problems.push(told(words.empty, { name: file.name }));
        else if (file.size > Number(words.bytes))
          problems.push(told(words.heavy, { name: file.name, size: sizeText(file.size), limit: sizeText(Number(words.bytes)) }));
        else if (this.files.length >= Number(words.files))
          problems.push(Number(words.files) > 1 ? told(words.many, { n: words.files }) : words.one);
        else if (sum > Number(words.total)) problems.push(told(words.sum, { limit: sizeText(Number(words.total)) }));
        else this.files.push(file);
      }
      this.show([...new Set(problems)]);
    }
    show(problems = []) {
      const kept = new DataTransfer();
      for (const file of this.files) kept.items.add(file);
      this.input.files = kept.files;
      this.problem.textContent = problems.join(" ");
      this.list.replaceChildren(...this.files.map((file) => this.line(file)));
    }
    line(file) {
      const preview = element("span", { className: "shot" });
      preview.setAttribute("aria-hidden", "true");
      if (file.type.startsWith("image/"))
        window.createImageBitmap?.(file).then((picture) => preview.append(drawn(picture, 160))).catch(() => {});
      const remove = element("button", { type: "button", className: "btn small quiet", textContent: this.words.remove });
      remove.setAttribute("aria-label", `${this.words.remove} ${file.name}`);
      remove.addEventListener("click", () => {
        this.files = this.files.filter((each) => each !== file);
        this.show();
        this.input.focus();
      });
      return element("li", {}, preview, element("span", {}, element("b", { textContent: file.name }), ` ${sizeText(file.size)}`), remove);
    }
    moved(share) {
      const percent = Math.round(share * 100);
      this.progress.hidden = false;
      this.progress.value = percent;
      // Ten steps, so that who listens is not told each of a hundred.
      const step = Math.floor(percent / 10) * 10;
      const text = percent < 100 ? told(this.words.sending, { n: step }) : this.words.checking;
      if (this.status.textContent !== text) this.status.textContent = text;
    }
    failed() {
      this.progress.hidden = true;
      this.status.textContent = "";
      this.problem.textContent = this.words.failed;
    }
  }

  // The answer is the page that the browser would have shown, message and errors included.
  const shown = (request, kept) => {
    history.replaceState(null, "", request.responseURL);
    document.open();
    document.write(request.responseText);
    document.close();
    document.addEventListener("DOMContentLoaded", () => {
      if (!document.querySelector('.wrong, .note.error[role=alert]')) return;
      for (const [name, files] of kept) {
        const input = document.querySelector(`[data-upload] input[name="${CSS.escape(name)}"]`);
        if (!input) continue;
        const transfer = new DataTransfer();
        for (const file of files) transfer.items.add(file);
        input.files = transfer.files;
        input.dispatchEvent(new Event("change"));
      }
    });
  };
  const send = (form, uploads, submitter) => {
    const request = new XMLHttpRequest();
    const buttons = [...document.querySelectorAll("button")].filter((button) => button.form === form);
    const wait = (yes) => {
      if (yes) form.dataset.sent = "1";
      else delete form.dataset.sent;
      for (const button of buttons) yes ? button.setAttribute("aria-disabled", "true") : button.removeAttribute("aria-disabled");
    };
    const failed = () => {
      wait(false);
      for (const upload of uploads) upload.failed();
    };
    request.open("POST", submitter?.hasAttribute("formaction") ? submitter.formAction : form.action);
    request.upload.addEventListener("progress", (event) => {
      for (const upload of uploads) upload.moved(event.loaded / event.total);
    });
    request.addEventListener("error", failed);
    request.addEventListener("load", () => {
      const page = (request.getResponseHeader("Content-Type") ?? "").startsWith("text/html");
      // A page of ours says what happened; a proxy's own word for "too heavy" does not.
      if (!page || (request.status >= 400 && !request.responseText.includes('id="contenu"'))) return failed();
      shown(request, uploads.map((upload) => [upload.input.name, upload.files]));
    });
    const data = new FormData(form, submitter);
    wait(true);
    request.send(data);
  };

  for (const form of document.forms) {
    const uploads = [...form.querySelectorAll("[data-upload]")].map((box) => new Upload(box));
    if (!uploads.length) continue;
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented || !uploads.some((upload) => upload.files.length)) return;
      event.preventDefault();
      if (!form.dataset.sent) send(form, uploads, event.submitter);
    });
  }
})();
