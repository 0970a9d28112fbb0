// What the pages need beside htmx: focus after an error, and a spoken word after a part of the page has changed.
"use strict";

function announce(root) {
  const words = root.querySelector("[data-live]");
  if (words) document.getElementById("live").textContent = words.textContent;
}

document.querySelector("[data-focus]")?.focus();

document.addEventListener("htmx:after:swap", (event) => {
  announce(document.getElementById(event.detail?.ctx?.target?.id) ?? document);
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
