  // What the page knows: the list at once, a screen's part when it is shown.
  const $ = (id) => document.getElementById(id);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const PART = 100;
  let words = {}, rows = [], forms = [], plan = {};
  const opened = new Map();

  const say = (name, values = {}) => (words[name] ?? name).replace(/\{(\w+)\}/g, (_, place) => values[place] ?? "");
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase().replace(/ß/g, "ss");

  // What cannot be seen, and what turns the direction of a line, is shown escaped, as in report.html.
  const visible = (text) => String(text).replace(/[\p{C}\p{Zl}\p{Zp}]|(?! |(?<=\d)\u00a0%)\p{Zs}/gu, (sign) => {
    const code = sign.codePointAt(0), named = { 9: "\\t", 10: "\\n", 13: "\\r" };
    return named[code] ?? (code < 256 ? "\\x" + code.toString(16).padStart(2, "0")
      : code < 65536 ? "\\u" + code.toString(16).padStart(4, "0") : "\\U" + code.toString(16).padStart(8, "0"));
  });

  function element(kind, name, ...inside) {
    const made = document.createElement(kind);
    if (name) made.className = name;
    made.append(...inside.filter((one) => one !== null && one !== undefined && one !== ""));
    return made;
  }
  const value = (text, name = "") => element("bdi", name, visible(text)); // a value has a direction of its own
  const labelled = (label) => element("bdi", "", ...visible(label).split(/(?<=_)/).flatMap((part) => [part, element("wbr")])); // broken after _
  const key = (text) => element("code", "", value(text));

  async function unpacked(node) {
    const bytes = Uint8Array.from(atob(node.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return JSON.parse(await new Response(stream).text());
  }

  async function readPlan() {
    plan = await unpacked($("data"));
    ({ words, rows, forms = [] } = plan);
    rows.forEach((row, at) => { row.at = at; row.id = JSON.stringify([row.key, row.other]); });
  }

  // The same plain form as etl/matching/plain.py: ü = ue = u, no accents, no capitals, a blank around each word.
  const LETTERS = { "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i" };
  const searchable = (text) => " " + text.normalize("NFKD").toLowerCase().replace(/\p{M}+/gu, "")
    .replace(/[ßøłđðþæœı]/g, (letter) => LETTERS[letter])
    .replace(/\b(?:\w\.){1,3}\w\b\.?/g, (initials) => initials.replaceAll(".", ""))
    .replace(/['’`]/g, "").replace(/([aou])e/g, "$1").replace(/[^\p{L}\p{N}]+/gu, " ").trim() + " ";
  async function makeSearchable(texts) { // a slice at a time, so that typing is never held up
    for (const row of rows) {
      row.folded = searchable(texts(row).join(" "));
      if (row.at % 4000 === 3999) await new Promise((done) => setTimeout(done));
    }
  }
  function rankOf(folded, terms) { // whole words first, then beginnings, then what is inside a word; 3: not all are there
    let rank = 0;
    for (const term of terms) {
      const one = folded.includes(` ${term} `) ? 0 : folded.includes(" " + term) ? 1 : folded.includes(term) ? 2 : 3;
      if (one === 3) return 3;
      if (one > rank) rank = one;
    }
    return rank;
  }

  function detailOf(at) {
    const part = Math.floor(at / PART);
    if (!opened.has(part)) opened.set(part, unpacked(document.querySelectorAll("script.part")[part]));
    return opened.get(part).then((details) => details[at % PART]);
  }

  const titleOf = (row) => row.name || say("nameless");
