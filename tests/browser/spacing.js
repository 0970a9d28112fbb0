// WCAG 1.4.12: with the text spaced as far as a reader may ask, nothing is cut off and nothing scrolls sideways.
(() => {
  const spaced = new CSSStyleSheet();
  spaced.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [spaced];
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    // .two-lines: the start of a status on Overblik, all of which stands on the project's page that the row leads to.
    if (element.closest(".sr-only, .two-lines, svg") || !element.textContent.trim() || !element.checkVisibility()) continue;
    const { overflowX, overflowY } = getComputedStyle(element);
    const cut =
      (/hidden|clip/.test(overflowY) && element.scrollHeight > element.clientHeight + 1 && element.clientHeight > 1) ||
      (/hidden|clip/.test(overflowX) && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1);
    if (cut) found.push(`cut off when widely spaced: ${element.outerHTML.slice(0, 160)}`);
  }
  const needed = document.documentElement.scrollWidth;
  if (needed > innerWidth) found.push(`${needed} pixels wide when widely spaced on a screen of ${innerWidth}`);
  document.adoptedStyleSheets = [];
  return found;
})();
