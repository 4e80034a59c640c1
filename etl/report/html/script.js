"use strict";
(() => {
  const words = {/* words */};
  const language = document.documentElement.lang, LEAST = 6;
  const number = new Intl.NumberFormat(language), collator = new Intl.Collator(language, { numeric: true });
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase();
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  document.body.append(status);

  // A cell's value: 1,204 and 1.204 are numbers, and so is a share; anything else is text.
  const DIGITS = language === "de" ? /^[<>]?\d{1,3}(\.\d{3})*(,\d+)?/ : /^[<>]?\d{1,3}(,\d{3})*(\.\d+)?/;
  function valueOf(row, column) {
    const text = row.cells[column].textContent.trim(), found = text.match(DIGITS);
    if (!found || !row.cells[column].classList.contains("n")) return text;
    return Number(found[0].replace(/[<>]/, "").replace(language === "de" ? /\./g : /,/g, "").replace(",", "."));
  }

  const compare = (one, other) => typeof one === "number" && typeof other === "number" ? one - other
    : collator.compare(String(one), String(other));

  function sort(table, head, column) {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows], last = rows.filter((row) => row.classList.contains("total"));
    const keyed = rows.filter((row) => !last.includes(row)).map((row) => [valueOf(row, column), row]);
    keyed.sort((one, other) => (down ? -1 : 1) * compare(one[0], other[0]));
    table.tBodies[0].append(...keyed.map(([, row]) => row), ...last);
    status.textContent = say(words["Sorted by {column}"], { column: head.textContent.trim() });
  }

  function sortable(table) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, head, column));
      head.append(button);
    });
  }

  function searchable(table) {
    const rows = [...table.tBodies[0].rows], box = document.createElement("p"), label = document.createElement("label");
    const query = document.createElement("input"), count = document.createElement("output");
    const title = table.caption.textContent;
    query.type = "search";
    query.autocomplete = "off";
    query.setAttribute("aria-label", `${words["Search this table"]}: ${title}`);
    query.placeholder = words["Search this table"];
    box.className = "search";
    label.append(query);
    box.append(label, count);
    table.parentElement.before(box);
    let folded;
    query.addEventListener("input", () => {
      folded ??= rows.map((row) => plain(row.textContent));
      const terms = plain(query.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, at) => {
        row.hidden = !terms.every((term) => folded[at].includes(term));
        shown += row.hidden ? 0 : 1;
      });
      const values = { shown: number.format(shown), all: number.format(rows.length) };
      count.textContent = terms.length ? say(words["{shown} of {all} rows"], values) : "";
    });
  }

  function ready(table) {
    if (table.dataset.ready || !table.tHead) return;
    table.dataset.ready = "yes";
    if (table.tBodies[0].rows.length > 1) sortable(table);
    if (table.tBodies[0].rows.length >= LEAST) searchable(table);
  }

  // What a link leads to is opened, and gets the focus: by mouse and by keyboard alike.
  function reveal() {
    const name = decodeURIComponent(location.hash.slice(1)), found = name && document.getElementById(name);
    if (!found) return;
    for (let at = found; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    const focus = found.tagName === "DETAILS" ? found.querySelector("summary") : found;
    if (!focus.matches("summary, a, [tabindex]")) focus.tabIndex = -1;
    found.scrollIntoView();
    focus.focus({ preventScroll: true });
  }

  for (const table of document.querySelectorAll("table")) {
    const folded = table.closest("details:not([open])");
    if (folded) folded.addEventListener("toggle", () => ready(table), { once: true });
    else ready(table);
  }
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => { // a second click on the same link opens it again, too
    const link = event.target.closest("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) reveal();
  });
  reveal();
})();
