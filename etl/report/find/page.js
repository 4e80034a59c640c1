"use strict";
(() => {
  const MOST = 200, SLICE = 4000, PAUSE = 120;
  const { words, rows } = JSON.parse(document.getElementById("data").textContent);
  const query = document.getElementById("query"), hits = document.getElementById("hits");
  const count = document.getElementById("count"), number = new Intl.NumberFormat(document.documentElement.lang);
  const LETTERS = { "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i" };

  // The same plain form as etl/matching/plain.py: ü = ue = u, no accents, no capitals, a blank around each word.
  const plain = (text) => " " + text.normalize("NFKD").toLowerCase().replace(/\p{M}+/gu, "")
    .replace(/[ßøłđðþæœı]/g, (letter) => LETTERS[letter])
    .replace(/\b(?:\w\.){1,3}\w\b\.?/g, (initials) => initials.replaceAll(".", ""))
    .replace(/['’`]/g, "").replace(/([aou])e/g, "$1").replace(/[^\p{L}\p{N}]+/gu, " ").trim() + " ";
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const folded = [];
  function fold() { // a slice at a time, so that typing is never held up
    const end = Math.min(folded.length + SLICE, rows.length);
    for (let at = folded.length; at < end; at++) folded.push(plain([rows[at][0], rows[at][1], rows[at][2], rows[at][5]].join(" ")));
    if (end < rows.length) setTimeout(fold, 0);
    else search();
  }

  function matches(text) { // whole words first, then beginnings, then what is inside a word
    const terms = plain(text).trim().split(" ").filter(Boolean), ranks = [[], [], []];
    for (let at = 0; at < folded.length; at++) {
      let rank = 0;
      for (const term of terms) {
        const one = folded[at].includes(" " + term + " ") ? 0 : folded[at].includes(" " + term) ? 1
          : folded[at].includes(term) ? 2 : 3;
        if (one > rank) rank = one;
        if (rank === 3) break;
      }
      if (rank < 3) ranks[rank].push(at);
    }
    return terms.length ? ranks.flat() : null;
  }

  function element(kind, name, text) {
    const made = document.createElement(kind);
    made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function drawn([name, city, company, decision, lead, keys]) {
    const item = element("li", ""), who = element("span", "who");
    const state = lead !== null ? say(words.lead, { id: lead }) : words[decision === "lead" ? "lead+" : decision];
    // Each in an element of its own direction: a name from right to left turns nothing around it.
    who.append(element("bdi", "name", name || words.nameless));
    for (const text of [company, city, keys]) if (text) who.append(element("bdi", "city", text));
    item.append(who, element("span", lead !== null || decision === "lead" ? "state lead" : "state", state || decision));
    return item;
  }

  function search() {
    if (folded.length < rows.length) { count.textContent = words.loading; return; }
    const found = matches(query.value), values = { total: number.format(rows.length) };
    if (found === null) {
      hits.replaceChildren();
      count.textContent = say(words.start, values);
      return;
    }
    const shown = found.slice(0, MOST);
    Object.assign(values, { found: number.format(found.length), shown: number.format(shown.length) });
    hits.replaceChildren(...shown.map((at) => drawn(rows[at])));
    count.textContent = say(!found.length ? words.none : found.length > MOST ? words.some : words.count, values);
  }

  let waiting;
  query.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, PAUSE); });
  document.getElementById("form").addEventListener("submit", (event) => { event.preventDefault(); search(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== query) { event.preventDefault(); query.focus(); }
    if (event.key === "Escape" && query.value) { query.value = ""; query.focus(); search(); }
  });
  count.textContent = words.loading;
  fold();
})();
