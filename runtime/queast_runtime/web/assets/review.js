// Keys for the review page. Everything they do is a link or a button that works without them: an element says with
// data-key which key presses it. Nothing here builds markup, reads a name or talks to the server.
(() => {
  "use strict";

  const STORED = "qmap.keys";
  const isOn = () => localStorage.getItem(STORED) !== "off";
  const one = (selector) => document.querySelector(selector);

  const types = (element) =>
    element instanceof HTMLElement &&
    (element.isContentEditable ||
      element.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=submit])"));

  // In a list J and K move between the rows; elsewhere an element carries the key.
  function step(by) {
    const rows = [...document.querySelectorAll("[data-row] a")];
    if (rows.length === 0) return false;
    const at = rows.indexOf(document.activeElement);
    if (at < 0 && by < 0) return false;
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    next.focus();
    return true;
  }

  function openKeys() {
    const dialog = one("#keys");
    if (!dialog || dialog.open) return false;
    dialog.showModal();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.repeat || event.isComposing || !isOn()) return;
    if (event.ctrlKey || event.altKey || event.metaKey || types(event.target)) return;
    if (one("dialog[open]")) return;
    if (event.key === "?") {
      if (openKeys()) event.preventDefault();
      return;
    }
    if (event.shiftKey || !/^[a-z1-5]$/.test(event.key)) return;
    if ((event.key === "j" && step(1)) || (event.key === "k" && step(-1))) {
      event.preventDefault();
      return;
    }
    const pressed = one(`[data-key="${event.key}"]:not(:disabled)`);
    if (pressed) {
      event.preventDefault();
      pressed.click();
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.id === "keys-on") localStorage.setItem(STORED, event.target.checked ? "on" : "off");
    if (event.target.name === "pick") countPicks();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-opens-keys]");
    // Opened in a new tab, or where there is no dialog, the link leads to the page of keys.
    if (opener && !event.ctrlKey && !event.metaKey && openKeys()) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (event.target.closest?.("[data-pick-all]")) {
      const boxes = picks();
      const all = boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = !all;
      countPicks();
    }
  }, true);

  const picks = () => [...document.querySelectorAll("input[name=pick]:not(:disabled)")].filter((box) => box.type === "checkbox");

  function countPicks() {
    const button = one("[data-pick-all]");
    if (!button) return;
    const boxes = picks();
    const picked = boxes.filter((box) => box.checked).length;
    button.textContent = picked ? `${picked} of ${boxes.length} picked` : "Pick all on this page";
  }

  // A page that came in place of the one before: say what is new, and put the focus where reading goes on.
  function arrive(swapped) {
    const box = one("#keys-on");
    if (box) box.checked = isOn();
    const all = one("[data-pick-all]");
    if (all) all.hidden = picks().length === 0;
    if (!swapped) return;
    const says = [...document.querySelectorAll("[data-says]")].map((each) => each.textContent.trim().replace(/\s+/g, " "));
    one("#live").textContent = says.join(" ");
    const choosing = new URLSearchParams(location.search).has("candidate");
    const place = (choosing && one("[data-candidate][aria-current]")) || one("#main h1") || one("#main");
    place.focus({ preventScroll: true });
  }

  document.addEventListener("DOMContentLoaded", () => arrive(false));
  document.addEventListener("htmx:afterSettle", () => arrive(true));
  if (document.readyState !== "loading") arrive(false);
})();
