// What a page does wrong for somebody who does not see colours, has no mouse, or listens. Returns sentences.
(() => {
  const found = new Set();
  const all = (wanted, root = document) => [...root.querySelectorAll(wanted)];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  const named = (element) => {
    const text = element.textContent.trim() || element.getAttribute("aria-label") || element.getAttribute("title");
    return text || all("[aria-label], title", element).length > 0;
  };
  const where = (element) => {
    const start = element.outerHTML.replace(/\s+/g, " ").slice(0, 160);
    return `${element.closest("[id]")?.id ?? ""}: ${start}`;
  };
  const colourful = (colour) => {
    const [red, green, blue, alpha = 1] = (colour.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    return alpha > 0 && Math.max(red, green, blue) - Math.min(red, green, blue) > 30;
  };

  // 1.4.1: what is coloured says in words what the colour means.
  for (const element of all("td, th, [class*=rag], [class*=heat-], [class*=mark]"))
    if (shown(element) && !element.closest("svg") && colourful(getComputedStyle(element).backgroundColor) && !named(element))
      found.add(`colour alone: ${where(element)}`);
  for (const symbol of all("svg[aria-hidden]"))
    if (shown(symbol) && /(history|rag|trend)_/.test(symbol.getAttribute("class")) && !named(symbol.parentElement))
      found.add(`a symbol without a word: ${where(symbol.parentElement)}`);

  // 2.1.1: what can be pressed can be reached.
  const reachable = "a[href], button, input, select, textarea, summary, form, [tabindex]:not([tabindex='-1'])";
  for (const element of all("[hx-get], [hx-post], [onclick], [role=button], [role=link]")) {
    const itself = /^(every|load|focus from:window)/.test(element.getAttribute("hx-trigger") ?? "");
    if (!itself && !element.matches(reachable)) found.add(`not for the keyboard: ${where(element)}`);
  }
  for (const box of all("main *")) {
    const { overflowX, overflowY } = getComputedStyle(box);
    const scrolls =
      (/auto|scroll/.test(overflowX) && box.scrollWidth > box.clientWidth + 1) ||
      (/auto|scroll/.test(overflowY) && box.scrollHeight > box.clientHeight + 1);
    if (scrolls && shown(box) && !box.matches(reachable)) found.add(`scrolls without the keyboard: ${where(box)}`);
  }

  // 4.1.3: what is said aloud is said in places that are there from the start and stay.
  for (const role of ["status", "alert"])
    if (!all(`body > [role=${role}]`).length) found.add(`no lasting place for a ${role}`);

  // 1.3.1: a table says what it is about, and every row and column has its heading.
  for (const table of all("table")) {
    const region = table.closest("[role=region]");
    const says =
      table.caption?.textContent.trim() || table.ariaLabel || table.getAttribute("aria-labelledby") ||
      (region && all("table", region).length === 1 && (region.ariaLabel || region.getAttribute("aria-labelledby")));
    if (!says) found.add(`a table without a name: ${where(table)}`);
    if (!all("th[scope=col]", table).length) found.add(`a table without headings of columns: ${where(table)}`);
    const rows = all("tbody tr", table).filter((row) => all("td", row).length > 0 && all("td[colspan]", row).length === 0);
    for (const row of rows) if (!all("th[scope=row]", row).length) found.add(`a row without a heading: ${where(row)}`);
  }

  // 2.4.4: two links with the same words lead to the same place.
  const places = new Map();
  for (const link of all("a[href]")) {
    if (!shown(link)) continue;
    const words = (link.ariaLabel || link.textContent).trim().replace(/\s+/g, " ");
    // Two places of one page are told apart by the row that the link stands in.
    const to = new URL(link.getAttribute("href"), location).href.replace(/#.*/, "");
    if (places.has(words) && places.get(words) !== to) found.add(`»${words}« leads to two places: ${places.get(words)} and ${to}`);
    else places.set(words, to);
  }

  // 3.3.1: what is wrong is tied to its field, and the title says it first.
  for (const field of all("[aria-invalid=true]")) {
    const says = (field.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id));
    if (!says.some((text) => text?.classList.contains("form-error-message") && text.textContent.trim()))
      found.add(`a wrong field that does not say why: ${where(field)}`);
  }
  const tied = new Set(all("[aria-describedby]").flatMap((field) => field.getAttribute("aria-describedby").split(" ")));
  for (const sentence of all(".form-error-message"))
    if (!tied.has(sentence.id)) found.add(`an error that belongs to no field: ${where(sentence)}`);
  if (all("[aria-invalid=true], .alert-error[role=alert]").length && !document.title.startsWith("Fejl:"))
    found.add(`the title does not say that something is wrong: ${document.title}`);

  // 2.4.7: where the focus is can be seen.
  const kinds = new Set();
  const marked = (style) =>
    (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  for (const element of all("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
    const kind = `${element.tagName} ${element.className.baseVal ?? element.className} ${element.type}`;
    if (kinds.has(kind) || !shown(element) || element.disabled) continue;
    kinds.add(kind);
    element.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== element) continue;
    const looks = [element, ...(element.labels ?? [])].flatMap((each) =>
      [null, "::before", "::after"].map((pseudo) => getComputedStyle(each, pseudo)));
    if (!looks.some(marked)) found.add(`the focus is not seen: ${where(element)}`);
  }
  document.activeElement?.blur();
  return [...found];
})();
