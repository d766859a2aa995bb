"use strict";
// « Je ne suis pas un robot »: ticking the box sets the browser to work, in a worker of ours, for about a
// second. Where this script or the worker cannot run, the question in words stays.
(() => {
  for (const robot of document.querySelectorAll("[data-robot]")) {
    const part = (name) => robot.querySelector(`[data-robot-${name}]`);
    const box = part("box").querySelector("input");
    const { doing, done, failed, worker: source } = robot.dataset;
    const challenge = JSON.parse(robot.dataset.work);
    const solution = part("solution");
    // A page read again may put back what it held: a proof serves once.
    solution.value = "";
    box.checked = false;
    let worker = null;
    let pressed = null; // The button of a form sent while the work is going on.

    const say = (text) => { part("status").textContent = text; };
    const ask = (shown) => {
      part("question").hidden = !shown;
      part("box").hidden = shown;
      box.required = !shown;
    };
    const finish = (answer) => {
      worker.terminate();
      worker = null;
      solution.value = btoa(JSON.stringify({ challenge, solution: answer }));
      say(done);
      if (pressed) pressed.click();
      pressed = null;
    };
    const giveUp = () => {
      worker = null;
      pressed = null;
      ask(true);
      say(failed);
    };
    const start = () => {
      if (worker || solution.value) return;
      say(doing);
      try {
        worker = new Worker(source);
      } catch {
        return giveUp();
      }
      worker.onmessage = ({ data }) => finish(data);
      worker.onerror = giveUp;
      worker.postMessage(challenge.parameters);
    };

    ask(false);
    box.addEventListener("change", () => {
      if (box.checked) start();
      else box.checked = Boolean(worker || solution.value);
    });
    box.form.addEventListener("submit", (event) => {
      if (!worker) return;
      event.preventDefault();
      pressed = event.submitter ?? box.form.querySelector("button");
    });
    if ("again" in robot.dataset) {
      box.checked = true;
      start();
    }
  }
})();
