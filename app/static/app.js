// What the pages need beside htmx: focus after an error, and a spoken word after a part of the page has changed.
"use strict";

// Said aloud in the place that stays on the page: »live« waits for its turn, »alert« does not.
function say(sentence, place = "live") {
  document.getElementById(place).textContent = sentence.trim().replace(/\s+/g, " ");
}

function announce(root) {
  const words = root.matches?.("[data-live]") ? root : root.querySelector("[data-live]");
  if (words) say(words.textContent, words.dataset.live || "live");
}

document.querySelector("[data-focus]")?.focus();

// Whoever says that the session goes on goes on where they were.
let wasAt;

document.addEventListener("focusin", ({ target, relatedTarget }) => {
  if (target.id === "go-on") wasAt = relatedTarget ?? document.getElementById("main");
});

document.addEventListener("htmx:after:swap", (event) => {
  const { target } = event.detail.ctx;
  if (target.isConnected) return; // nothing new came, and nothing is said again
  const part = document.getElementById(target.id);
  const wrong = part?.querySelector("[data-focus]");
  if (wrong) {
    wrong.focus();
    say(wrong.querySelector(".alert-heading").textContent, "alert");
  } else if (part) {
    announce(part);
    // What was pressed is gone: the focus goes to what took its place, when that can have it.
    if (document.activeElement === document.body) (part.id === "session-end" ? wasAt : part)?.focus();
  }
});

// A filter's address holds only what is filtered by: it is made to be read and mailed.
document.addEventListener("htmx:config:request", (event) => {
  const { method, body } = event.detail.ctx.request;
  if (method?.toUpperCase() !== "GET" || !(body instanceof FormData)) return;
  for (const [name, value] of [...body]) if (value === "") body.delete(name);
});

// The export button follows the filter: it exports exactly what is shown.
document.addEventListener("htmx:after:history:push", () => {
  for (const link of document.querySelectorAll("a[data-follows-filter]")) link.search = location.search;
});

// The status form: saved as it is typed. What is not saved is not left behind without a question.
const draft = document.querySelector("form[data-autosave]");
let unsaved = false;

draft?.addEventListener("input", () => {
  unsaved = true;
});

draft?.addEventListener("submit", () => {
  unsaved = false;
});

draft?.addEventListener("htmx:before:request", (event) => {
  unsaved = false;
  // A save that waited for another one is on top of what that one saved.
  event.detail.ctx.request.body.set("version", draft.elements.version.value);
});

draft?.addEventListener("htmx:finally:request", (event) => {
  const status = event.detail.ctx.response?.status;
  if (status !== 200) unsaved = true;
  // These answers say themselves what was not saved; the others are no answers to a draft.
  if ([200, 401, 409, 422].includes(status)) return;
  document.getElementById("autosave").textContent = draft.dataset.failed;
  say(draft.dataset.failed, "alert");
});

addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

// Each text says how much room is left.
document.addEventListener("input", ({ target }) => {
  if (!target.dataset?.most) return;
  const hint = document.getElementById(`${target.id}-hint`);
  const most = Number(target.dataset.most);
  const left = most - target.value.length;
  const words = left < 0 ? hint.dataset.over.replace("{over}", -left) : hint.dataset.left.replace("{left}", left);
  hint.textContent = words.replace("{most}", most);
  hint.classList.toggle("limit-exceeded", left < 0);
});

// A double click on what shows something once would let the second answer take the place of the first.
const sentAt = new WeakMap();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("shownOnce" in form.dataset)) return;
  if (event.timeStamp - sentAt.get(form) < 2000) event.preventDefault();
  else sentAt.set(form, event.timeStamp);
});

// The walk through a meeting is led by keys: none of them is a letter, so none gets in the way of dictation.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !document.querySelector(".walk")) return;
  const field = event.target.closest("input, select, textarea");
  if (field) {
    if (event.key === "Escape") field.blur();
    return;
  }
  const wanted = event.key === "F2" ? document.getElementById("verb") : document.querySelector(`[data-key~="${event.key}"]`);
  if (!wanted) return;
  event.preventDefault();
  if (event.key === "F2") wanted.focus();
  else wanted.click();
});
